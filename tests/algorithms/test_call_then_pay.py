"""Call, then pay by hand: strangers who ring for long before a first payment; friends, firms and old payees."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, ties, town

from algorithms._base import Found, Task
from algorithms.call_then_pay import CallThenPayParams, find
from graph.model import RowSet, conform

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
#: Two customers pay their usual landlord L, are called by G, and pay Q an hour later.
PAID = [
    ("V1", "L", 1_000, 0), ("V2", "L", 1_000, 0), ("V1", "Q", 90_000, 2 * DAY), ("V2", "Q", 80_000, 2 * DAY + HOUR),
]  # fmt: skip
CALLS = [("G", "P1", 2 * DAY - 2 * HOUR, 1800), ("G", "P2", 2 * DAY - 2 * HOUR, 1200),
         *[("G", f"N{i}", 2 * DAY - 3 * HOUR, 5) for i in range(4)]]  # fmt: skip


def events(name: str, rows: list[tuple[str, str, int, int]]) -> RowSet:
    table = {
        "from_id": pa.array([r[0] for r in rows], pa.string()), "to_id": pa.array([r[1] for r in rows], pa.string()),
        "id": pa.array([f"{name[0].lower()}{i}" for i in range(len(rows))], pa.string()), "at_ms": pa.array([r[2] for r in rows], pa.int64()),
    }  # fmt: skip
    if name == "CALLED":
        table["duration_s"] = pa.array([r[3] for r in rows], pa.int64())
    return RowSet(name, conform(name, pa.table(table)), "Phone", "Phone")


def place(paid=PAID, calls=CALLS, *more: RowSet) -> MemoryStore:
    lines = ties("REGISTERED_WITH", ("Account", "Phone"), [("V1", "P1"), ("V2", "P2")])
    return town(paid, lines, events("CALLED", calls), *more)


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), CallThenPayParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(place())
    assert [(m.label, m.id, m.role, m.layer) for m in found.members] == [
        ("Account", "Q", "payee", 1), ("Account", "V1", "victim", 0), ("Account", "V2", "victim", 0),
        ("Phone", "G", "caller", None),
    ]  # fmt: skip
    assert found.evidence_ids == ("t2", "t3", "c0", "c1")
    assert (found.amount_minor, found.details["victims"], found.details["callers"]) == (170_000, 2, 1)
    assert found.starts_ms == 2 * DAY - 2 * HOUR
    assert found.score > 0.6 and found.against == ()


@pytest.mark.parametrize(
    ("paid", "calls"),
    [
        ([("V1", "Q", 5, 0), ("V2", "Q", 5, 0), *PAID], CALLS),  # had paid it before
        (PAID, [(a, b, t, 20) for a, b, t, _ in CALLS]),  # too short to persuade
        (PAID, [*CALLS, ("P1", "G", 9 * DAY, 60), ("P2", "G", 9 * DAY, 60)]),  # they call back: no stranger
        (PAID, [("P1", "G", 0, 60), ("P2", "G", 0, 60), *CALLS]),  # the customers rang first
        (PAID, [(a, b, t - 9 * DAY, n) for a, b, t, n in CALLS]),  # days too early
        (PAID, [(a, b, t + 4 * HOUR, n) for a, b, t, n in CALLS]),  # the call came after
        (PAID, [("G", "P9", 2 * DAY - 2 * HOUR, 1800)]),  # somebody else was called
    ],
)  # fmt: skip
def test_near_misses(paid: list[tuple[str, str, int, int]], calls: list[tuple[str, str, int, int]]) -> None:
    assert run(place(paid, calls), min_score=0) == []


def test_an_owner_is_reached_on_any_own_phone() -> None:
    owned = [ties("OWNS", ("Person", "Account"), [("H", "V1")]), ties("OWNS", ("Person", "Phone"), [("H", "P7")])]
    (found,) = run(place(PAID, [("G", "P7", 2 * DAY - HOUR, 900)], *owned), min_score=0)
    assert [m.id for m in found.members if m.role == "victim"] == ["V1"]
    assert any("one payer only" in line for line in found.against)


def test_a_firms_calls_count_less_and_say_so() -> None:
    (firm,) = run(place(PAID, CALLS, ties("OWNS", ("Organization", "Phone"), [("O", "G")])), min_score=0)
    assert firm.score < 0.5 * run(place())[0].score
    assert any("organization" in line for line in firm.against)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["V1", "V2", "L"]), st.sampled_from(["Q", "R", "L"]), st.integers(1, 90), st.integers(0, 100)), min_size=1, max_size=12),
    st.lists(st.tuples(st.sampled_from(["G", "H", "P1"]), st.sampled_from(["P1", "P2", "G"]), st.integers(0, 100), st.integers(0, 4000)), min_size=1, max_size=12),
)  # fmt: skip
def test_every_payment_is_a_first_one_after_a_long_call(
    paid: list[tuple[str, str, int, int]], calls: list[tuple[str, str, int, int]]
) -> None:
    paid = [(a, b, m, t * HOUR) for a, b, m, t in paid]
    calls = [(a, b, t * HOUR, n) for a, b, t, n in calls]
    phone = {"V1": "P1", "V2": "P2"}
    for found in run(place(paid, calls), min_score=0, window_s=20 * 3600):
        ids = set(found.evidence_ids)
        used = [calls[int(name[1:])] for name in ids if name[0] == "c"]
        assert used and all(length >= 60 for *_, length in used)
        for name in (name for name in ids if name[0] == "t"):
            payer, payee, _, at = paid[int(name[1:])]
            assert not any((a, b) == (payer, payee) and t < at for a, b, _, t in paid)
            assert any(b == phone[payer] and t + 1000 * n <= at <= t + 1000 * n + 20 * HOUR for _, b, t, n in used)
