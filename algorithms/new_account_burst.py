"""New-account burst: an account moves much money with many others within days of being opened.

Accounts opened to receive stolen money are used up before the bank knows their holder (FinCEN, advisory on money mules,
FIN-2020-A003, 2020). Needs the opening time; without it an account is left out, and the findings say
how many were. See docs/detection/new_account_burst.md.
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


class NewAccountBurstParams(AwakeParams):
    """Parameters of new-account burst."""

    new_days: float = Field(30, gt=0, description="New: the first transfer at most so many days after the opening")


def find(task: Task, params: NewAccountBurstParams) -> list[Found]:
    """The first burst of each new account, most suspicious first. Cost is linear in transfers."""
    here = scene(task, params)
    flow = here.flow
    if not len(flow):
        return []
    task.progress(0.4, "looking for new accounts")
    life = lives(flow)
    counts, began = np.diff(life.start), opened(task.store, flow.n_nodes)
    has = np.flatnonzero(counts > 0)
    heads, since = life.start[has], began[has]
    known = since > np.iinfo(np.int64).min
    # A transfer before the opening is a fault of the clock or of the data: up to a day of it is let pass.
    age = np.where(known, life.at_ms[heads] - np.where(known, since, 0), np.iinfo(np.int64).max)
    first = heads[(age <= params.new_days * DAY_MS) & (age >= -DAY_MS)]
    owner = np.repeat(np.arange(flow.n_nodes), counts)

    def contrast(start: Ints, end: Ints) -> Floats:
        """How soon it started, and how much of the account's whole life it is."""
        nodes = owner[start]
        soon = 1.0 - np.clip((life.at_ms[start] - began[nodes]) / (params.new_days * DAY_MS), 0.0, 1.0)
        return 0.5 * soon + 0.5 * (end - start) / counts[nodes]

    made = bursts(here, life, first, params, contrast)
    for item in made:
        place = item.figures.pop("place")
        item.figures["age_days"] = round(float(life.at_ms[place] - began[owner[place]]) / DAY_MS, 2)
    without = int((~known & (has < here.money.table.n_accounts)).sum())
    omitted = [say("{n} accounts have no opening time and were left out", n=without)] if without else []
    return report(here, made, params, lambda candidate: _words(here, candidate), omitted)


def _words(here: Scene, candidate: Candidate) -> Text:
    figures, signs = candidate.figures, candidate.signs
    days, money = figures["age_days"], amount(here, candidate)
    opened_before = say("opened {days:,.1f} days before its first transfer", days=days)
    against = burst_against(candidate)
    if signs["contrast"] < 0.5:
        against.append(say("it has gone on living since, as a new customer's account does"))
    return Text(
        say(
            "{money} within {hours:,.0f} hours from an account opened {days:,.1f} days before",
            money=money, hours=hours(here, candidate.rows), days=days,
        ),
        [say("the first transfer came {days:,.1f} days after the opening", days=days), *burst_reasons(here, candidate)],
        against,
        reason=lambda _role, _node: opened_before,
    )  # fmt: skip


ALGORITHM = Algorithm("new_account_burst", "1.0", "New account, at once a burst", NewAccountBurstParams, find)
