"""Structuring: several payments just under an amount from which banks must report or stop them, where one would have passed it.

Thresholds are law, one list per currency: 31 USC 5324 for the US, the People's Bank of China's order 3 of 2016 on
large-value transactions. The FFIEC's examination manual lists amounts just below thresholds and round sums (appendix F).
A shop's prices or a wage can lie there too, so the payments just above and the
account's other payments are counted against it. Cash drawn in pieces up to a day's limit is the same thing by machine. See docs/detection/structuring.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, field_validator

from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._base import Algorithm, Found, Task
from algorithms._fan import best_windows
from algorithms._flow import Bools, Ints
from algorithms._pattern import Candidate, PatternParams, Scene, Text, amount, hours, many, report, scene, weigh
from core.clock import DAY_MS
from core.message import Amount, Value, say
from core.money import EXPONENT, show

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.25, "under": 0.25, "alone": 0.20, "round": 0.10, "cash": 0.10, "same_day": 0.10}
#: Reports are due from this amount on: payments below it avoid them. CNY: cash, and transfers of a person within China.
REPORTED_FROM: dict[str, tuple[int, ...]] = {
    "CNY": (5_000_000, 50_000_000), "EUR": (1_000_000,), "AUD": (1_000_000,), "CAD": (1_000_000,),
}  # fmt: skip
#: Not reported up to and including this amount.
ALLOWED_TO: dict[str, tuple[int, ...]] = {"USD": (1_000_000,)}
#: A card's cash a day at machines.
CASH_A_DAY: dict[str, tuple[int, ...]] = {"CNY": (2_000_000,)}


class StructuringParams(PatternParams):
    """Parameters; the two lists have minor units by currency, currencies not named are left out."""

    window_s: int = Field(3 * 86_400, ge=0, description="Length of the burst")
    reported_from: dict[str, tuple[int, ...]] = Field(
        default=REPORTED_FROM, description="Amounts from which payments are reported, by currency: look just below"
    )
    allowed_to: dict[str, tuple[int, ...]] = Field(
        default=ALLOWED_TO, description="Amounts up to which payments pass, by currency: look at and just below"
    )
    band_share: float = Field(0.1, gt=0, lt=0.5, description="Just under: at most this share below the amount")
    cash_a_day: dict[str, tuple[int, ...]] = Field(
        default=CASH_A_DAY,
        description="Cash an account may draw a day, by currency: look at days that reach it in pieces",
    )
    utc_offset_s: int = Field(
        28_800, ge=-86_400, le=86_400, description="When a day begins: China's is eight hours early"
    )
    min_payments: int = Field(3, ge=2, description="Payments just under it within one burst")

    @field_validator("reported_from", "allowed_to", "cash_a_day")
    @classmethod
    def _positive(cls, lists: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        for currency, amounts in lists.items():
            if any(amount <= 0 for amount in amounts):
                raise ValueError(f"amounts of {currency} must be above 0")
        return lists


def find(task: Task, params: StructuringParams) -> list[Found]:
    """One finding per account, direction, currency and threshold: its densest burst, or all days of full cash.

    Cost: transfers x thresholds.
    """
    here = scene(task, params)
    made, flow = [], here.flow
    for code, currency in enumerate(here.money.currencies):
        of_currency = (flow.currency == code) & (flow.src != flow.dst)
        for limit, included in _limits(currency, params):
            for incoming in (False, True):
                task.progress(0.5, f"payments just under {show(limit, currency)}")
                made += _bursts(here, of_currency, (limit, included, incoming), params)
        for limit in params.cash_a_day.get(currency, ()):
            made += _full_days(here, of_currency, limit, params)
    return report(here, made, params, lambda candidate: _words(here, candidate, params))


def _limits(currency: str, params: StructuringParams) -> list[tuple[int, bool]]:
    """(amount, whether it still passes itself) of a currency."""
    below = [(amount, False) for amount in params.reported_from.get(currency, ())]
    return below + [(amount, True) for amount in params.allowed_to.get(currency, ())]


def _bursts(
    here: Scene, of_currency: Bools, rule: tuple[int, bool, bool], params: StructuringParams
) -> list[Candidate]:
    limit, included, incoming = rule
    flow = here.flow
    centre = flow.dst if incoming else flow.src
    passes = flow.amount <= limit if included else flow.amount < limit
    low = limit * (1.0 - params.band_share)
    under = of_currency & passes & (flow.amount >= low)
    over = of_currency & ~passes & (flow.amount <= limit * (1.0 + params.band_share))
    # Of payments of half the amount or more, how many lie just under it, and how many just above?
    large = np.bincount(centre[of_currency & (2 * flow.amount >= limit)], minlength=flow.n_nodes)
    above = np.bincount(centre[over], minlength=flow.n_nodes)
    closed = here.hub | (flow.kind == fl.CASH) | (flow.kind == fl.WALLET)
    rows = np.flatnonzero(under & ~closed[centre])
    if not len(rows):
        return []
    start, order = kernel.group(centre[rows], flow.n_nodes)
    best, first, last = best_windows(start, order, np.arange(len(rows)), flow.at_ms[rows], params.window_s * 1000)
    made = []
    for node in np.flatnonzero(best >= params.min_payments).tolist():
        part = rows[order[first[node] : last[node] + 1]]
        counts = (int(large[node]), int(above[node]))
        made.append(_candidate(here, part, node, counts, (limit, incoming), params))
    return made


def _candidate(
    here: Scene, part: Ints, node: int, counts: tuple[int, int], rule: tuple[int, bool], params: StructuringParams
) -> Candidate:
    flow, (large, above), (limit, incoming) = here.flow, counts, rule
    currency = int(flow.currency[part[0]])
    amounts, days = flow.amount[part], flow.at_ms[part] // DAY_MS
    others = (flow.src if incoming else flow.dst)[part]
    _, a_day = np.unique(days, return_counts=True)
    exits = flow.cash_exit[part] | (flow.kind[others] == fl.CASH)
    signs = {
        "many": many(len(part), params.min_payments),
        "under": 1.0 - above / (above + len(part)),
        "alone": len(part) / max(large, 1),
        "round": float((amounts % _round_step(here.money.currencies[currency], limit) == 0).mean()),
        "cash": float(exits.mean()),
        "same_day": float(a_day[a_day > 1].sum()) / len(part),
    }
    figures: dict[str, Any] = {
        "threshold_minor": limit, "direction": "in" if incoming else "out", "partners": len(np.unique(others)),
        "just_above": above, "large_payments": large, "largest_minor": int(amounts.max()), "smallest_minor": int(amounts.min()),
    }  # fmt: skip
    amount = int(amounts.sum())
    score = weigh(signs, WEIGHTS, here.busy_share([node]))
    return Candidate(part, currency, amount, score, signs, {"structurer": [node]}, figures)


def _full_days(here: Scene, of_currency: Bools, limit: int, params: StructuringParams) -> list[Candidate]:
    """One candidate per account that drew cash in pieces which together reach the day's limit, and never more."""
    flow = here.flow
    cash = of_currency & (flow.cash_exit | (flow.kind[flow.dst] == fl.CASH))
    rows = np.flatnonzero(cash & ~here.hub[flow.src])
    if not len(rows):
        return []
    day = (flow.at_ms[rows] + params.utc_offset_s * 1000) // DAY_MS
    _, of = np.unique(np.stack([flow.src[rows], day]), axis=1, return_inverse=True)
    of = of.ravel().astype(np.int64)
    drawn, pieces = np.bincount(of, weights=flow.amount[rows])[of], np.bincount(of)[of]
    full = (drawn >= limit * (1.0 - params.band_share)) & (drawn <= limit) & (pieces >= 2)
    # An account that at other times draws more in a day does not have this limit.
    full &= ~np.isin(flow.src[rows], flow.src[rows[drawn > limit]])
    start, order = kernel.group(flow.src[rows], flow.n_nodes)
    made = []
    for node in np.unique(flow.src[rows[full]]).tolist():
        mine = order[start[node] : start[node + 1]]
        part = rows[mine[full[mine]]]
        days = len(np.unique(day[mine[full[mine]]]))
        made.append(_day_candidate(here, part, (rows[mine], days), limit))
    return made


