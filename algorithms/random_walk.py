"""Layering path: one sum goes from account to account, almost whole, and does not come back to where it left.

AMLworld's "random" pattern (Altman et al., "Realistic Synthetic Financial Transactions for Anti-Money Laundering
Models", NeurIPS 2023): a walk like a cycle that does not close. Where mule_chain joins everything that splits and
merges into one network, this follows one sum. See docs/detection/random_walk.md.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms._base import Algorithm, Found, Task
from algorithms._flow import Ints
from algorithms._pattern import Candidate, Scene, Text, amount, hours, report, scene, weigh
from algorithms._steps import StepParams, Steps, step_against, step_reasons, step_signs, steps
from core.message import Amount, say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"long": 0.30, "dedicated": 0.20, "whole": 0.15, "swift": 0.20, "strangers": 0.15}
#: One path by itself is weak evidence: money handed down a family, or a dealer's payment, goes the same way.
_WEAK = 0.7


class RandomWalkParams(StepParams):
    """Parameters of layering paths."""

    window_s: int = Field(86_400, ge=0, description="Longest stay of the money on one account")
    min_hops: int = Field(4, ge=2, description="Shortest path, in transfers")
    max_drop_share: float = Field(
        0.1, ge=0, lt=0.5, description="Largest cut, and largest other money in a payment, from one hop to the next"
    )


def find(task: Task, params: RandomWalkParams) -> list[Found]:
    """One finding per longest path, most suspicious first. A payment is on one path only: cost is linear in transfers."""
    here = scene(task, params)
    task.progress(0.4, "matching payments out to payments in")
    flow, some = here.flow, steps(here, params)
    least = (1.0 - params.max_drop_share) * np.maximum(flow.amount[some.lot], flow.amount[some.pays])
    # More than half of both: a payment has at most one step after it and one before it.
    some = some.only(some.money >= least)
    long = [path for path in _paths(len(flow), some) if len(path) + 1 >= params.min_hops]
    made = [item for path in long for item in _candidate(here, some.only(path), params)]
    return report(here, made, params, lambda candidate: _words(here, candidate))


def _paths(n_rows: int, some: Steps) -> list[Ints]:
    """Steps of every longest path, in the order of the money."""
    after = np.full(n_rows, -1, np.int64)
    after[some.lot] = np.arange(len(some))
    fed = np.zeros(n_rows, np.bool_)
    fed[some.pays] = True
    paths = []
    for first in np.flatnonzero(~fed[some.lot]).tolist():
        path, step = [], first
        while step >= 0:
            path.append(step)
            step = int(after[some.pays[step]])
        paths.append(np.array(path, np.int64))
    return paths


def _candidate(here: Scene, some: Steps, params: RandomWalkParams) -> list[Candidate]:
    first, last = int(some.source[0]), int(some.sink[-1])
    between = list(dict.fromkeys(some.middle.tolist()))
    # A path back to its first payer is a cycle, and is found as one.
    if first in (last, *between):
        return []
    rows = np.append(some.lot[:1], some.pays)
    signs = step_signs(here, some, params.window_s * 1000)
    signs["whole"] = float(here.flow.amount[rows[-1]]) / float(here.flow.amount[rows[0]])
    signs["long"] = min(1.0, 0.3 + 0.7 * (len(rows) - params.min_hops) / 4)
    kind = int(here.flow.kind[last])
    end = {fl.CASH: "cash_point", fl.WALLET: "wallet", fl.EXCHANGE: "exchanger"}.get(kind, "recipient")
    nodes = {"payer": [first], "mule": between} | ({} if last in between else {end: [last]})
    score = _WEAK * weigh(signs, WEIGHTS, here.busy_share([*between, last]))
    figures = {"hops": len(rows), "arrived_minor": int(here.flow.amount[rows[-1]]), "steps": some, "way": rows}
    return [
        Candidate(np.sort(rows), int(some.currency[0]), int(here.flow.amount[rows[0]]), score, signs, nodes, figures)
    ]


def _words(here: Scene, candidate: Candidate) -> Text:
    some: Steps = candidate.figures.pop("steps")
    way: Ints = candidate.figures.pop("way")
    signs, hops, currency = dict(candidate.signs), len(way), here.money.currencies[candidate.currency]
    sent, arrived = amount(here, candidate), Amount(candidate.figures["arrived_minor"], currency)
    told, ends = (
        {"payer": say("the path starts here"), "mule": say("passed the sum on almost whole")},
        say("the path ends here"),
    )
    candidate.figures["way"] = list(here.money.events(way))
    against = step_against(here, some, signs, [*candidate.nodes["mule"], int(some.sink[-1])])
    if hops < 4:
        against.append(say("only two accounts between: a remittance or an errand can look the same"))
    return Text(
        say("{money} through {n} accounts in {hops} hops within {hours:,.1f} hours", money=sent, n=hops - 1, hops=hops, hours=hours(here, candidate.rows)),
        [say("one sum of {money} went through {n} accounts, {arrived} of it to the last", money=sent, n=hops - 1, arrived=arrived), *step_reasons(here, some, signs)],
        against,
        {"payer": 0},
        {"payer": 0.2, "recipient": 0.5, "cash_point": 0.1, "wallet": 0.5},
        lambda role, _: told.get(role, ends),
    )  # fmt: skip


ALGORITHM = Algorithm("random_walk", "1.0", "Layering path (random walk)", RandomWalkParams, find)
