"""Measured figures: a ratio of counts over several data sets with its interval, or plainly "not measured"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.proportion import Proportion

RESAMPLES = 2_000
_SEED = 20_250_101


@dataclass(frozen=True, slots=True)
class Ratio:
    """One data set's part of a figure: `top` of `bottom`. `counted` when both are counts of independent things."""

    top: float
    bottom: float
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure over `sets` data sets: the pooled ratio and a 95% interval. `value` None: not measured.

    `low`, `high` None: one data set and no counts, so no interval is known.
    """

    value: float | None
    low: float | None
    high: float | None
    top: float
    bottom: float
    sets: int


NOT_MEASURED = Measured(None, None, None, 0, 0, 0)


def pooled(parts: Sequence[Ratio]) -> Measured:
    """Sum of tops over sum of bottoms.

    Two or more data sets: percentile bootstrap that draws whole data sets (seeds) with replacement (Efron 1979), widened to
    the score interval of the pooled counts where there are counts, because few seeds understate. One: the score interval.
    """
    top, bottom = sum(part.top for part in parts), sum(part.bottom for part in parts)
    if not parts or bottom <= 0:
        return Measured(None, None, None, top, bottom, len(parts))
    low = high = None
    if all(part.counted for part in parts) and top <= bottom:
        low, high = Proportion(round(top), round(bottom)).interval or (None, None)
    if len(parts) > 1:
        drawn_low, drawn_high = _bootstrap(parts)
        low = drawn_low if low is None else min(low, drawn_low)
        high = drawn_high if high is None else max(high, drawn_high)
    return Measured(top / bottom, low, high, top, bottom, len(parts))


def _bootstrap(parts: Sequence[Ratio]) -> tuple[float, float]:
    tops, bottoms = np.array([part.top for part in parts]), np.array([part.bottom for part in parts])
    drawn = np.random.default_rng(_SEED).integers(0, len(parts), (RESAMPLES, len(parts)))
    below = bottoms[drawn].sum(axis=1)
    values = tops[drawn].sum(axis=1)[below > 0] / below[below > 0]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