def _day_candidate(here: Scene, part: Ints, drawn: tuple[Ints, int], limit: int) -> Candidate:
    flow, (every, days), node = here.flow, drawn, int(here.flow.src[part[0]])
    currency, amount = int(flow.currency[part[0]]), int(flow.amount[part].sum())
    signs = {
        "many": many(days + 1, 2), "under": 1.0,
        "alone": amount / max(float(flow.amount[every].sum()), 1.0),
        "round": float((flow.amount[part] % _round_step(here.money.currencies[currency], limit) == 0).mean()),
        "cash": 1.0, "same_day": 1.0,
    }  # fmt: skip
    figures: dict[str, Any] = {
        "threshold_minor": limit, "direction": "cash", "partners": len(np.unique(flow.dst[part])), "days": days,
        "just_above": 0, "large_payments": len(every),
        "largest_minor": int(flow.amount[part].max()), "smallest_minor": int(flow.amount[part].min()),
    }  # fmt: skip
    return Candidate(part, currency, amount, weigh(signs, WEIGHTS), signs, {"cash_out": [node]}, figures)


def _day_words(here: Scene, candidate: Candidate) -> Text:
    figures, currency = candidate.figures, here.money.currencies[candidate.currency]
    limit, money = Amount(figures["threshold_minor"], currency), amount(here, candidate)
    days = say("{n} days", n=figures["days"]) if figures["days"] > 1 else say("{n} day", n=figures["days"])
    reason = say(
        "drew {money} in {n} pieces on {days}, each time just up to the day's {limit}, never more",
        money=money, n=len(candidate.rows), days=days, limit=limit,
    )  # fmt: skip
    against: list[str] = [] if figures["days"] > 1 else [say("one such day may be a large purchase paid in cash")]
    if candidate.signs["alone"] < 0.5:
        against.append(say("on other days it draws ordinary sums"))
    title = say("{money} drawn as cash up to the day's limit on {days}", money=money, days=days)
    return Text(title, [reason], against, reason=lambda _role, _node: reason)


