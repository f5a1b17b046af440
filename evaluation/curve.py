"""Precision and recall over the whole range of scores, not at one chosen point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from algorithms._base import Found


@dataclass(frozen=True, slots=True)
class Point:
    """Everything scored at least `threshold` is taken as found: how much of it is right, how much of what is true is in it."""

    threshold: float
    found: int
    right: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from the highest threshold to the lowest; `positives` is how many are true, `average_precision` the area."""

    points: tuple[Point, ...]
    positives: int
    average_precision: float

    def at(self, thresholds: Iterable[float]) -> list[Point]:
        """The curve at given thresholds (a point with nothing found has precision 1 by convention)."""
        picked = []
        for threshold in thresholds:
            below = [point for point in self.points if point.threshold >= threshold]
            last = below[-1] if below else Point(threshold, 0, 0, 1.0, 0.0)
            picked.append(Point(threshold, last.found, last.right, last.precision, last.recall))
        return picked

    @property
    def best(self) -> Point:
        """The point with the highest F1: an upper bound chosen with the labels in hand, never a result to expect."""
        return max(self.points, key=lambda point: point.f1, default=Point(1.0, 0, 0, 1.0, 0.0))


def curve(scores: Mapping[str, float], positive: set[str]) -> Curve:
    """Curve of ids ranked by score. Ids that are equal in score stand or fall together.

    Ids never scored count as missed. Raises ValueError without positives: recall would mean nothing.
    """
    if not positive:
        raise ValueError("no positives: the truth table names none of the wanted roles")
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    points, right, area, before = [], 0, 0.0, 0.0
    for place, (name, score) in enumerate(ranked, start=1):
        right += name in positive
        if place < len(ranked) and ranked[place][1] == score:
            continue
        precision, recall = right / place, right / len(positive)
        area += precision * (recall - before)
        before = recall
        points.append(Point(score, place, right, precision, recall))
    return Curve(tuple(points), len(positive), area)


def member_scores(
    found: Iterable[Found], roles: Iterable[str] | None = None, label: str = "Account", *, own: bool = False
) -> dict[str, float]:
    """Highest finding score (or member's own score) of each member with one of these roles (all roles when None)."""
    wanted = None if roles is None else set(roles)
    scores: dict[str, float] = {}
    for item in found:
        for member in item.members:
            if member.label == label and (wanted is None or member.role in wanted):
                score = member.score if own and member.score is not None else item.score
                scores[member.id] = max(scores.get(member.id, 0.0), score)
    return scores


def evidence_scores(found: Iterable[Found]) -> dict[str, float]:
    """Highest finding score of each evidence id."""
    scores: dict[str, float] = {}
    for item in found:
        for event in item.evidence_ids:
            scores[event] = max(scores.get(event, 0.0), item.score)
    return scores
