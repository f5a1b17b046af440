"""Bipartite layering by hand: payers that all pay the same payees; the core that is left when stragglers go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, town

from algorithms import _layers as layers
from algorithms._base import Found, Task
from algorithms.bipartite import BipartiteParams, find

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
LAYER: Rows = [(f"P{i}", f"Q{j}", 500 + i, (3 * i + j) * MIN) for i in range(3) for j in range(3)]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), BipartiteParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    # A straggler who pays one of them, and a payee only one of them pays, are no part of it.
    extra = [("X", "Q0", 500, MIN), ("P0", "Y", 500, MIN)]
    (found,) = run(town(LAYER + extra))
    assert {m.id: (m.role, m.layer) for m in found.members} == {
        **{f"P{i}": ("mule", 0) for i in range(3)}, **{f"Q{i}": ("payee", 1) for i in range(3)},
    }  # fmt: skip
    assert found.evidence_ids == tuple(f"t{i}" for i in range(9))
    assert (found.amount_minor, found.details["density"]) == (sum(row[2] for row in LAYER), 1.0)
    assert any("neither had just come in nor goes on" in line for line in found.against)


def test_money_passed_on_scores_higher() -> None:
    fed = [(f"V{i}", f"P{i}", 3 * (510 + i), -HOUR + i) for i in range(3)]
    (plain,), (layering,) = run(town(LAYER)), run(town(LAYER + fed))
    assert layering.score > plain.score + 0.2
    assert layering.details["signs"]["layering"] == 1.0


@pytest.mark.parametrize(
    "rows",
    [
        [row for row in LAYER if row[0] != "P2"],  # two payers
        [(a, b, m, t * 1_000) for a, b, m, t in LAYER],  # over weeks
        [(f"P{i}", f"Q{i}", 500, i * MIN) for i in range(6)],  # each pays another
        [(f"P{i}", "Q0", 500, i * MIN) for i in range(9)],  # a fan-in
        [(f"P{i}", f"Q{j}", 500, i) for i in range(6) for j in ((i, (i + 1) % 6))],  # a ring of neighbours, thin
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert run(town(rows)) == []


def test_shops_are_left_out_and_currencies_kept_apart() -> None:
    ends = [f"P{i}" for i in range(3)] + [f"Q{i}" for i in range(3)]
    shops = nodes("Account", ends, kind=["bank"] * 3 + ["merchant"] * 3)
    assert run(MemoryStore([shops, payments(LAYER)])) == []
    assert run(town(LAYER, currency=["CNY", "USD", "EUR"] * 3)) == []


def test_friends_who_pay_each_other_score_lower() -> None:
    friends = [(f"F{i}", f"F{j}", 500, (4 * i + j) * MIN) for i in range(4) for j in range(4) if i != j]
    (layer,), (found,) = run(town(LAYER)), run(town(friends))
    assert found.score < 0.7 * layer.score
    assert any("both pay and are paid" in line for line in found.against)


def test_many_payers_of_one_are_compared_in_part_and_it_is_said() -> None:
    rows = [(f"P{i:02}", f"Q{j}", 500, i * MIN) for i in range(40) for j in range(3)]
    found = run(town(rows), pairs_per_payment=2)
    assert any("were compared with only 2 later payers" in line for line in found[0].details["omitted"])
    # Each is compared with the next ones, so a chain of comparisons still joins them all.
    assert found[0].details["payers"] == 40


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 9)), max_size=40),
    st.integers(0, 5),
    st.integers(1, 3),
)
def test_pairs_equal_brute_force(rows: list[tuple[int, int, int]], window: int, least: int) -> None:
    rows = sorted(rows, key=lambda row: row[2])
    keys, members, at = (np.array([row[k] for row in rows], np.int64) for k in range(3))
    pairs, cut = layers.sharing(keys, members, at, window, 1_000, least)
    expected: dict[tuple[int, int], set[int]] = {}
    for key, a, t in rows:
        for other, b, u in rows:
            if key == other and a < b and abs(t - u) <= window:
                expected.setdefault((a, b), set()).add(key)
    assert cut == 0
    assert {(int(p) >> 31, int(p) & (2**31 - 1)) for p in pairs} == {k for k, v in expected.items() if len(v) >= least}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30))
def test_core(rows: list[tuple[int, int]]) -> None:
    left, right = (np.array([row[k] for row in rows], np.int64) for k in range(2))
    keep = layers.core(left, right, 2)
    inside = {row for row, kept in zip(rows, keep, strict=True) if kept}
    assert all(len({b for a, b in inside if a == x}) >= 2 for x, _ in inside)
    assert all(len({a for a, b in inside if b == y}) >= 2 for _, y in inside)
