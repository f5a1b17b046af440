"""Pass-through accounts by hand: in and out within minutes, almost nothing kept; and accounts that only look so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, town

from algorithms._base import Found, Task
from algorithms.pass_through import PassThroughParams, find

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
RELAY: Rows = [
    row for i in range(4) for row in ((f"P{i}", "M", 1_000, i * HOUR), ("M", f"Q{i % 2}", 980, i * HOUR + 5 * MIN))
]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), PassThroughParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(town(RELAY))
    assert [(m.id, m.role, m.layer) for m in found.members] == [
        ("M", "mule", 1), *[(f"P{i}", "payer", 0) for i in range(4)], ("Q0", "payee", 2), ("Q1", "payee", 2),
    ]  # fmt: skip
    assert found.evidence_ids == tuple(f"t{i}" for i in range(8))
    figures = found.details
    assert (figures["passes"], figures["median_stay_s"], figures["retained_share"]) == (4, 300.0, 0.02)
    assert (found.amount_minor, figures["went_minor"]) == (4_000, 3_920)
    assert found.score > 0.7 and not found.against


@pytest.mark.parametrize(
    "rows",
    [
        RELAY[:4],  # twice is no habit
        [(a, b, m, t if b == "M" else t + 2 * HOUR) for a, b, m, t in RELAY],  # it stayed for hours
        [(a, b, m if b == "M" else 600, t) for a, b, m, t in RELAY],  # much stayed
        [("P", b, m, t) if b == "M" else (a, b, m, t) for a, b, m, t in RELAY],  # one payer
        [(a, b, m, t if b == "M" else t - 10 * MIN) for a, b, m, t in RELAY[:6]],  # it paid before it was paid
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert run(town(rows)) == []


def test_currencies_never_mix() -> None:
    assert run(town(RELAY, currency=["CNY", "USD"] * 4)) == []


def test_a_trade_scores_lower_and_says_why() -> None:
    trade = [
        row for i in range(12)
        for row in ((f"K{i}", "M", 1_000, i * 5 * DAY), ("M", "SUPPLIER", 950, i * 5 * DAY + 5 * MIN))
    ]  # fmt: skip
    (mule,), (dealer,) = run(town(RELAY)), run(town(trade), min_score=0)
    assert dealer.score < mule.score
    assert any("separate days, as a trade" in line for line in dealer.against)


def test_money_back_to_its_payers_scores_lower() -> None:
    back = [(a, b if b == "M" else f"P{i // 2}", m, t) for i, (a, b, m, t) in enumerate(RELAY)]
    assert run(town(back), min_score=0) == []
    crossed = [(a, b if b == "M" else f"P{(i // 2 + 3) % 4}", m, t) for i, (a, b, m, t) in enumerate(RELAY)]
    (found,) = run(town(crossed), min_score=0)
    assert found.details["paid_back_share"] == 1.0
    assert any("payees are payers too" in line for line in found.against)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(1, 60), st.integers(0, 200)), max_size=40),
    st.integers(1, 90),
)
def test_never_more_out_than_in(rows: list[tuple[int, bool, int, int]], minutes: int) -> None:
    made = [(f"P{p}", "M", m, t * MIN) if into else ("M", f"Q{p}", m, t * MIN) for p, into, m, t in rows]
    where = town([*made, ("X", "Y", 1, 0)])
    for found in run(where, window_s=60 * minutes, min_passes=1, min_payers=1, min_score=0, max_retained_share=1):
        assert 0 <= found.details["retained_share"] <= 1
        assert 0 <= found.details["median_stay_s"] <= 60 * minutes
        assert found.amount_minor is not None and found.amount_minor <= sum(m for _, into, m, _ in rows if into)
