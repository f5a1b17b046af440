"""Heat maps and money by day as drawings made on the server: levels and places, no colours (those are the style sheet's)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from usecases.gangs import Day

#: Shades of a heat map; 0 is empty.
LEVELS = 5
WIDTH, HEIGHT, MARGIN = 720, 170, 22


def level(count: float, largest: float) -> int:
    """Shade of a count beside the largest: 0 for none, then 1 to LEVELS."""
    return 0 if count <= 0 or largest <= 0 else min(LEVELS, 1 + int((LEVELS - 1) * count / largest))


def levels(table: Sequence[Sequence[float]]) -> list[list[tuple[float, int]]]:
    """(count, shade) of each cell, shaded beside the largest of the table."""
    largest = max((count for row in table for count in row), default=0)
    return [[(count, level(count, largest)) for count in row] for row in table]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its place and the heights of money in (up) and out (down), in drawing units."""

    day: Day
    x: float
    width: float
    up: float
    down: float
    kept_y: float


@dataclass(frozen=True, slots=True)
class DayChart:
    """Bars of all days around a middle line, and the line of what is kept."""

    bars: tuple[Bar, ...]
    middle: float
    kept: str
    """Points of the line, as SVG wants them."""


def day_chart(days: Sequence[Day]) -> DayChart | None:
    """The drawing of money by day; None without a day."""
    if not days:
        return None
    largest = max(1, *(max(day.in_minor, day.out_minor, day.kept_minor) for day in days))
    half, step = (HEIGHT - MARGIN) / 2, WIDTH / len(days)
    width = round(max(1.0, min(28.0, step * 0.7)), 2)
    bars = []
    for place, day in enumerate(days):
        x = round(place * step + (step - width) / 2, 2)
        up, down = (round(half * amount / largest, 2) for amount in (day.in_minor, day.out_minor))
        bars.append(Bar(day, x, width, up, down, round(half - half * day.kept_minor / largest, 2)))
    line = " ".join(f"{bar.x + width / 2:.2f},{bar.kept_y}" for bar in bars)
    return DayChart(tuple(bars), half, line)
