"""What one column says of a transfer, in a sentence an investigator can check."""

from __future__ import annotations

from algorithms.features.spec import DAY_S
from core.message import Said, Value, say

#: Which end of the transfer, in which direction of its payments.
_SIDES = {
    "src_out": "payer paid", "src_in": "payer received", "dst_out": "payee paid", "dst_in": "payee received",
}  # fmt: skip
_STATISTICS = {
    "fan": "{side}: {v:.0f} different counterparties, {within}", "degree": "{side}: {v:.0f} payments, {within}",
    "ratio": "{side}: {v:.1f} payments a counterparty, {within}", "mean": "{side}: mean {money:,.2f}, {within}",
    "sum": "{side}: {money:,.2f} together, {within}", "var": "{side}: spread of amounts {spread:,.2f}, {within}",
    "skew": "{side}: skew of amounts {v:.2f}, {within}", "kurtosis": "{side}: kurtosis of amounts {v:.2f}, {within}",
    "age_mean_s": "{side}: on average {hours:.1f} h ago, {within}", "age_sd_s": "{side}: spread over {hours:.1f} h, {within}",
}  # fmt: skip
_PLAIN = {
    "history:pair_count": "earlier payments from this payer to this payee: {v:.0f}",
    "history:pair_since_s": "since the last payment of this pair: {ago}",
    "history:reverse_count": "earlier payments the other way: {v:.0f}",
    "history:reverse_since_s": "since the last payment the other way: {ago}",
    "history:src_since_out_s": "since the payer last paid: {ago}", "history:src_since_in_s": "since the payer last received: {ago}",
    "history:src_seen_s": "since the payer was first seen: {ago}",
    "history:src_last_in_ratio": "amount as a share of what the payer last received: {share}",
    "history:dst_since_out_s": "since the payee last paid: {ago}", "history:dst_since_in_s": "since the payee last received: {ago}",
    "history:dst_seen_s": "since the payee was first seen: {ago}",
    "history:dst_last_in_ratio": "amount as a share of what the payee last received: {share}",
    "fact:log_amount": "the amount itself", "fact:hour": "hour of the day: {v:.0f}", "fact:weekday": "day of the week: {v:.0f}",
    "fact:round_hundreds": "a round amount: {yes}", "fact:is_converted": "currency converted: {yes}",
    "fact:src_age_days": "age of the payer's account: {days}", "fact:dst_age_days": "age of the payee's account: {days}",
    "fact:shared_identifiers": "phones, devices, addresses or owners in common: {v:.0f}",
}  # fmt: skip
_PATTERNS = {
    "scatter_gather": "scatter-gathers with {v:.0f} x at least {least} middles",
    "temporal_cycle": "cycles in order of time of at least {least} payments: {v:.0f}",
    "cycle": "cycles of at least {least} payments: {v:.0f}",
}
_FLOWS = {
    "covered_share": "share of the amount that the payer had received, {within}: {share}",
    "left_share": "share of what the payer received that has left, {within}: {share}",
}
TEMPLATES = (*_SIDES.values(), *_STATISTICS.values(), *_PLAIN.values(), *_PATTERNS.values(), *_FLOWS.values())


def tell(name: str, value: float) -> Said:
    """The column's value in words; windows are named by days or hours. Amounts are in the currency's major unit of two decimals."""
    if name in _PLAIN:
        none = say("nothing to compare")
        return _of(
            _PLAIN[name], v=value, ago=_ago(value), share=none if value < 0 else say("{share:.2f}", share=value),
            yes=say("yes") if value else say("no"), days=say("not known") if value < 0 else say("{n:.0f} days", n=value),
        )  # fmt: skip
    group, _, rest = name.partition(":")
    if group in _PATTERNS:
        return say(_PATTERNS[group], v=value, least=rest)
    what, _, window = rest.rpartition("_")
    within = _within(int(window))
    if group == "flow":
        share = say("nothing received") if value < 0 else say("{share:.2f}", share=value)
        return say(_FLOWS[what], within=within, share=share)
    end, way, statistic = what.split("_", 2)
    return _of(
        _STATISTICS[statistic], side=say(_SIDES[f"{end}_{way}"]), within=within, v=value, money=value / 100,
        spread=max(value, 0.0) ** 0.5 / 100, hours=value / 3600,
    )  # fmt: skip


def _of(template: str, **values: Value) -> Said:
    """The sentence with only the values its template names: the others would be stored with it."""
    return say(template, **{name: value for name, value in values.items() if f"{{{name}" in template})


def _within(seconds: int) -> Said:
    if seconds % DAY_S == 0:
        return say("within {n} d", n=seconds // DAY_S)
    return say("within {n:.1f} h", n=seconds / 3600)


def _ago(seconds: float) -> Said:
    if seconds < 0:
        return say("never before")
    if seconds < 7200:
        return say("{n:.0f} min", n=seconds / 60)
    return say("{n:.0f} h", n=seconds / 3600) if seconds < 172_800 else say("{n:.0f} d", n=seconds / 86_400)
