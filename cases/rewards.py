"""What a report is worth to its reporter: grades by the money it saved, configurable, capped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Grade:
    """From so much saved money on, this share of it in thousandths, at least and at most so much; minor units."""

    name: str
    from_minor: int
    permille: int
    least_minor: int
    most_minor: int


DEFAULT = "third:0:20:20000:200000,second:5000000:30:200000:1000000,first:50000000:40:1000000:10000000"


def parse(text: str) -> tuple[Grade, ...]:
    """Grades as the setting has them: `name:from:permille:least:most`, comma-separated, `from` rising. Raises BadInput."""
    try:
        grades = tuple(
            Grade(name, *(int(part) for part in numbers))
            for name, *numbers in (item.strip().split(":") for item in text.split(",") if item.strip())
        )
    except (ValueError, TypeError):
        raise BadInput("reward grades are name:from:permille:least:most, comma-separated whole numbers") from None
    rising = all(low.from_minor < high.from_minor for low, high in pairwise(grades))
    if (
        not grades
        or not rising
        or any(not 0 <= g.least_minor <= g.most_minor or not 0 <= g.permille <= 1000 for g in grades)
    ):
        raise BadInput("reward grades must rise, with least <= most and permille up to 1000")
    return grades


def reward(grades: Sequence[Grade], saved_minor: int) -> tuple[str, int]:
    """Grade and reward for so much saved money; nothing saved is no grade and no reward."""
    fitting = [grade for grade in grades if saved_minor >= grade.from_minor]
    if saved_minor <= 0 or not fitting:
        return "", 0
    grade = fitting[-1]
    return grade.name, min(max(saved_minor * grade.permille // 1000, grade.least_minor), grade.most_minor)