def _round_step(currency: str, limit: int) -> int:
    """Amounts that are multiples of this are round: a hundredth of the threshold, at least one whole unit."""
    unit: int = 10 ** EXPONENT.get(currency, 2)
    return max(unit, limit // 100)


def _words(here: Scene, candidate: Candidate, params: StructuringParams) -> Text:
    figures, signs, count = candidate.figures, candidate.signs, len(candidate.rows)
    if figures["direction"] == "cash":
        return _day_words(here, candidate)
    currency = here.money.currencies[candidate.currency]
    limit, came = Amount(figures["threshold_minor"], currency), figures["direction"] == "in"
    band: dict[str, Value] = {"n": count, "share": params.band_share, "limit": limit, "money": amount(here, candidate)}
    reasons: list[str] = [
        say("received {n} payments at most {share:.0%} under {limit}, {money} in all", **band) if came
        else say("paid {n} payments at most {share:.0%} under {limit}, {money} in all", **band)
    ]  # fmt: skip
    if figures["just_above"] == 0:
        reasons.append(say("none of its payments lies just above"))
    if signs["same_day"] > 0.5:
        reasons.append(say("most came several a day: together they pass the amount"))
    if signs["round"] > 0.7:
        reasons.append(say("{share:.0%} are round sums", share=signs["round"]))
    if signs["cash"] > 0.5:
        reasons.append(say("{share:.0%} were drawn as cash", share=signs["cash"]))
    against = here.busy_lines(candidate.nodes["structurer"]) + here.known_lines(candidate.rows)
    if figures["just_above"]:
        against.append(say("{n} of its payments lie just above: the amount does not stop it", n=figures["just_above"]))
    if figures["smallest_minor"] == figures["largest_minor"]:
        against.append(say("all are the same amount, as wages, rents and limits of a machine are"))
    if signs["alone"] < 0.5:
        against.append(
            say("{n} payments are as large: many of its payments lie elsewhere", n=figures["large_payments"])
        )
    spent: dict[str, Value] = {"n": count, "limit": limit, "hours": hours(here, candidate.rows)}
    title = (
        say("{n} payments received just under {limit} within {hours:,.1f} hours", **spent) if came
        else say("{n} payments paid just under {limit} within {hours:,.1f} hours", **spent)
    )  # fmt: skip
    return Text(title, reasons, against, reason=lambda _role, _node: reasons[0])


ALGORITHM = Algorithm("structuring", "1.0", "Structuring under a threshold", StructuringParams, find)
