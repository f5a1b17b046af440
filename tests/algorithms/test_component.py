"""Components: closed groups and a gang in the middle of a town by hand, and any payments at all against networkx."""

from __future__ import annotations

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, ties, town
from test_roles import gang_town

from algorithms import component
from algorithms._base import Found, Task
from algorithms.component import ComponentParams


def run(store: MemoryStore, **params: object) -> list[Found]:
    return component.find(Task(store), ComponentParams.model_validate(params))  # type: ignore[arg-type]


def accounts(item: Found) -> frozenset[str]:
    return frozenset(member.id for member in item.members if member.label == "Account")


def test_a_closed_group_is_found_and_the_town_around_it_is_society() -> None:
    people = [(f"e{i}", f"e{(i * 7 + 3) % 300}", 1_000, i * 60_000) for i in range(300)]
    people += [(f"e{i}", f"e{(i + 1) % 300}", 1_000, i * 90_000) for i in range(300)]
    closed = [("v", "m", 500_000, 0), ("m", "n", 495_000, 60_000), ("n", "o", 490_000, 120_000)]
    assert [accounts(item) for item in run(town(people + closed), min_score=0, ties="all")] == [frozenset("vmno")]
    assert run(town(people), min_score=0, ties="all") == []


def test_a_gang_that_the_town_pays_is_cut_out_of_it_by_its_close_ties() -> None:
    """Forty people pay each other and six of them the gang: all are one component of all ties, and none of close ones."""
    (gang,) = run(gang_town())
    assert accounts(gang) == {"m0", "m1", "m2", "c"} and gang.score > 0.7
    assert {member.id for member in gang.members if member.label == "Device"} <= {"D"}
    assert run(gang_town(), ties="all", min_score=0, always_below=10) == []


def test_a_thing_of_many_and_an_honest_chain_of_payments_join_nobody() -> None:
    rows = [(f"a{i}", f"a{i + 1}", 1_000, i * 90 * 86_400_000) for i in range(8)]
    crowd = ties("USED_DEVICE", ("Account", "Device"), [(f"a{i}", "D") for i in range(7)])
    assert run(town(rows, crowd), min_score=0) == []
    (sharers,) = run(town(rows, crowd), min_score=0, identity_cap=7)
    assert accounts(sharers) == {f"a{i}" for i in range(7)}


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 99)), min_size=1, max_size=25))
def test_groups_are_those_of_networkx(rows: list[tuple[int, int, int]]) -> None:
    graph = networkx.Graph([(f"A{a}", f"A{b}") for a, b, _ in rows if a != b])
    store = town([(f"A{a}", f"A{b}", 100 * m, i * 60_000) for i, (a, b, m) in enumerate(rows)])
    found = run(store, min_score=0, min_size=2, max_share=1, ties="all")
    assert {accounts(item) for item in found} == {frozenset(part) for part in networkx.connected_components(graph)}
    assert len(found) == networkx.number_connected_components(graph)
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
