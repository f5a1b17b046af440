"""Curves on rankings small enough to count by hand, and their properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithms._base import Found, Member
from evaluation.curve import curve, evidence_scores, member_scores


def test_by_hand() -> None:
    made = curve({"a": 0.9, "b": 0.8, "c": 0.8, "d": 0.1}, {"a", "c", "x", "y"})
    assert [(p.threshold, p.found, p.right) for p in made.points] == [(0.9, 1, 1), (0.8, 3, 2), (0.1, 4, 2)]
    assert made.positives == 4
    assert made.average_precision == pytest.approx(1 * 0.25 + 2 / 3 * 0.25)
    assert [(p.found, p.precision, p.recall) for p in made.at((0.95, 0.85, 0.5))] == [
        (0, 1.0, 0.0), (1, 1.0, 0.25), (3, 2 / 3, 0.5),
    ]  # fmt: skip
    assert made.best.threshold == 0.8


def test_nothing_found_and_nothing_true() -> None:
    made = curve({}, {"a"})
    assert (made.average_precision, made.best.recall) == (0.0, 0.0)
    with pytest.raises(ValueError, match="no positives"):
        curve({"a": 1.0}, set())


@given(
    st.dictionaries(st.integers(0, 30).map(str), st.sampled_from([0.1, 0.5, 0.9])),
    st.sets(st.integers(0, 30).map(str), min_size=1),
)
def test_properties(scores: dict[str, float], positive: set[str]) -> None:
    made = curve(scores, positive)
    recalls = [point.recall for point in made.points]
    assert recalls == sorted(recalls)
    assert 0 <= made.average_precision <= 1 + 1e-9
    for point in made.points:
        above = {name for name, score in scores.items() if score >= point.threshold}
        assert (point.found, point.right) == (len(above), len(above & positive))


def test_highest_score_of_each_member() -> None:
    first = Found(
        "x", 0.9, (Member("Account", "a", "mule", score=0.5), Member("Account", "v", "victim")), evidence_ids=("t1",)
    )
    second = Found("y", 0.4, (Member("Account", "a", "mule"), Member("Wallet", "w", "mule")), evidence_ids=("t1", "t2"))
    assert member_scores([first, second]) == {"a": 0.9, "v": 0.9}
    assert member_scores([first, second], ("mule",), own=True) == {"a": 0.5}
    assert evidence_scores([second, first]) == {"t1": 0.9, "t2": 0.4}
