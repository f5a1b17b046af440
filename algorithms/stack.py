"""Stack: two bipartite layers on top of each other; several accounts pay several, and those pass it on to several more.

The pattern is AMLworld's (Altman et al., "Realistic Synthetic Financial Transactions for Anti-Money Laundering Models",
NeurIPS 2023): the accounts between must pass on the money they were paid. Accounts between belong together when two of
them share a payer and a payee; each step is compared with a bounded number of others. See docs/detection/stack.md.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms import _layers as layers
from algorithms._base import Algorithm, Found, Task
from algorithms._pattern import Candidate, Scene, Text, amount, hours, many, report, scene, weigh
from algorithms._steps import StepParams, Steps, best_groups, step_against, step_reasons, step_signs, steps
from core.message import say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.15, "dense": 0.20, "dedicated": 0.20, "whole": 0.10, "swift": 0.15, "strangers": 0.20}


class StackParams(StepParams):
    """Parameters of a stack."""

    window_s: int = Field(86_400, ge=0, description="Length of the upper layer, and longest stay on an account between")
    min_layer: int = Field(2, ge=2, description="Least accounts in each of the three rows")
    min_density: float = Field(0.6, ge=0, le=1, description="Least share of all pairs of a layer that occur")
    pairs_per_step: int = Field(16, ge=1, description="Other steps at the same account that one step is compared with")


def find(task: Task, params: StackParams) -> list[Found]:
    """One finding per group of middle accounts and currency, most suspicious first. Cost: transfers x `pairs_per_step`."""
    here = scene(task, params)
    task.progress(0.4, "matching payments out to payments in")
    some = steps(here, params)
    closed = here.hub | np.isin(here.flow.kind, (fl.CASH, fl.WALLET))
    some = some.only(~closed[some.source] & ~closed[some.sink] & (some.source != some.sink))
    n_currencies, window_ms, cap = len(here.money.currencies), params.window_s * 1000, params.pairs_per_step
    middle, upper, lower = (side * n_currencies + some.currency for side in (some.middle, some.source, some.sink))
    above, cut_above = layers.sharing(upper, middle, some.at_ms, window_ms, cap, 1)
    below, cut_below = layers.sharing(lower, middle, some.at_ms, window_ms, cap, 1)
    of = layers.groups(here.flow.n_nodes * n_currencies, np.intersect1d(above, below))[middle]
    some = some.only(of >= 0)
    parts = best_groups(some, of[of >= 0], some.middle, window_ms, params.min_layer)
    made = [item for part in parts for item in _candidate(here, some.only(part), params)]
    cut = cut_above + cut_below
    omitted = [say("{n} steps were compared with only {most} others at their account", n=cut, most=cap)] if cut else []
    return report(here, made, params, lambda candidate: _words(here, candidate), omitted)


def _candidate(here: Scene, some: Steps, params: StackParams) -> list[Candidate]:
    while True:
        keep = layers.core(some.source, some.middle, 2) & layers.core(some.middle, some.sink, 2)
        if keep.all():
            break
        some = some.only(keep)
    rows = [np.unique(side).tolist() for side in (some.source, some.middle, some.sink)]
    dense = min(layers.density(some.source, some.middle), layers.density(some.middle, some.sink))
    if min(len(row) for row in rows) < params.min_layer or dense < params.min_density:
        return []
    if set(rows[0]) & set(rows[1]) or set(rows[1]) & set(rows[2]) or set(rows[0]) & set(rows[2]):
        return []
    signs = step_signs(here, some, params.window_s * 1000)
    signs |= {"dense": dense, "many": many(sum(len(row) for row in rows), 3 * params.min_layer)}
    nodes = [node for row in rows for node in row]
    figures = {"rows": [len(row) for row in rows], "density": round(dense, 4), "steps": some}
    amount = int(here.flow.amount[np.unique(some.lot)].sum())
    score = weigh(signs, WEIGHTS, here.busy_share(nodes))
    roles = dict(zip(("payer", "mule", "payee"), rows, strict=True))
    return [Candidate(some.rows, int(some.currency[0]), amount, score, signs, roles, figures)]


def _words(here: Scene, candidate: Candidate) -> Text:
    some: Steps = candidate.figures.pop("steps")
    signs, (top, middle, bottom) = dict(candidate.signs), candidate.figures["rows"]
    told = {"payer": say("in the upper row"), "mule": say("between the two layers"), "payee": say("in the lower row")}
    nodes = [node for row in candidate.nodes.values() for node in row]
    return Text(
        say("{money} through two layers, {top} to {middle} to {bottom} accounts, within {hours:,.1f} hours",
            money=amount(here, candidate), top=top, middle=middle, bottom=bottom, hours=hours(here, candidate.rows)),
        [say("{top} accounts paid the same {middle} accounts, which passed it on to the same {bottom}", top=top, middle=middle, bottom=bottom),
         say("at least {share:.0%} of all pairs of a layer paid each other", share=signs["dense"]), *step_reasons(here, some, signs)],
        step_against(here, some, signs, nodes),
        {"payer": 0, "mule": 1, "payee": 2},
        {"payer": 0.6, "payee": 0.8},
        lambda role, _: told[role],
    )  # fmt: skip


ALGORITHM = Algorithm("stack", "1.0", "Stack (layered bipartite)", StackParams, find)
