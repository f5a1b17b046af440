"""Bipartite layering: several accounts all pay the same several accounts within a short time, so that who paid whom blurs.

The pattern is AMLworld's (Altman et al., "Realistic Synthetic Financial Transactions for Anti-Money Laundering Models",
NeurIPS 2023). Payers that share payees are found from pairs of payments to one payee, each paired with a bounded number
of later ones, so that no clique is enumerated. See docs/detection/bipartite.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms import _layers as layers
from algorithms._base import Algorithm, Found, Task
from algorithms._fan import best_windows
from algorithms._flow import Ints
from algorithms._flow_kernel import group
from algorithms._pattern import Candidate, PatternParams, Scene, Text, amount, hours, many, report, scene, weigh
from algorithms._steps import StepParams, steps
from core.message import say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.20, "dense": 0.20, "layering": 0.30, "strangers": 0.20, "dedicated": 0.10}


class BipartiteParams(PatternParams):
    """Parameters of bipartite layering."""

    window_s: int = Field(86_400, ge=0, description="Length of the burst")
    min_side: int = Field(3, ge=2, description="Least accounts on each side")
    min_density: float = Field(0.6, ge=0, le=1, description="Least share of all payer-payee pairs that occur")
    pairs_per_payment: int = Field(16, ge=1, description="Other payers of a payee that one payment is compared with")
    allow_equal_times: bool = Field(True, description="Money may go on at the very time it came in (whole-day data)")


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Payments that may belong to a layer, and which of them pass money on or are paid from passed-on money."""

    rows: Ints
    linked: np.ndarray[tuple[int], np.dtype[np.bool_]]


def find(task: Task, params: BipartiteParams) -> list[Found]:
    """One finding per group of payers and currency, most suspicious first. Cost: transfers x `pairs_per_payment`."""
    here = scene(task, params)
    task.progress(0.4, "comparing payers")
    layer = _eligible(here, params)
    flow, rows, n_currencies = here.flow, layer.rows, len(here.money.currencies)
    if not len(rows):
        return []
    window_ms = params.window_s * 1000
    payer = flow.src[rows] * n_currencies + flow.currency[rows]
    payee = flow.dst[rows] * n_currencies + flow.currency[rows]
    pairs, cut = layers.sharing(payee, payer, flow.at_ms[rows], window_ms, params.pairs_per_payment, 2)
    of = layers.groups(flow.n_nodes * n_currencies, pairs)[payer]
    inside = np.flatnonzero(of >= 0)
    dense = np.unique(of[inside], return_inverse=True)[1].astype(np.int64)
    made = []
    if len(inside):
        start, order = group(dense, int(dense.max()) + 1)
        best, first, last = best_windows(start, order, payer[inside], flow.at_ms[rows[inside]], window_ms)
        for key in np.flatnonzero(best >= params.min_side).tolist():
            part = rows[inside[order[first[key] : last[key] + 1]]]
            made += _candidate(here, layer, part, params)
    omitted = [
        say(
            "{n} payments were compared with only {most} later payers of their payee",
            n=cut,
            most=params.pairs_per_payment,
        )
    ]
    return report(here, made, params, lambda candidate: _words(here, candidate), omitted if cut else [])


def _eligible(here: Scene, params: BipartiteParams) -> _Layer:
    """Payments between accounts that are no hubs, shops, cash points or wallets; and what money was passed on."""
    flow = here.flow
    closed = here.hub | np.isin(flow.kind, (fl.CASH, fl.WALLET, fl.MERCHANT))
    rows = np.flatnonzero((flow.src != flow.dst) & ~closed[flow.src] & ~closed[flow.dst])
    some = steps(here, StepParams(window_s=params.window_s, allow_equal_times=params.allow_equal_times))
    linked = np.zeros(len(flow), np.bool_)
    linked[some.lot] = linked[some.pays] = True
    return _Layer(rows, linked)


def _candidate(here: Scene, layer: _Layer, part: Ints, params: BipartiteParams) -> list[Candidate]:
    flow = here.flow
    part = part[layers.core(flow.src[part], flow.dst[part], 2)]
    payers, payees = np.unique(flow.src[part]), np.unique(flow.dst[part])
    dense = layers.density(flow.src[part], flow.dst[part])
    if min(len(payers), len(payees)) < params.min_side or dense < params.min_density:
        return []
    # One account on both sides is a clique of friends or a business group, no layer.
    both = len(np.intersect1d(payers, payees)) / min(len(payers), len(payees))
    currency, amount = int(flow.currency[part[0]]), int(flow.amount[part].sum())
    signs = {
        "many": many(min(len(payers), len(payees)), params.min_side),
        "dense": dense,
        "layering": float(layer.linked[part].mean()),
        "strangers": float(here.strange[part].mean()),
        "dedicated": amount / max(float(here.sent[here.purse(payers, currency)].sum()), 1.0),
    }
    score = weigh(signs, WEIGHTS) * (1.0 - 0.6 * both)
    figures = {
        "payers": len(payers),
        "payees": len(payees),
        "density": round(dense, 4),
        "on_both_sides": round(both, 4),
    }
    sides = {"mule": payers.tolist(), "payee": np.setdiff1d(payees, payers).tolist()}
    return [Candidate(np.sort(part), currency, amount, score, signs, sides, figures)]


def _words(here: Scene, candidate: Candidate) -> Text:
    figures, signs = candidate.figures, candidate.signs
    money, payers, payees = amount(here, candidate), figures["payers"], figures["payees"]
    reasons: list[str] = [
        say(
            "{n} accounts paid the same {others} accounts: {share:.0%} of all pairs",
            n=payers,
            others=payees,
            share=signs["dense"],
        )
    ]
    if signs["layering"] > 0.5:
        reasons.append(
            say(
                "{share:.0%} of the payments pass on money that had just come in, or are passed on",
                share=signs["layering"],
            )
        )
    if signs["strangers"] > 0.9:
        reasons.append(say("almost none of them had dealt with each other before"))
    against = here.known_lines(candidate.rows)
    if signs["layering"] < 0.3:
        against.append(say("the money neither had just come in nor goes on soon, as among colleagues or in a club"))
    if figures["on_both_sides"] > 0:
        against.append(
            say("{share:.0%} of the accounts both pay and are paid, as among friends", share=figures["on_both_sides"])
        )
    if signs["dedicated"] < 0.2:
        against.append(say("the payers mostly do other things"))
    title = say(
        "{n} accounts paid {money} crosswise to {others} within {hours:,.1f} hours",
        n=payers, money=money, others=payees, hours=hours(here, candidate.rows),
    )  # fmt: skip
    told = {"mule": say("mule in one layer of payments"), "payee": say("payee in one layer of payments")}
    layer = {"mule": 0, "payee": 1}
    return Text(title, reasons, against, layer, {"payee": 0.8}, lambda role, _: told[role])


ALGORITHM = Algorithm("bipartite", "1.0", "Bipartite layering", BipartiteParams, find)
