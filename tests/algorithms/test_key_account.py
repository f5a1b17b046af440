"""Key accounts by hand: the account all ways go through is named, its neighbours are not; places are those of networkx."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, town

from algorithms._base import Found, Task
from algorithms._pattern import scene
from algorithms._steps import steps
from algorithms.key_account import KeyAccountParams, find, places

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
#: Three payers reach K through two mules, and K pays three on: every way goes through K.
BROKER: Rows = [
    ("P0", "M0", 1_000, 0), ("P1", "M0", 1_000, MIN), ("P2", "M1", 2_000, 2 * MIN),
    ("M0", "K", 1_960, HOUR), ("M1", "K", 1_960, HOUR + MIN),
    ("K", "C0", 1_300, 2 * HOUR), ("K", "C1", 1_300, 2 * HOUR + MIN), ("K", "C2", 1_250, 2 * HOUR + 2 * MIN),
]  # fmt: skip


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), KeyAccountParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    first, *others = run(town(BROKER))
    assert [(m.id, m.role, m.layer) for m in first.members] == [("K", "mule", 1)]
    # Five accounts before it, three behind it: each of the five reaches each of the three through K alone.
    assert (first.details["paths"], first.details["payers"], first.details["payees"]) == (15.0, 2, 3)
    assert first.evidence_ids == ("t3", "t4", "t5", "t6", "t7") and first.amount_minor == 3_920
    assert [(item.members[0].id, item.details["paths"]) for item in others] == [("M0", 8.0)]  # 2 payers x (K and 3)
    assert "15 shortest ways of passed-on money go through it" in first.reasons


@pytest.mark.parametrize(
    "rows",
    [
        [row for row in BROKER if row[0] != "K"],  # it kept the money
        [(a, b, m, t + (5 * DAY if a == "K" else 0)) for a, b, m, t in BROKER[3:]],  # it rested for days
        [("P0", "K", 1_000, 0), ("K", "C0", 980, HOUR)],  # one way only
        [(a, b, m, -t) for a, b, m, t in BROKER],  # out before in
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert "K" not in {member.id for item in run(town(rows)) for member in item.members}


def test_a_shop_and_a_cash_point_are_in_the_middle_of_everything_and_no_key() -> None:
    for kind in ("merchant", "cash"):
        ends = sorted({end for row in BROKER for end in row[:2]})
        kinds = [kind if end == "K" else "bank" for end in ends]
        assert "K" not in {m.id for f in run(MemoryStore([nodes("Account", ends, kind=kinds), payments(BROKER)])) for m in f.members}  # fmt: skip


def test_currencies_stay_apart() -> None:
    money = ["CNY", "CNY", "USD", "CNY", "USD", "CNY", "CNY", "USD"]
    for item in run(town(BROKER, currency=money), min_paths=0):
        assert {money[int(event[1:])] for event in item.evidence_ids} == {item.currency}


def test_who_deals_with_very_many_is_left_out_and_it_is_said() -> None:
    many = [(f"P{i}", "H", 1_000, 10 * MIN + i) for i in range(30)] + [("H", f"C{i}", 990, HOUR + i) for i in range(30)]
    found = run(town([*many, *((f"x{a}", f"x{b}", m, t) for a, b, m, t in BROKER)]), max_partners=20)
    assert [item.members[0].id for item in found] == ["xK", "xM0"]
    assert found[0].details["omitted"] == ["1 accounts with more than 20 partners were left out"]


def test_sources_are_drawn_when_there_are_many_and_it_is_said() -> None:
    (first, *_) = run(town(BROKER), sources=4, min_paths=0)
    assert "paths were followed from 4 accounts that were drawn, not from all" in first.details["omitted"]
    assert run(town(BROKER), sources=4, min_paths=0) == run(town(BROKER), sources=4, min_paths=0)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(80, 100), st.integers(0, 200)),
        min_size=1,
        max_size=50,
    )
)
def test_places_are_those_of_networkx(rows: list[tuple[int, int, int, int]]) -> None:
    """Of the network of passed-on payments: ways through each account, cores and circles; and only accounts in it are named."""
    store = town([(f"A{a}", f"A{b}", m * 10, t * MIN) for a, b, m, t in rows])
    params = KeyAccountParams(min_paths=0)
    here = scene(Task(store), params)  # type: ignore[arg-type]
    some = steps(here, params)
    if not len(some):
        assert run(store, min_paths=0) == []
        return
    found, flow = places(Task(store), here, some.rows, params), here.flow  # type: ignore[arg-type]
    graph = networkx.DiGraph(list(zip(flow.src[some.rows].tolist(), flow.dst[some.rows].tolist(), strict=True)))
    graph.add_nodes_from(range(flow.n_nodes))
    between = networkx.betweenness_centrality(graph, normalized=False)
    assert found.paths == pytest.approx([between[v] for v in range(flow.n_nodes)], abs=1e-3)
    core = networkx.core_number(graph.to_undirected())
    assert found.core.tolist() == [core[v] for v in range(flow.n_nodes)]
    circles = {v: len(part) for part in networkx.strongly_connected_components(graph) for v in part}
    assert found.circle.tolist() == [circles[v] if circles[v] > 1 else 0 for v in range(flow.n_nodes)]
    named = {member.id for item in run(store, min_paths=0) for member in item.members}
    assert named == {here.money.names([v])[0][1] for v in np.unique(some.middle).tolist()}
