"""New-account burst by hand: much money within days of the opening; unknown openings are left out, and it is said."""

from __future__ import annotations

import pyarrow as pa
import pytest
from memory_store import MemoryStore, nodes, payments

from algorithms._base import Found, Task
from algorithms.new_account_burst import NewAccountBurstParams, find

HOUR, DAY = 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
BURST: Rows = [
    row
    for i in range(4)
    for row in ((f"P{i}", "A", 5_000, 50 * DAY + i * HOUR), ("A", "Q", 4_900, 50 * DAY + i * HOUR + 9))
]


def run(rows: Rows, opened_day: float | None, **params: object) -> list[Found]:
    ends = sorted({end for row in rows for end in row[:2]})
    times = [int(opened_day * DAY) if end == "A" and opened_day is not None else None for end in ends]
    currency = params.pop("currency", "CNY")
    store = MemoryStore(
        [nodes("Account", ends, opened_at_ms=pa.array(times, pa.int64())), payments(rows, currency=currency)]
    )  # type: ignore[arg-type]
    return find(Task(store), NewAccountBurstParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(BURST, 48)
    assert [(m.id, m.role) for m in found.members] == [("A", "mule")]
    assert found.evidence_ids == tuple(f"t{i}" for i in range(8))
    assert (found.amount_minor, found.currency, found.details["age_days"]) == (20_000, "CNY", 2.0)
    assert found.details["omitted"] == ["5 accounts have no opening time and were left out"]
    assert found.score > 0.7


@pytest.mark.parametrize("opened_day", [None, 10, 51.5])
def test_not_new_or_not_known_or_opened_after_its_first_payment(opened_day: float | None) -> None:
    assert run(BURST, opened_day) == []


def test_a_clock_some_hours_wrong_is_let_pass() -> None:
    (found,) = run(BURST, 50.5)
    assert found.details["age_days"] == -0.5


@pytest.mark.parametrize(
    "rows", [BURST[:4], [("P", "A", 100, 50 * DAY + i) for i in range(9)], [("A", "A", 100, 50 * DAY)] * 9]
)
def test_near_misses(rows: Rows) -> None:
    assert run(rows, 48, min_score=0) == []


def test_a_new_customer_who_lives_on_scores_lower() -> None:
    wages = [("BOSS", "A", 9_000, (50 + 30 * i) * DAY) for i in range(4)]
    shopping = [("A", f"S{i % 9}", 400, (50 + i) * DAY) for i in range(80)]
    (gang,), (honest,) = run(BURST, 48), run(wages + shopping, 48, min_score=0)
    assert honest.score < gang.score - 0.1
    assert "money did not pass through: it was spent, or kept" in honest.against
    assert "it has gone on living since, as a new customer's account does" not in gang.against
    assert honest.details["transfers"] < 15  # the first week only


def test_currencies_stay_apart() -> None:
    (found,) = run(BURST, 48, currency=["CNY", "USD"] * 4, min_transfers=4, min_partners=1, min_score=0)
    assert found.details["transfers_in"] * found.details["transfers_out"] == 0
