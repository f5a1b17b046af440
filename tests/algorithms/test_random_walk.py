"""Layering paths by hand: one sum handed on almost whole, which does not come back; each payment on one path only."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from memory_store import MemoryStore, nodes, payments, town

from algorithms._base import Found, Task
from algorithms.random_walk import RandomWalkParams, find

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
WALK: Rows = [
    ("A", "B", 1_000, 0),
    ("B", "C", 980, HOUR),
    ("C", "D", 960, 2 * HOUR),
    ("D", "E", 950, 3 * HOUR),
    ("E", "F", 940, 4 * HOUR),
]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), RandomWalkParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(town(WALK))
    assert [(m.id, m.role) for m in found.members] == [
        ("A", "payer"),
        *[(x, "mule") for x in "BCDE"],
        ("F", "recipient"),
    ]
    assert found.evidence_ids == tuple(found.details["way"]) == ("t0", "t1", "t2", "t3", "t4")
    assert (found.amount_minor, found.details["arrived_minor"], found.details["hops"]) == (1_000, 940, 5)


@pytest.mark.parametrize(
    "rows",
    [
        WALK[:3],  # too short
        [*WALK[:4], ("E", "A", 940, 4 * HOUR)],  # it comes back: a cycle
        [(a, b, m, t if a != "C" else -HOUR) for a, b, m, t in WALK],  # a payment before its money
        [(a, b, m, t if a < "C" else t + 5 * DAY) for a, b, m, t in WALK],  # it rested for days
        [(a, b, m if a < "C" else m // 2, t) for a, b, m, t in WALK],  # half of it stayed
        [
            WALK[0],
            ("B", "C", 490, HOUR),
            ("B", "G", 490, HOUR),
            ("C", "D", 480, 2 * HOUR),
            ("D", "E", 470, 3 * HOUR),
        ],  # split
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert run(town(rows)) == []


def test_currencies_and_own_transfers() -> None:
    assert run(town(WALK, currency=["CNY", "CNY", "USD", "USD", "USD"])) == []
    (found,) = run(town([*WALK, ("C", "C", 980, HOUR + MIN)]))
    assert "t5" not in found.evidence_ids


def test_cash_ends_it() -> None:
    store = MemoryStore([nodes("Account", list("ABCDEF"), kind=["bank"] * 5 + ["cash"]), payments(WALK)])
    (found,) = run(store)
    assert (found.members[-1].id, found.members[-1].role) == ("F", "cash_point")


def test_an_account_may_be_passed_twice() -> None:
    rows = [
        ("A", "B", 1_000, 0),
        ("B", "C", 990, MIN),
        ("C", "D", 980, 2 * MIN),
        ("D", "B", 970, 3 * MIN),
        ("B", "E", 960, 4 * MIN),
    ]
    (found,) = run(town(rows))
    assert [m.id for m in found.members] == list("ABCDE")
    assert len(found.evidence_ids) == 5


def test_each_payment_is_on_one_path_and_follows_its_money() -> None:
    rng = np.random.default_rng(2)
    rows = [(f"A{a:02}", f"A{b:02}", int(m), int(t) * MIN) for a, b, m, t in zip(
        rng.integers(0, 25, 900), rng.integers(0, 25, 900), rng.integers(95, 100, 900), rng.integers(0, 20_000, 900), strict=True
    )]  # fmt: skip
    found = run(town(rows))
    assert len(found) > 5
    seen = [event for item in found for event in item.evidence_ids]
    assert len(seen) == len(set(seen))
    for item in found:
        way = [rows[int(event[1:])] for event in item.details["way"]]
        for before, after in pairwise(way):
            assert before[1] == after[0]
            assert 0 <= after[3] - before[3] <= DAY
            assert 0.9 <= after[2] / before[2] <= 1 / 0.9
        assert way[0][0] not in {row[1] for row in way}
