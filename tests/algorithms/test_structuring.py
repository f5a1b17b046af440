"""Structuring by hand: payments just under an amount, in the law's sense of under; and prices that only lie there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, town
from pydantic import ValidationError

from algorithms._base import Found, Task
from algorithms.structuring import StructuringParams, find

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
#: Five payments of 49,000 to 49,800 yuan where reports are due from 50,000.
UNDER: Rows = [("A", f"B{i}", 4_900_000 + 20_000 * i, i * 8 * HOUR) for i in range(5)]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), StructuringParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(town(UNDER))
    assert [(m.id, m.role) for m in found.members] == [("A", "structurer")]
    assert found.evidence_ids == tuple(f"t{i}" for i in range(5))
    assert found.amount_minor == sum(row[2] for row in UNDER)
    assert (found.details["threshold_minor"], found.details["direction"]) == (5_000_000, "out")
    assert found.details["partners"] == 5
    assert "none of its payments lies just above" in found.reasons


def test_both_ends_when_one_pays_one() -> None:
    found = run(town([("A", "B", 4_900_000, i * HOUR) for i in range(3)]))
    assert [(item.members[0].id, item.details["direction"]) for item in found] == [("A", "out"), ("B", "in")]
    assert any("all are the same amount" in line for line in found[0].against)


@pytest.mark.parametrize(
    "rows",
    [
        UNDER[:2],  # too few
        [(a, b, 5_000_000, t) for a, b, _, t in UNDER],  # the amount itself is reported
        [(a, b, 4_400_000, t) for a, b, _, t in UNDER],  # well below
        [(a, b, m, i * 4 * DAY) for i, (a, b, m, _) in enumerate(UNDER)],  # over weeks
        [("A", "A", m, t) for _, _, m, t in UNDER],  # to oneself
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert run(town(rows)) == []


def test_the_law_of_each_currency() -> None:
    rows = [("A", f"B{i}", 1_000_000, i * HOUR) for i in range(4)]
    # Ten thousand dollars pass without a report, ten thousand euros do not; yen have no list, and nothing is guessed.
    assert [item.currency for item in run(town(rows, currency="USD"))] == ["USD"]
    assert run(town(rows, currency="EUR")) == []
    assert run(town(rows, currency="JPY")) == []
    assert run(town(UNDER, currency=["CNY", "CNY", "EUR", "EUR", "USD"])) == []
    assert len(run(town(rows, currency="JPY"), allowed_to={"JPY": [1_000_000]})) == 1


def test_payments_just_above_and_elsewhere_speak_against() -> None:
    above = [("A", f"C{i}", 5_100_000 + i, i * DAY) for i in range(10)]
    other = [("A", f"D{i}", 3_000_000 + i, i * DAY) for i in range(10)]
    (plain,), (found,) = run(town(UNDER)), run(town(UNDER + above + other))
    assert found.score < 0.7 * plain.score
    assert any("10 of its payments lie just above" in line for line in found.against)
    assert any("25 payments are as large" in line for line in found.against)


def test_cash_and_several_a_day() -> None:
    rows = [("A", "ATM", 1_990_000, i * HOUR) for i in range(4)]
    store = MemoryStore([nodes("Account", ["A", "ATM"], kind=["bank", "cash"]), payments(rows)])
    (found,) = run(store, allowed_to={"CNY": [2_000_000]})
    assert found.details["signs"]["cash"] == found.details["signs"]["same_day"] == 1.0


def test_full_days_of_cash() -> None:
    def drawn(rows: Rows, **params: object) -> list[Found]:
        ends = sorted({end for row in rows for end in row[:2]})
        kinds = ["cash" if end == "ATM" else "bank" for end in ends]
        return run(MemoryStore([nodes("Account", ends, kind=kinds), payments(rows)]), **params)

    day = [("A", "ATM", 500_000, i * MIN) for i in range(4)]
    (found,) = drawn(day + [(a, b, m, t + DAY) for a, b, m, t in day])
    assert [(m.id, m.role) for m in found.members] == [("A", "cash_out")]
    assert (found.amount_minor, found.details["days"], len(found.evidence_ids)) == (4_000_000, 2, 8)
    assert drawn(day[:3]) == []  # well below
    assert drawn([("A", "ATM", 2_000_000, 0)]) == []  # in one piece
    assert drawn([*day, ("A", "ATM", 100, 5 * MIN)]) == []  # over it: another limit
    assert drawn([(a, b, m, i * DAY) for i, (a, b, m, _) in enumerate(day)]) == []  # a piece a day
    assert drawn([("A", "B", m, t) for _, _, m, t in day]) == []  # no cash
    # In China the day turns at 16:00 UTC.
    over = [(a, b, m, 16 * HOUR - 2 * MIN + t) for a, b, m, t in day]
    assert drawn(over) == [] and len(drawn(over, utc_offset_s=0)) == 1


def test_amounts_must_be_positive() -> None:
    with pytest.raises(ValidationError):
        StructuringParams(reported_from={"CNY": (0,)})


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(80, 115), st.integers(0, 30)), min_size=1, max_size=25),
    st.booleans(),
    st.integers(0, 8),
)
def test_burst_equals_brute_force(rows: list[tuple[int, int]], included: bool, window: int) -> None:
    where = town([("A", f"B{i}", m, t * 1000) for i, (m, t) in enumerate(rows)])
    lists = {
        "allowed_to" if included else "reported_from": {"CNY": [100]},
        "reported_from" if included else "allowed_to": {},
    }
    found = run(where, window_s=window, min_payments=2, **lists)
    times = [t for m, t in rows if 90 <= m < 100 + included]
    most = max((sum(start <= t <= start + window for t in times) for start in times), default=0)
    assert [len(item.evidence_ids) for item in found if item.members[0].id == "A"] == ([most] if most >= 2 else [])
