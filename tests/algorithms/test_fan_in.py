"""Bursts of payers by hand, honest busy accounts beside them, and the window against brute force."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, town

from algorithms import fan_in
from algorithms._base import Found, Task
from algorithms.fan_in import ALGORITHM, FanInParams

HOUR, DAY = 3_600_000, 86_400_000


def run(store: MemoryStore, **params: object) -> list[Found]:
    return fan_in.find(Task(store), FanInParams.model_validate(params))  # type: ignore[arg-type]


def test_collector() -> None:
    rows = [(f"P{i}", "C", 1_000 + i, i * HOUR) for i in range(8)] + [("C", "X", 8_000, 9 * HOUR)]
    (found,) = run(town(rows))
    assert [(m.id, m.role) for m in found.members] == [("C", "collector"), *[(f"P{i}", "payer") for i in range(8)]]
    assert found.evidence_ids == tuple(f"t{i}" for i in range(8))
    assert found.amount_minor == sum(1_000 + i for i in range(8))
    assert (found.starts_ms, found.ends_ms) == (0, 7 * HOUR)
    assert any("went out again" in line for line in found.reasons)


def test_payments_in_pieces_count() -> None:
    whole = [(f"P{i}", "C", 300, i * HOUR) for i in range(8)]
    split = [(f"P{i}", "C", 100, i * HOUR + k) for i in range(8) for k in range(3)]
    (one,), (three,) = run(town(whole)), run(town(split))
    assert three.score > one.score
    assert one.details["signs"]["pieces"] == 0 and three.details["signs"]["pieces"] == 1
    assert three.members[1].reason.endswith("in 3 pieces")


def test_too_few_or_too_spread() -> None:
    assert run(town([(f"P{i}", "C", 1_000, i * HOUR) for i in range(4)])) == []
    assert run(town([(f"P{i}", "C", 1_000, i * 2 * DAY) for i in range(20)])) == []
    assert run(town([("P", "C", 1_000, i) for i in range(20)])) == []
    assert run(town([("C", "C", 1_000, i) for i in range(20)])) == []


def test_currencies_are_apart() -> None:
    rows = [(f"P{i}", "C", 1_000, i) for i in range(10)]
    assert len(run(town(rows, currency=["CNY", "USD"] * 5))) == 2
    assert run(town(rows, currency=["CNY", "USD"] * 5), min_partners=6) == []


def test_a_shop_with_many_customers_scores_lower_and_says_why() -> None:
    rng = np.random.default_rng(1)
    shop = [
        (f"K{int(k)}", "SHOP", int(rng.integers(500, 50_000)), int(d) * DAY + int(k))
        for d in range(60)
        for k in rng.choice(200, 12)
    ]
    gang = [(f"P{i}", "C", 900, 30 * DAY + i * HOUR) for i in range(8)] + [("C", "X", 7_000, 30 * DAY + 9 * HOUR)]
    first, second = run(town(shop + gang))
    assert (first.members[0].id, second.members[0].id) == ("C", "SHOP")
    assert first.score > 2 * second.score
    assert second.details["is_hub"] and second.against
    store = MemoryStore(
        [
            nodes("Account", ["C"], kind=["merchant"]),
            nodes("Account", [f"P{i}" for i in range(8)] + ["X"]),
            payments(gang),
        ]
    )
    (merchant,) = run(store)
    assert "the account is a merchant's: customers are expected" in merchant.against
    assert merchant.score < first.score


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 20)), min_size=1, max_size=40),
    st.integers(0, 8),
)
def test_window_equals_brute_force(rows, window) -> None:  # type: ignore[no-untyped-def]
    store = town([(f"A{a}", f"A{b}", 10, t * 1000) for a, b, t in rows])
    made = {item.members[0].id: item.details["partners"] for item in run(store, window_s=window, min_partners=2)}
    expected = {}
    for centre in range(5):
        most = max(len({a for a, b, t in rows if b == centre != a and s <= t <= s + window}) for _, _, s in rows)
        if most >= 2:
            expected[f"A{centre}"] = most
    assert made == expected


def test_limit_says_what_it_left_out() -> None:
    rows = [(f"P{i}", f"C{c}", 100, i) for c in range(3) for i in range(6)]
    found = run(town(rows), limit=1)
    assert [item.members[0].id for item in found] == ["C0"]
    assert found[0].details["omitted"] == ["2 less suspicious findings were left out by the limit"]
    assert ALGORITHM.name == "fan_in"
