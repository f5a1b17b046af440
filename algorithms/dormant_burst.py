"""Dormant-then-burst: an account sleeps for weeks and then moves much money with many others within days.

Sold and rented accounts are often asleep when they are bought. A dormant account that suddenly receives money and passes
it on is in the FATF's guidance for financial institutions on detecting terrorist financing (2002, annex 1). See docs/detection/dormant_burst.md.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from algorithms._awake import AwakeParams, burst_against, burst_reasons, bursts, lives, opened
from algorithms._base import Algorithm, Found, Task
from algorithms._flow import Ints
from algorithms._pattern import Candidate, Floats, Scene, Text, amount, hours, report, scene
from core.clock import DAY_MS
from core.message import say


class DormantBurstParams(AwakeParams):
    """Parameters of dormant-then-burst."""

    dormant_days: float = Field(30, gt=0, description="Asleep: no transfer in or out for so many days")


def find(task: Task, params: DormantBurstParams) -> list[Found]:
    """The strongest awakening of each account, most suspicious first. Cost is linear in transfers."""
    here = scene(task, params)
    flow = here.flow
    if not len(flow):
        return []
    task.progress(0.4, "looking for sleep")
    life = lives(flow)
    counts = np.diff(life.start)
    slept = np.diff(life.at_ms, prepend=life.at_ms[:1])
    has = np.flatnonzero(counts > 0)
    heads = life.start[has]
    # Before its first transfer an account slept since it was opened; what was before the data began nobody knows.
    began = opened(task.store, flow.n_nodes)[has]
    known, since = began > np.iinfo(np.int64).min, np.maximum(began, int(flow.at_ms[0]))
    slept[heads] = np.where(known, life.at_ms[heads] - since, 0)
    first = np.flatnonzero(slept >= params.dormant_days * DAY_MS)
    owner = np.repeat(np.arange(flow.n_nodes), counts)

    def contrast(start: Ints, end: Ints) -> Floats:
        return (end - start) / np.maximum(counts[owner[start]], 1)

    made = bursts(here, life, first, params, contrast)
    for item in made:
        item.figures["asleep_days"] = round(float(slept[item.figures.pop("place")]) / DAY_MS, 1)
    return report(here, made, params, lambda candidate: _words(here, candidate))


def _words(here: Scene, candidate: Candidate) -> Text:
    figures, signs = candidate.figures, candidate.signs
    days, money = figures["asleep_days"], amount(here, candidate)
    woke = say("woke after {days:,.0f} days", days=days)
    reasons = [say("no transfer for {days:,.0f} days", days=days), *burst_reasons(here, candidate)]
    against = burst_against(candidate) + here.known_lines(candidate.rows)
    if signs["contrast"] < 0.3:
        against.append(
            say("the burst is a small part of all it does: it has gone on living since, or lived much before")
        )
    return Text(
        say(
            "asleep for {days:,.0f} days, then {money} within {hours:,.0f} hours",
            days=days, money=money, hours=hours(here, candidate.rows),
        ),
        reasons,
        against,
        reason=lambda _role, _node: woke,
    )  # fmt: skip


ALGORITHM = Algorithm("dormant_burst", "1.0", "Dormant, then a burst", DormantBurstParams, find)
