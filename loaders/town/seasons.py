"""The town's time: eighty days from New Year 2025 with the Spring Festival in them, and the rhythm of a day."""

from __future__ import annotations

import numpy as np

from core.clock import DAY_MS, HOUR_MS
from loaders.town.dice import Floats, Ints

#: 2025-01-01 00:00 in Shanghai (a Wednesday), as UTC epoch milliseconds.
START_MS = 1_735_660_800_000
DAYS = 80
END_MS = START_MS + DAYS * DAY_MS

_MONTH_LENGTHS = (31, 28, 31)
_FESTIVAL = range(27, 35)  # 28 January (New Year's Eve) to 4 February

#: Relative activity of each hour of the day in Shanghai.
RHYTHMS: dict[str, tuple[float, ...]] = {
    "shop": (0.5, 0.2, 0.1, 0.1, 0.1, 0.3, 1, 3, 4, 4, 5, 8, 9, 6, 4, 4, 5, 8, 10, 9, 7, 5, 3, 1.2),
    "office": (0, 0, 0, 0, 0, 0, 0, 0.5, 3, 9, 10, 8, 3, 4, 8, 9, 8, 4, 1.5, 0.8, 0.5, 0.3, 0.1, 0),
    "social": (1, 0.4, 0.2, 0.1, 0.1, 0.2, 0.8, 2, 3, 3, 4, 5, 6, 4, 3, 3, 4, 6, 8, 10, 11, 9, 6, 3),
    "payroll": (0, 0, 0, 0, 0, 0, 0, 0, 1, 10, 8, 3, 1, 1, 4, 5, 3, 1, 0, 0, 0, 0, 0, 0),
    "gift": (4, 1, 0.3, 0.1, 0.1, 0.3, 1, 4, 8, 8, 7, 6, 5, 4, 3, 3, 4, 6, 9, 10, 12, 12, 11, 14),
}


def day_of_month(day: int) -> int:
    """Day of the month, 1 to 31, of a day counted from 0."""
    for length in _MONTH_LENGTHS:
        if day < length:
            return day + 1
        day -= length
    raise ValueError("the town's calendar ends on 21 March 2025")


def is_weekend(day: int) -> bool:
    """Whether the day is a Saturday or Sunday; day 0 is a Wednesday."""
    return (day + 2) % 7 >= 5


def shop_weight(day: int) -> float:
    """How busy the shops are: weekends and the days before the festival more, the festival itself less."""
    if day in _FESTIVAL:
        return 0.7
    after_payday = 1.15 if day_of_month(day) % 5 == 1 else 1.0
    return (1.2 if is_weekend(day) else 1.0) * (1.25 if 17 <= day < 27 else 1.0) * after_payday


def packet_weight(day: int) -> float:
    """How many red packets are sent: New Year's Eve and the days after, Lantern Festival, 14 February, 8 March."""
    special = {0: 3.0, 27: 30.0, 28: 22.0, 29: 10.0, 30: 6.0, 31: 5.0, 42: 6.0, 44: 9.0, 66: 4.0}
    return special.get(day, 2.0 if day in _FESTIVAL else 0.5)


def even_weight(day: int) -> float:
    """Nearly the same every day, a little more at weekends."""
    return 1.1 if is_weekend(day) else 1.0


def at(rng: np.random.Generator, day: int, count: int, rhythm: str) -> Ints:
    """`count` moments of the day as epoch ms, following the rhythm's hours."""
    hours = np.cumsum(np.asarray(RHYTHMS[rhythm], dtype=np.float64))
    hour = np.searchsorted(hours, rng.random(count) * hours[-1], side="right").clip(0, 23)
    moments = START_MS + day * DAY_MS + hour * HOUR_MS + rng.integers(0, HOUR_MS, count)
    return np.asarray(moments, dtype=np.int64)


def spread(total: int, weights: Floats) -> Ints:
    """`total` split into whole parts in proportion to `weights`, adding up exactly (largest remainders)."""
    exact = total * weights / weights.sum()
    parts = np.asarray(np.floor(exact), dtype=np.int64)
    missing = total - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:missing]] += 1
    return parts


def moment(day: int, hour: float) -> int:
    """Epoch ms of an hour (with fraction) of a day in Shanghai."""
    return START_MS + day * DAY_MS + int(hour * HOUR_MS)
