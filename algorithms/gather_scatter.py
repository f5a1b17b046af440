"""Gather-scatter: one account takes money from several others and soon pays it out to several others.

A fan-in and a fan-out at one account, as in AMLworld (Altman et al., "Realistic Synthetic Financial Transactions for
Anti-Money Laundering Models", NeurIPS 2023); the money paid out must be that taken in. See docs/detection/gather_scatter.md.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms._base import Algorithm, Found, Task
from algorithms._pattern import Candidate, Scene, Text, amount, hours, many, report, scene, weigh
from algorithms._steps import StepParams, Steps, best_groups, step_against, step_reasons, step_signs, steps
from core.message import say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.20, "dedicated": 0.20, "whole": 0.10, "swift": 0.15, "strangers": 0.20, "phased": 0.15}


class GatherScatterParams(StepParams):
    """Parameters of gather-scatter."""

    min_sources: int = Field(3, ge=2, description="Different payers in one burst")
    min_sinks: int = Field(3, ge=2, description="Different payees of that money")
    window_s: int = Field(86_400, ge=0, description="Length of the gathering, and longest stay on the account")


def find(task: Task, params: GatherScatterParams) -> list[Found]:
    """One finding per account and currency: its widest burst, most suspicious first. Cost is linear in transfers."""
    here = scene(task, params)
    task.progress(0.4, "matching payments out to payments in")
    some = steps(here, params)
    # Drawing cash at a machine is no scattering over accounts.
    some = some.only((here.flow.kind[some.sink] != fl.CASH) & (some.source != some.sink))
    keys = here.purse(some.middle, some.currency)
    groups = best_groups(some, keys, some.source, params.window_s * 1000, params.min_sources)
    made = [_candidate(here, some.only(group), params) for group in groups if _wide(some, group, params)]
    return report(here, made, params, lambda candidate: _words(here, candidate))


def _wide(some: Steps, group: np.ndarray[tuple[int], np.dtype[np.int64]], params: GatherScatterParams) -> bool:
    both = np.setdiff1d(some.sink[group], some.source[group])
    return len(both) >= params.min_sinks


def _candidate(here: Scene, some: Steps, params: GatherScatterParams) -> Candidate:
    flow, middle = here.flow, int(some.middle[0])
    sources, sinks = np.unique(some.source), np.setdiff1d(some.sink, some.source)
    signs = step_signs(here, some, params.window_s * 1000)
    out = np.unique(some.pays)
    after = flow.at_ms[out] >= flow.at_ms[some.lot].max()
    signs["many"] = many(min(len(sources), len(sinks)), min(params.min_sources, params.min_sinks))
    signs["phased"] = float(flow.amount[out][after].sum()) / max(float(flow.amount[out].sum()), 1.0)
    gathered = int(flow.amount[np.unique(some.lot)].sum())
    return Candidate(
        some.rows, int(some.currency[0]), gathered, weigh(signs, WEIGHTS, here.busy_share([middle])), signs,
        {"collector": [middle], "payer": sources.tolist(), "payee": sinks.tolist()},
        {"sources": len(sources), "sinks": len(sinks), "gathered_minor": gathered,
         "scattered_minor": int(flow.amount[out].sum()), "steps": some},
    )  # fmt: skip


def _words(here: Scene, candidate: Candidate) -> Text:
    some: Steps = candidate.figures.pop("steps")
    signs, figures = dict(candidate.signs), candidate.figures
    money, sources, sinks = amount(here, candidate), figures["sources"], figures["sinks"]
    reasons: list[str] = [
        say(
            "{n} accounts paid it {money}, and it paid that money to {others} others",
            n=sources,
            money=money,
            others=sinks,
        )
    ]
    if signs["phased"] > 0.8:
        reasons.append(say("first it gathered, then it scattered"))
    against = step_against(here, some, signs, candidate.nodes["collector"])
    if signs["phased"] < 0.3:
        against.append(say("money came and went all the time, as in a business; no gathering before a scattering"))
    told = {"payer": say("paid in"), "payee": say("was paid from it"), "collector": reasons[0]}
    return Text(
        say(
            "{money} gathered from {sources} and scattered to {sinks} within {hours:,.1f} hours",
            money=money, sources=sources, sinks=sinks, hours=hours(here, candidate.rows),
        ),
        reasons + step_reasons(here, some, signs),
        against,
        {"payer": 0, "collector": 1, "payee": 2},
        {"payer": 0.3, "payee": 0.6},
        lambda role, _node: told[role],
    )  # fmt: skip


ALGORITHM = Algorithm("gather_scatter", "1.0", "Gather-scatter", GatherScatterParams, find)
