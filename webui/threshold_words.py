"""A rule's thresholds as people read them: names in words, fen as money, seconds as spans of time."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from core import money
from webui.words import word

THRESHOLDS: dict[str, LazyString] = {
    "single_minor": _l("one payment"), "daily_minor": _l("payments of a day"),
    "call_within_s": _l("call at most so long ago"), "min_call_s": _l("call at least so long"),
    "min_amount_minor": _l("amount at least"), "min_score": _l("finding's score at least"),
    "swap_window_s": _l("swaps within"), "max_swaps": _l("swaps at most"), "idle_s": _l("silent for"),
    "min_payers_1h": _l("payers in an hour, at least"), "min_payers_24h": _l("payers in a day, at least"),
    "young_s": _l("account younger than"), "min_pass_ratio": _l("passed on, at least"),
    "min_payees_1h": _l("payees in an hour, at least"), "min_sum_minor": _l("sum at least"),
    "large_minor": _l("large from"), "window_s": _l("within"), "min_count": _l("payments at least"),
    "lists": _l("lists that name it, at least"), "max_distance": _l("steps at most"),
    "max_wait_s": _l("goes on within"), "min_ratio": _l("share that goes on, at least"),
    "max_ratio": _l("share that goes on, at most"), "min_in_minor": _l("received at least"),
    "min_in_24h_minor": _l("received in a day, at least"), "min_device_users": _l("accounts of a device, at least"),
    "min_ip_users": _l("accounts of an address, at least"), "low_minor": _l("from"), "high_minor": _l("below"),
    "round_unit_minor": _l("round to"), "min_deviations": _l("deviations above the habit, at least"),
    "min_times_max": _l("times the largest so far, at least"), "max_share": _l("share of this hour, at most"),
    # of a rule, and of the whole set
    "rule": _l("rule"), "score": _l("score"), "enabled": _l("on"), "interdict": _l("at least"), "block": _l("block"),
    "until": _l("ends"), "home_country": _l("home country"), "zone_offset_s": _l("time ahead of UTC"),
    "alert_score": _l("alert from"), "challenge_score": _l("challenge from"), "hold_score": _l("hold from"),
    "refuse_score": _l("refuse from"), "auto_hold_limit_minor": _l("held until verified up to"),
    "auto_hold_s": _l("held until verified for"), "person_hold_s": _l("held for a person for"),
}  # fmt: skip
_SHARES = {"min_pass_ratio", "min_ratio", "max_ratio", "max_share"}


def threshold(name: str) -> str:
    """What a threshold is, in words; a rate of a currency by its code; an unknown one as plain words."""
    if name.startswith("rate "):
        return str(_("rate of %(currency)s", currency=name.removeprefix("rate ")))
    found = THRESHOLDS.get(name)
    return str(found) if found is not None else name.replace("_", " ")


def threshold_value(value: Any, name: str) -> str:
    """Its value: money of the reporting currency, a span of time, a share, or the plain number; a dash for none."""
    if value in (None, ""):
        return "—"
    if name in ("interdict", "block"):
        return word(str(value), "answer" if name == "interdict" else "block")
    if name == "rule":
        return str(_("in the set"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name.endswith("_minor"):
        return money.show(int(value), "CNY")
    if name.endswith("_s"):
        return _span(int(value))
    if name in _SHARES:
        return f"{value:.0%}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _span(seconds: int) -> str:
    """Exactly, in the largest unit that leaves nothing over: a threshold of 30 days is not four weeks."""
    if seconds and seconds % 86_400 == 0:
        return str(ngettext("%(num)s day", "%(num)s days", seconds // 86_400))
    if seconds and seconds % 3_600 == 0:
        return str(ngettext("%(num)s hour", "%(num)s hours", seconds // 3_600))
    if seconds and seconds % 60 == 0:
        return str(ngettext("%(num)s minute", "%(num)s minutes", seconds // 60))
    return str(ngettext("%(num)s second", "%(num)s seconds", seconds))
