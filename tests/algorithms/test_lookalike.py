"""Look-alikes by hand: mules of one operator, a family, a namesake, a crowd; damping by how many share a thing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, ties

from algorithms._base import Found, Task
from algorithms.lookalike import LookalikeParams, find
from graph.model import RowSet

MIN, DAY = 60_000, 86_400_000
IDS = ["A", "B", "C", "Q", "X1", "X2", "Z"]
#: A and B are each paid by X1 and X2 and send it on to Q, on the same three days out of thirty.
RELAYS = [
    row for day in (1, 2, 3) for mule in "AB" for payer in ("X1", "X2")
    for row in ((payer, mule, 1_000, day * DAY), (mule, "Q", 990, day * DAY + 5 * MIN))
] + [("Z", "C", 5, 0), ("Z", "C", 5, 30 * DAY)]  # fmt: skip


def place(
    devices=(("A", "D"), ("B", "D")), *more: RowSet, rows=RELAYS, names: list[str | None] | None = None
) -> MemoryStore:
    return MemoryStore([
        nodes("Account", IDS, name=names or [None] * len(IDS)), payments(rows),
        ties("USED_DEVICE", ("Account", "Device"), devices), *more,
    ])  # fmt: skip


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), LookalikeParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(place())
    assert [(m.id, m.role) for m in found.members] == [("A", "sharer"), ("B", "sharer")]
    assert found.details["shared"] == {"device": 1, "payee": 1, "payer": 1, "days": 1}
    assert (found.details["pairs"], found.details["passing"]) == (1, 2)
    assert found.score > 0.7 and found.against == ()


def test_one_kind_of_evidence_is_not_enough() -> None:
    quiet = [("X1", "A", 10, 0), ("X2", "B", 10, 9 * DAY), ("Z", "C", 5, 30 * DAY)]
    assert run(place(rows=quiet), min_score=0, min_likeness=0.1) == []
    assert len(run(place(rows=quiet), min_score=0, min_likeness=0.1, min_kinds=1)) == 1


def test_a_family_is_alike_but_scores_low_and_says_why() -> None:
    phones = ties("REGISTERED_WITH", ("Account", "Phone"), [("A", "P"), ("B", "P")])
    quiet = [("X1", "A", 10, 0), ("X1", "B", 10, 0), ("Z", "C", 5, 30 * DAY)]
    assert run(place((("A", "D"), ("B", "D")), phones, rows=quiet)) == []
    (family,) = run(place((("A", "D"), ("B", "D")), phones, rows=quiet), min_score=0)
    assert any("family" in line for line in family.against)


def test_a_name_counts_and_may_be_a_namesake() -> None:
    names: list[str | None] = ["王 芳", " 王 芳 ", *[None] * 5]
    (with_name,), (without,) = run(place(names=names)), run(place())
    assert with_name.details["shared"]["name"] == 1 and with_name.score > without.score
    assert any("namesake" in line for line in with_name.against)
    assert "name" not in run(place(names=["", " ", *[None] * 5]))[0].details["shared"]


def test_what_more_share_weighs_less_and_then_nothing() -> None:
    three = (("A", "D"), ("B", "D"), ("C", "D"))
    pair, crowd = run(place(), min_score=0), run(place(three), min_score=0)
    likeness = [found[0].details["signs"]["likeness"] for found in (pair, crowd)]
    assert likeness[1] < likeness[0]
    assert "device" not in run(place(three), min_score=0, identifier_cap=2)[0].details["shared"]


def test_accounts_of_one_person_are_not_compared() -> None:
    owner = ties("OWNS", ("Person", "Account"), [("P", "A"), ("P", "B")])
    assert run(place((("A", "D"), ("B", "D")), owner), min_score=0.2) == []


def test_a_crowd_is_left_out_and_said() -> None:
    every = [*RELAYS, *[(x, "C", 1_000, day * DAY) for day in (1, 2, 3) for x in ("X1", "X2")]]
    phone = ties("REGISTERED_WITH", ("Account", "Phone"), [(a, p) for a in "ABC" for p in ("P1", "P2")])
    big = place((), phone, rows=every)
    assert len(run(big, min_score=0)[0].members) == 3
    (payers,) = run(big, min_score=0, max_group=2)
    assert [m.id for m in payers.members] == ["X1", "X2"]
    assert payers.details["omitted"] == ["1 groups of more than 2 accounts were left out as crowds"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from("DEF")), max_size=15), st.integers(2, 5))
def test_pairs_share_a_thing_within_the_cap_whatever_the_order(uses: list[tuple[str, str]], cap: int) -> None:
    uses = list(dict.fromkeys(uses))
    loose = {"min_score": 0, "min_likeness": 0.01, "min_kinds": 1, "identifier_cap": cap, "partner_cap": 2}
    found = run(place(tuple(uses)), **loose)
    assert found == run(place(tuple(reversed(uses))), **loose)
    tied = {
        name for device in "DEF" if 2 <= sum(d == device for _, d in uses) <= cap for name, d in uses if d == device
    }
    with_device = [item for item in found if "device" in item.details["shared"]]
    assert {m.id for item in with_device for m in item.members} >= tied - {"X1", "X2", "Q"} - {"A", "B"}
    assert all(0 <= item.score <= 1 for item in found)
