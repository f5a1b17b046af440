"""Structuring: several payments just under an amount from which banks must report or stop them, where one would have passed it.

Thresholds are law, one list per currency (31 USC 5324 for the US; the People's Bank of China's large-value rules; the
EU's and UK's customer due diligence). A shop's prices or a wage can lie there too, so the payments just above and the
account's other payments are counted against it. See docs/detection/structuring.md.
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
from algorithms._pattern import DAY_MS, Candidate, PatternParams, Scene, Text, hours, many, report, scene, weigh
from core.money import EXPONENT, show

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.25, "under": 0.25, "alone": 0.20, "round": 0.10, "cash": 0.10, "same_day": 0.10}
#: Reports are due from this amount on: payments below it avoid them.
REPORTED_FROM: dict[str, tuple[int, ...]] = {
    "CNY": (5_000_000,),
    "EUR": (1_000_000,),
    "GBP": (1_000_000,),
    "AUD": (1_000_000,),
    "CAD": (1_000_000,),
}
#: Allowed, or not reported, up to and including this amount. CNY: a card's cash a day.
ALLOWED_TO: dict[str, tuple[int, ...]] = {"USD": (1_000_000,), "CNY": (2_000_000,)}


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
    min_payments: int = Field(3, ge=2, description="Payments just under it within one burst")

    @field_validator("reported_from", "allowed_to")
    @classmethod
    def _positive(cls, lists: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        for currency, amounts in lists.items():
            if any(amount <= 0 for amount in amounts):
                raise ValueError(f"amounts of {currency} must be above 0")
        return lists


def find(task: Task, params: StructuringParams) -> list[Found]:
    """One finding per account, direction, currency and threshold: its densest burst. Cost: transfers x thresholds."""
    here = scene(task, params)
    made, flow = [], here.flow
    for code, currency in enumerate(here.money.currencies):
        of_currency = (flow.currency == code) & (flow.src != flow.dst)
        for limit, included in _limits(currency, params):
            for incoming in (False, True):
                task.progress(0.5, f"payments just under {show(limit, currency)}")
                made += _bursts(here, of_currency, (limit, included, incoming), params)
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


def _round_step(currency: str, limit: int) -> int:
    """Amounts that are multiples of this are round: a hundredth of the threshold, at least one whole unit."""
    unit: int = 10 ** EXPONENT.get(currency, 2)
    return max(unit, limit // 100)


def _words(here: Scene, candidate: Candidate, params: StructuringParams) -> Text:
    figures, signs, count = candidate.figures, candidate.signs, len(candidate.rows)
    currency = here.money.currencies[candidate.currency]
    limit, money = show(figures["threshold_minor"], currency), show(candidate.amount, currency)
    did = "received" if figures["direction"] == "in" else "paid"
    reasons = [f"{did} {count} payments at most {100 * params.band_share:.0f}% under {limit}, {money} in all"]
    if figures["just_above"] == 0:
        reasons.append("none of its payments lies just above")
    if signs["same_day"] > 0.5:
        reasons.append("most came several a day: together they pass the amount")
    if signs["round"] > 0.7:
        reasons.append(f"{100 * signs['round']:.0f}% are round sums")
    if signs["cash"] > 0.5:
        reasons.append(f"{100 * signs['cash']:.0f}% were drawn as cash")
    against = here.busy_lines(candidate.nodes["structurer"]) + here.known_lines(candidate.rows)
    if figures["just_above"]:
        against.append(f"{figures['just_above']} of its payments lie just above: the amount does not stop it")
    if figures["smallest_minor"] == figures["largest_minor"]:
        against.append("all are the same amount, as wages, rents and limits of a machine are")
    if signs["alone"] < 0.5:
        against.append(f"{figures['large_payments']} payments are as large: many of its payments lie elsewhere")
    title = f"{count} payments {did} just under {limit} within {hours(here, candidate.rows):,.1f} hours"
    return Text(title, reasons, against, reason=lambda _role, _node: reasons[0])


ALGORITHM = Algorithm("structuring", "1.0", "Structuring under a threshold", StructuringParams, find)
