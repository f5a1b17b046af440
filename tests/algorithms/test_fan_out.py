"""Bursts of payees by hand, and a payroll beside them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, town

from algorithms import fan_out
from algorithms._base import Found, Task
from algorithms.fan_out import ALGORITHM, FanOutParams

HOUR, DAY = 3_600_000, 86_400_000


def run(store: MemoryStore, **params: object) -> list[Found]:
    return fan_out.find(Task(store), FanOutParams.model_validate(params))  # type: ignore[arg-type]


def test_distributor() -> None:
    rows = [("V", "D", 80_000, 0)] + [("D", f"M{i}", 9_000 + 100 * i, (i + 1) * HOUR) for i in range(8)]
    (found,) = run(town(rows))
    assert [(m.id, m.role) for m in found.members] == [("D", "distributor"), *[(f"M{i}", "payee") for i in range(8)]]
    assert found.evidence_ids == tuple(f"t{i}" for i in range(1, 9))
    assert any("had come in" in line for line in found.reasons)


def test_payroll_scores_lower_and_says_why() -> None:
    wages = [("FIRM", f"W{i}", 500_000 + i, month * 30 * DAY + i) for month in range(4) for i in range(10)]
    gang = [("V", "D", 80_000, 0)] + [("D", f"M{i}", 9_000, (i + 1) * HOUR) for i in range(8)]
    first, second = run(town(wages + gang))
    assert (first.members[0].id, second.members[0].id) == ("D", "FIRM")
    assert any("as with wages" in line for line in second.against)
    assert first.score > 1.5 * second.score


def test_repeatable() -> None:
    rows = [("D", f"M{i}", 9_000, i) for i in range(6)] + [("E", f"M{i}", 9_000, i) for i in range(6)]
    store = town(rows)
    assert run(store) == run(store)
    assert ALGORITHM.name == "fan_out"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 20)), min_size=1, max_size=40),
    st.integers(0, 8),
)
def test_window_equals_brute_force(rows: list[tuple[int, int, int]], window: int) -> None:
    store = town([(f"A{a}", f"A{b}", 10, t * 1000) for a, b, t in rows])
    made = {item.members[0].id: item.details["partners"] for item in run(store, window_s=window, min_partners=2)}
    expected = {}
    for centre in range(5):
        most = max(len({b for a, b, t in rows if a == centre != b and s <= t <= s + window}) for _, _, s in rows)
        if most >= 2:
            expected[f"A{centre}"] = most
    assert made == expected
