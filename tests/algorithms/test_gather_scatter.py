"""Gather-scatter by hand: many pay one, which pays many; and what only looks like it."""

from __future__ import annotations

import pytest
from memory_store import MemoryStore, town

from algorithms._base import Found, Task
from algorithms.gather_scatter import GatherScatterParams, find

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
IN: Rows = [(f"P{i}", "C", 1_000, i * MIN) for i in range(4)]
OUT: Rows = [("C", f"Q{i}", 970, HOUR + i * MIN) for i in range(4)]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), GatherScatterParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(town(IN + OUT))
    roles = {m.id: (m.role, m.layer) for m in found.members}
    assert roles == {
        "C": ("collector", 1), **{f"P{i}": ("payer", 0) for i in range(4)}, **{f"Q{i}": ("payee", 2) for i in range(4)},
    }  # fmt: skip
    assert found.evidence_ids == tuple(f"t{i}" for i in range(8))
    assert (found.amount_minor, found.details["scattered_minor"]) == (4_000, 3_880)
    assert found.details["signs"]["phased"] == 1.0
    assert "first it gathered, then it scattered" in found.reasons


@pytest.mark.parametrize(
    "rows",
    [
        IN[:2] + OUT[:2],  # too few
        IN + [("C", "Q0", 900, HOUR + i * MIN) for i in range(4)],  # one payee only
        [("P0", "C", 1_000, i * MIN) for i in range(4)] + OUT,  # one payer only
        IN + [("C", f"P{i}", 970, HOUR + i) for i in range(4)],  # all got their money back
        [(a, b, m, t + 2 * HOUR) for a, b, m, t in IN] + OUT,  # paid out before it came
        IN + [(a, b, 200, t) for a, b, _, t in OUT],  # most of it stayed
        IN + [(a, b, m, t + 3 * DAY) for a, b, m, t in OUT],  # it stayed for days
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert run(town(rows)) == []


def test_currencies_never_mix() -> None:
    assert run(town(IN + OUT, currency=["CNY"] * 4 + ["USD"] * 4)) == []


def test_money_that_comes_and_goes_is_named_against() -> None:
    rows = [
        row for pair in zip(IN, [("C", f"Q{i}", 990, i * MIN + 30_000) for i in range(4)], strict=True) for row in pair
    ]
    (phased,), (mixed,) = run(town(IN + OUT)), run(town(rows))
    assert mixed.details["signs"]["phased"] == 0.25
    assert any("came and went all the time" in line for line in mixed.against)
    assert not any("came and went" in line for line in phased.against)
