"""Dormant-then-burst by hand: weeks of nothing, then much within days; what was before the data nobody knows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, town

from algorithms._base import Found, Task
from algorithms.dormant_burst import DormantBurstParams, find

HOUR, DAY = 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
#: Others pay each other from day 0 to 80; A pays once, sleeps 40 days, then takes and passes on four times.
LIFE: Rows = [("X", "Y", 100, day * DAY) for day in range(80)]
WAKE: Rows = [
    row
    for i in range(4)
    for row in ((f"P{i}", "A", 5_000, 50 * DAY + i * HOUR), ("A", "Q", 4_900, 50 * DAY + i * HOUR + 9))
]
BEFORE: Rows = [("A", "X", 100, 10 * DAY)]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), DormantBurstParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(town(LIFE + BEFORE + WAKE))
    assert [(m.id, m.role) for m in found.members] == [("A", "mule")]
    assert found.evidence_ids == tuple(f"t{i}" for i in range(81, 89))
    figures = found.details
    assert (figures["asleep_days"], figures["in_minor"], figures["out_minor"], figures["partners"]) == (
        40.0,
        20_000,
        19_600,
        5,
    )
    assert found.amount_minor == 20_000
    assert found.score > 0.7


@pytest.mark.parametrize(
    "rows",
    [
        LIFE + WAKE,  # never seen before, opening unknown: not asleep, only unknown
        LIFE + [("A", "X", 100, day * DAY) for day in range(0, 50, 10)] + WAKE,  # it lived
        LIFE + BEFORE + WAKE[:2],  # no burst
        LIFE + BEFORE + [(a, b, m, 50 * DAY + i * 6 * DAY) for i, (a, b, m, _) in enumerate(WAKE)],  # slow
        LIFE + BEFORE + [("A", "A", 1, 30 * DAY)] * 9,  # to itself
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert [item for item in run(town(rows)) if item.members[0].id == "A"] == []


def test_asleep_since_the_opening() -> None:
    ends = sorted({end for row in LIFE + WAKE for end in row[:2]})

    def opened(day: int) -> list[Found]:
        times = [day * DAY if end == "A" else None for end in ends]
        return run(MemoryStore([nodes("Account", ends, opened_at_ms=times), payments(LIFE + WAKE)]))

    assert [item.details["asleep_days"] for item in opened(5)] == [45.0]
    # Opened long before the data begins: asleep at least since then.
    assert [item.details["asleep_days"] for item in opened(-900)] == [50.0]
    assert opened(48) == []


def test_a_self_transfer_wakes_nobody_and_currencies_stay_apart() -> None:
    quiet = [*LIFE, *BEFORE, ("A", "A", 100, 30 * DAY), *WAKE]
    (found,) = run(town(quiet))
    assert found.details["asleep_days"] == 40.0
    currency = ["CNY"] * 81 + ["USD"] + ["CNY", "USD"] + ["CNY"] * 6
    (mixed,) = run(town([*LIFE, *BEFORE, ("A", "X", 7, 51 * DAY), *WAKE], currency=currency))
    assert (mixed.currency, mixed.details["out_minor"]) == ("CNY", 3 * 4_900)


def test_spending_savings_is_no_pass_through() -> None:
    spent = [("A", f"S{i}", 900, 50 * DAY + i * HOUR) for i in range(8)]
    (plain,), (found,) = run(town(LIFE + BEFORE + WAKE)), run(town(LIFE + BEFORE + spent), min_score=0)
    assert found.score < plain.score - 0.2
    assert "money did not pass through: it was spent, or kept" in found.against


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), min_size=1, max_size=30), st.integers(1, 20))
def test_sleep_equals_brute_force(rows: list[tuple[int, int]], days: int) -> None:
    where = town([("A", f"B{b}", 10, t * DAY) for b, t in rows])
    found = run(where, dormant_days=days, min_transfers=2, min_partners=1, min_score=0, window_s=2 * 86_400)
    times = sorted(t for _, t in rows)
    starts = [t for before, t in pairwise(times) if t - before >= days]
    woken = [t for t in starts if sum(t <= u <= t + 2 for u in times) >= 2]
    mine = [item for item in found if item.members[0].id == "A"]
    assert len(mine) == bool(woken)
    assert all(item.starts_ms in {t * DAY for t in woken} for item in mine)
