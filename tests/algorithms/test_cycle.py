"""Rings by hand, and every temporal simple cycle against a brute-force search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, town
from pydantic import ValidationError

from algorithms import _flow as fl
from algorithms._base import Found, Task
from algorithms.cycle import ALGORITHM, CycleParams, find, search

HOUR = 3_600_000


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), CycleParams.model_validate(params))  # type: ignore[arg-type]


def test_one_ring() -> None:
    (found,) = run(
        town([("A", "B", 1_000, 0), ("B", "C", 980, HOUR), ("C", "A", 950, 2 * HOUR), ("C", "D", 5, 3 * HOUR)])
    )
    assert [(m.id, m.role, m.layer) for m in found.members] == [(n, "cycle_member", i) for i, n in enumerate("ABC")]
    assert found.evidence_ids == ("t0", "t1", "t2")
    assert (found.amount_minor, found.currency, found.starts_ms, found.ends_ms) == (1_000, "CNY", 0, 2 * HOUR)
    assert found.details["returned_share"] == 0.95
    assert 0.5 < found.score <= 1


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "B", 1_000, 0), ("B", "C", 980, 2 * HOUR), ("C", "A", 950, HOUR)],  # against time
        [("A", "B", 1_000, 0), ("B", "C", 200, HOUR), ("C", "A", 190, 2 * HOUR)],  # too large a cut
        [("A", "B", 1_000, 0), ("B", "C", 2_500, HOUR), ("C", "A", 2_400, 2 * HOUR)],  # it grows too much
        [("A", "B", 1_000, 0), ("B", "C", 980, HOUR), ("C", "A", 950, 200 * HOUR)],  # too slow
        [("A", "A", 1_000, 0), ("A", "A", 980, HOUR), ("A", "A", 980, HOUR)],  # self-transfers
        [("A", "B", 1_000, 0), ("B", "A", 980, HOUR)],  # money sent back
    ],
)
def test_no_ring(rows: list[tuple[str, str, int, int]]) -> None:
    assert run(town(rows)) == []


def test_order_of_time_may_be_left_out() -> None:
    store = town(
        [("A", "B", 1_000, 0), ("B", "C", 1_000, 2 * HOUR), ("C", "A", 1_000, HOUR), ("A", "B", 1_000, 500 * HOUR)]
    )
    assert run(store) == []
    (found,) = run(store, in_time_order=False)
    assert set(found.evidence_ids) == {"t0", "t1", "t2"}


def test_currencies_never_mix() -> None:
    rows = [("A", "B", 1_000, 0), ("B", "C", 980, HOUR), ("C", "A", 950, 2 * HOUR)]
    assert run(town(rows, currency=["CNY", "USD", "CNY"])) == []


def test_equal_times_and_bundles() -> None:
    rows = [("A", "B", 1_000, 0), ("B", "C", 1_000, 0), ("C", "A", 1_000, 0)] * 5
    (found,) = run(town(rows))
    assert len(found.evidence_ids) == 15
    assert found.details["ways"] == 1
    assert run(town(rows), allow_equal_times=False) == []


def test_a_busy_node_is_cut_short_and_said() -> None:
    rows = [("A", "B", 1_000, 0)]
    rows += [("B", f"C{i}", 1_000, HOUR) for i in range(300)] + [(f"C{i}", "D", 1, 3 * HOUR) for i in range(300)]
    rows += [("X", "Y", 1_000, 0), ("Y", "Z", 1_000, HOUR), ("Z", "X", 1_000, 2 * HOUR), ("Z", "A", 1_000, HOUR)]
    (found,) = run(town(rows), steps_per_start=100)
    assert {m.id for m in found.members} == set("XYZ")
    assert found.details["omitted"] == ["1 first payments were searched only in part"]


def test_customers_of_one_shop_are_not_searched_through_it() -> None:
    """Who has one partner is on no ring of three: nothing is cut short however few steps are allowed."""
    rows = [(f"C{i}", "SHOP", 1_000, i) for i in range(300)] + [("SHOP", f"C{i}", 1_000, HOUR + i) for i in range(300)]
    rows += [("X", "Y", 1_000, 0), ("Y", "SHOP", 1_000, HOUR), ("SHOP", "X", 1_000, 2 * HOUR)]
    (found,) = run(town(rows), steps_per_start=10)
    assert {m.id for m in found.members} == {"X", "Y", "SHOP"}
    assert found.details["omitted"] == []


def test_bounds_are_checked() -> None:
    with pytest.raises(ValidationError):
        CycleParams(min_hops=5, max_hops=4)
    assert ALGORITHM.name == "cycle"


edges = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(8, 12), st.integers(0, 6), st.integers(0, 1)),
    min_size=1, max_size=16,
)  # fmt: skip


def brute(
    rows: list[tuple[int, int, int, int, int]], window: int, ties: bool, drop: float, rise: float
) -> set[frozenset[int]]:
    """Rings as (currency, smallest rotation of nodes) by trying every path."""
    found = set()

    def walk(path: list[int]) -> None:
        last = rows[path[-1]]
        for i, row in enumerate(rows):
            later = row[3] >= last[3] if ties else row[3] > last[3]
            fits = (1 - drop) * last[2] <= row[2] <= (1 + rise) * last[2]
            if row[0] != last[1] or not later or not fits or row[4] != last[4] or row[0] == row[1]:
                continue
            if row[3] - rows[path[0]][3] > window * 1000:
                continue
            nodes = [rows[k][0] for k in path]
            if row[1] == nodes[0] and len(path) >= 2:
                ring = [*nodes, row[0]]
                turn = ring.index(min(ring))
                found.add((row[4], *ring[turn:], *ring[:turn]))
            elif row[1] not in nodes and row[1] != row[0] and len(path) < 4 and row[1] != last[1]:
                walk([*path, i])

    for i, row in enumerate(rows):
        if row[0] != row[1]:
            walk([i])
    return found


@settings(max_examples=300, deadline=None)
@given(edges, st.booleans(), st.sampled_from([0.0, 0.25]), st.sampled_from([0.0, 0.25]))
def test_rings_equal_brute_force(rows, ties, drop, rise) -> None:  # type: ignore[no-untyped-def]
    rows = sorted(((a, b, m, t * 1000, c) for a, b, m, t, c in rows), key=lambda row: row[3])
    src, dst, amount, at, currency = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    none = np.zeros(len(rows), np.bool_)
    flow = fl.Flow(src, dst, amount, at, currency, np.zeros(5, np.int64), none, none)
    params = CycleParams(max_hops=5, window_s=4, allow_equal_times=ties, max_drop_share=drop, max_rise_share=rise)
    rings, cut = search(flow, params)
    assert cut == 0
    made = set()
    for ring in rings:
        nodes = flow.src[ring.best].tolist()
        turn = nodes.index(min(nodes))
        made.add((int(flow.currency[ring.best[0]]), *nodes[turn:], *nodes[:turn]))
    assert len(made) == len(rings)
    assert made == brute(rows, 4, ties, drop, rise)


def test_the_same_whatever_the_row_order() -> None:
    rng = np.random.default_rng(5)
    rows = [(f"A{a}", f"A{b}", int(m), int(t) * HOUR) for a, b, m, t in zip(
        rng.integers(0, 15, 300), rng.integers(0, 15, 300), rng.integers(95, 100, 300), rng.integers(0, 100, 300), strict=True
    )]  # fmt: skip
    ids = [f"t{i:03}" for i in range(300)]
    turned = rng.permutation(300)
    first = run(town(rows, id=ids), max_hops=4)
    again = run(town([rows[i] for i in turned], id=[ids[i] for i in turned]), max_hops=4)
    assert first and first == again
