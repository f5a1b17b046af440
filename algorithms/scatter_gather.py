"""Scatter-gather: one account's money goes out to several accounts, and they pass it on to one and the same account.

The pattern is that of AMLworld (Altman et al., "Realistic Synthetic Financial Transactions for Anti-Money Laundering
Models", NeurIPS 2023) and of the Graph Feature Preprocessor (Blanusa et al., ICAIF 2024), which match payments by time
alone; here the payment out must be funded by the payment in. See docs/detection/scatter_gather.md.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms._base import Algorithm, Found, Task
from algorithms._pattern import Candidate, Scene, Text, amount, hours, many, report, scene, weigh
from algorithms._steps import StepParams, Steps, best_groups, step_against, step_reasons, step_signs, steps
from core.message import Amount, say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.20, "dedicated": 0.25, "whole": 0.15, "swift": 0.20, "strangers": 0.20}


class ScatterGatherParams(StepParams):
    """Parameters of scatter-gather."""

    min_middles: int = Field(3, ge=2, description="Different accounts between the two ends")
    window_s: int = Field(86_400, ge=0, description="Length of the scatter, and longest stay on an account between")


def find(task: Task, params: ScatterGatherParams) -> list[Found]:
    """One finding per source, sink and currency: its widest burst, most suspicious first. Cost is linear in transfers."""
    here = scene(task, params)
    task.progress(0.4, "matching payments out to payments in")
    flow, some = here.flow, steps(here, params)
    ends = ~here.hub[some.source] & ~here.hub[some.sink] & (flow.kind[some.sink] != fl.CASH)
    some = some.only(ends & (some.source != some.sink))
    n, window_ms = max(flow.n_nodes, 1), params.window_s * 1000
    pair = np.unique(some.source * n + some.sink, return_inverse=True)[1]
    keys = pair * len(here.money.currencies) + some.currency
    groups = best_groups(some, keys, some.middle, window_ms, params.min_middles)
    made = [_candidate(here, some.only(group), params) for group in groups]
    return report(here, made, params, lambda candidate: _words(here, candidate))


def _candidate(here: Scene, some: Steps, params: ScatterGatherParams) -> Candidate:
    middles = np.unique(some.middle).tolist()
    source, sink = int(some.source[0]), int(some.sink[0])
    signs = step_signs(here, some, params.window_s * 1000)
    signs["many"] = many(len(middles), params.min_middles)
    score = weigh(signs, WEIGHTS, here.busy_share([source, *middles, sink]))
    gathered, scattered = (int(here.flow.amount[np.unique(rows)].sum()) for rows in (some.pays, some.lot))
    return Candidate(
        some.rows, int(some.currency[0]), scattered, score, signs,
        {"distributor": [source], "mule": middles, "collector": [sink]},
        {"middles": len(middles), "scattered_minor": scattered, "gathered_minor": gathered, "steps": some},
    )  # fmt: skip


def _words(here: Scene, candidate: Candidate) -> Text:
    some: Steps = candidate.figures.pop("steps")
    signs, count = dict(candidate.signs), len(candidate.nodes["mule"])
    currency = here.money.currencies[candidate.currency]
    money, gathered = amount(here, candidate), Amount(candidate.figures["gathered_minor"], currency)
    told = {
        "distributor": say("sent {money} to {n} accounts", money=money, n=count),
        "mule": say("passed on what it got"),
        "collector": say("got {money} from {n} accounts", money=gathered, n=count),
    }
    nodes = [node for role in candidate.nodes.values() for node in role]
    return Text(
        say("{money} scattered over {n} accounts and gathered again within {hours:,.1f} hours", money=money, n=count, hours=hours(here, candidate.rows)),
        [say("{n} accounts took {money} from one account and passed it on to one other: {arrived} arrived", n=count, money=money, arrived=gathered),
         *step_reasons(here, some, signs)],
        step_against(here, some, signs, nodes),
        {"distributor": 0, "mule": 1, "collector": 2},
        {"distributor": 0.6},
        lambda role, _node: told[role],
    )  # fmt: skip


ALGORITHM = Algorithm("scatter_gather", "1.0", "Scatter-gather", ScatterGatherParams, find)
