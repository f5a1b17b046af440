"""Back-test: detection repeated as of past dates, each time seeing only what had happened before; when each gang was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from core.clock import DAY_MS
from core.errors import BadInput
from evaluation.datasets import DataSet
from evaluation.judging import judge
from evaluation.labels import Labels, known_events
from evaluation.measured import NOT_MEASURED, Ratio, pooled
from evaluation.replays import median_days
from evaluation.report import AccountAlert, Backtest, Cut, GroupAlert
from evaluation.running import run_all

MAX_CUTS = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """How to replay: a cut every `step_days`, findings scored at least `threshold` count as alerts."""

    step_days: float = 7.0
    threshold: float = 0.7
    names: Sequence[str] | None = None


def backtest(data: DataSet, plan: Plan, progress: Callable[[str], None] = lambda _what: None) -> Backtest:
    """Replay one data set whose truth names gangs or attempts. Raises BadInput when it does not, or for too many cuts."""
    labels = data.labels
    if not labels.first_ms:
        raise BadInput(
            f"{data.named.name}: its truth names no gangs with events, so no time to the first alert", code="no_groups"
        )
    moments = _moments(data, plan.step_days)
    cuts: list[Cut] = []
    first: dict[str, tuple[int, str]] = {}
    accused: dict[str, int] = {}
    for until in moments:
        progress(f"{data.named.name}: as of {np.datetime64(until, 'ms').astype('datetime64[D]')}")
        cuts.append(_cut(data, until, plan, first, accused))
    alerts = tuple(
        _alert(group, labels, first) for group in sorted(labels.first_ms, key=lambda g: (labels.first_ms[g], g))
    )
    after, before = sum(item.stolen_after for item in alerts), sum(item.stolen_before for item in alerts)
    money = pooled([Ratio(after, after + before, counted=False)]) if after + before else NOT_MEASURED
    return Backtest(
        data.named.name, data.named.version, "event time", plan.step_days, plan.threshold, tuple(cuts), alerts,
        median_days([[(item.alert_ms - item.first_ms) / DAY_MS for item in alerts if item.alert_ms is not None]]), money,
        data.named.setting, _accounts(labels, accused),
    )  # fmt: skip


def _moments(data: DataSet, step_days: float) -> list[int]:
    if step_days <= 0:
        raise BadInput(f"a back-test steps by more than 0 days, not {step_days}")
    ends = pc.min_max(data.base.scan_rels("TRANSFER", ["at_ms"])["at_ms"]).as_py()
    step = int(step_days * DAY_MS)
    count = -(-(ends["max"] + 1 - ends["min"]) // step)
    if count > MAX_CUTS:
        raise BadInput(f"{count} cuts of {step_days} days: a back-test has at most {MAX_CUTS}, take a longer step")
    return [ends["min"] + step * place for place in range(1, count)] + [ends["max"] + 1]


def _cut(data: DataSet, until: int, plan: Plan, first: dict[str, tuple[int, str]], accused: dict[str, int]) -> Cut:
    findings = right = new = 0
    for ran in run_all(data.base, plan.names, until_ms=until):
        kept = [found for found in ran.found if found.score >= plan.threshold]
        known = known_events(data.base, {event for found in kept for event in found.evidence_ids})
        for found in kept:
            judged = judge(found, data.labels, known)
            findings += 1
            right += bool(judged.right)
            for account in judged.accused & data.labels.accounts.keys() if judged.right else ():
                accused.setdefault(account, until)
            for group in sorted(judged.groups & data.labels.first_ms.keys()):
                if group not in first:
                    first[group] = (until, ran.algorithm.name)
                    new += 1
    active = sum(start < until for start in data.labels.first_ms.values())
    return Cut(until, findings, right, new, len(first), active)


def _alert(group: str, labels: Labels, first: dict[str, tuple[int, str]]) -> GroupAlert:
    at, algorithm = first.get(group, (None, ""))
    stolen = [event for event in labels.stolen.values() if event.group == group]
    before = sum(event.units for event in stolen if at is None or event.at_ms < at)
    after = sum(event.units for event in stolen) - before
    return GroupAlert(
        group, labels.typology_of.get(group, ""), labels.first_ms[group], at, algorithm, round(before, 3), round(after, 3)
    )  # fmt: skip


def _accounts(labels: Labels, accused: dict[str, int]) -> tuple[AccountAlert, ...]:
    """Every labelled culprit with a role that a fraudulent event names, one row a role, in order of time."""
    first: dict[str, int] = {}
    for event in labels.events.values():
        for account in (event.payer, event.payee):
            if labels.accounts.get(account):
                first[account] = min(event.at_ms, first.get(account, event.at_ms))
    return tuple(
        AccountAlert(role, at, accused.get(account))
        for account, at in sorted(first.items(), key=lambda item: (item[1], item[0]))
        for role in sorted(labels.accounts[account])
    )
