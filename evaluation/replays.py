"""Time to the first alert over several replayed data sets: together, by pattern and by role, with intervals over the data sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from core.clock import DAY_MS
from evaluation.measured import NOT_MEASURED, RESAMPLES, Measured, Ratio, pooled
from evaluation.report import Backtest

_SEED = 20_250_101
#: First fraudulent event, first right alert (None: never).
Times = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Delay:
    """How many were alerted at all, and the median days from the first fraudulent event to the first right alert, of those."""

    name: str
    found: Measured
    days: Measured


@dataclass(frozen=True, slots=True)
class Replayed:
    """Back-tests of one setting together. `gangs` is over all gangs; `typologies` by pattern, `roles` by accounts of a true role."""

    setting: str
    data_sets: int
    gangs: Delay
    stolen_after: Measured
    typologies: tuple[Delay, ...]
    roles: tuple[Delay, ...]


def replayed(backtests: Iterable[Backtest]) -> list[Replayed]:
    """One summary a setting, in the order of the first back-test of each."""
    groups: dict[str, list[Backtest]] = defaultdict(list)
    for item in backtests:
        groups[item.setting or item.data].append(item)
    return [_summary(name, items) for name, items in groups.items()]


def _summary(name: str, items: Sequence[Backtest]) -> Replayed:
    gangs = [[(alert.first_ms, alert.alert_ms) for alert in item.alerts] for item in items]
    typologies = [_by((a.typology, (a.first_ms, a.alert_ms)) for a in item.alerts) for item in items]
    roles = [_by((a.role, (a.first_ms, a.alert_ms)) for a in item.accounts) for item in items]
    money = [
        Ratio(sum(a.stolen_after for a in item.alerts), sum(a.stolen_before + a.stolen_after for a in item.alerts), counted=False)
        for item in items
    ]  # fmt: skip
    return Replayed(name, len(items), delay("", gangs), pooled(money), _delays(typologies), _delays(roles))


def _by(items: Iterable[tuple[str, Times]]) -> dict[str, list[Times]]:
    found: dict[str, list[Times]] = defaultdict(list)
    for name, times in items:
        if name:
            found[name].append(times)
    return found


def _delays(parts: Sequence[dict[str, list[Times]]]) -> tuple[Delay, ...]:
    names = sorted({name for part in parts for name in part})
    return tuple(delay(name, [part.get(name, []) for part in parts]) for name in names)


def delay(name: str, parts: Sequence[Sequence[Times]]) -> Delay:
    """One row from the times of each data set."""
    found = pooled([Ratio(sum(at is not None for _, at in part), len(part)) for part in parts])
    return Delay(
        name, found, median_days([[(at - first) / DAY_MS for first, at in part if at is not None] for part in parts])
    )


def median_days(parts: Sequence[Sequence[float]]) -> Measured:
    """Median over all data sets; the interval draws data sets, then what is in each, with replacement (percentile bootstrap)."""
    days = [np.array(part) for part in parts if len(part)]
    if not days:
        return NOT_MEASURED
    draw, medians = np.random.default_rng(_SEED), []
    for _ in range(RESAMPLES):
        chosen = [days[place] for place in draw.integers(0, len(days), len(days))]
        medians.append(float(np.median(np.concatenate([draw.choice(part, len(part)) for part in chosen]))))
    low, high = np.percentile(medians, [2.5, 97.5])
    everything = np.concatenate(days)
    return Measured(float(median(everything)), float(low), float(high), len(everything), len(everything), len(days))
