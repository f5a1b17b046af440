"""Shared devices by hand: one operator's handset, a family's tablet, a person's own accounts, and a crowd's cafe."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, ties

from algorithms._base import Found, Task
from algorithms.shared_device import SharedDeviceParams, find

MIN, DAY = 60_000, 86_400_000
ACCOUNTS = ["A", "B", "C", "X", "Y"]
#: X pays A, B and C; each sends it on to Y within minutes.
RELAYS = [row for i, name in enumerate("ABC") for row in (("X", name, 10_000, i * DAY), (name, "Y", 9_900, i * DAY + 5 * MIN))]  # fmt: skip


def place(uses: list[tuple[str, str]], *, rows=RELAYS, owners=(), opened: int | None = None, more=()) -> MemoryStore:
    return MemoryStore([
        nodes("Account", ACCOUNTS, opened_at_ms=pa.array([opened] * 5, pa.int64())), payments(rows),
        ties("USED_DEVICE", ("Account", "Device"), uses), ties("OWNS", ("Person", "Account"), owners), *more,
    ])  # fmt: skip


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), SharedDeviceParams.model_validate({"min_units": 0.5, **params}))  # type: ignore[arg-type]


HANDSET = [("A", "D"), ("B", "D"), ("C", "D")]


def test_picture() -> None:
    phones = ties("REGISTERED_WITH", ("Account", "Phone"), [("A", "+86138"), ("B", "+86138"), ("C", "+86138")])
    (found,) = run(place(HANDSET, opened=-DAY, more=[phones]))
    assert [(m.label, m.id, m.role) for m in found.members] == [
        ("Account", "A", "sharer"), ("Account", "B", "sharer"), ("Account", "C", "sharer"),
        ("Phone", "+86138", "shared_identifier"), ("Device", "D", "shared_identifier"),
    ]  # fmt: skip
    assert found.title == "3 accounts of 3 holders share 1 Phone, 1 Device"
    assert (found.details["holders"], found.details["things"], found.details["passing"]) == (3, 2, 3)
    assert found.score > 0.6 and found.against == ()


def test_a_household_scores_low_and_says_why() -> None:
    quiet = [("X", "A", 10_000, 0), ("X", "B", 10_000, DAY), ("X", "C", 10_000, 2 * DAY)]
    assert run(place(HANDSET, rows=quiet)) == []
    (family,) = run(place(HANDSET, rows=quiet), min_score=0)
    assert any("none of the accounts passes money on" in line for line in family.against)


def test_accounts_of_one_person_share_nothing() -> None:
    assert run(place(HANDSET, owners=[("P", "A"), ("P", "B"), ("P", "C")]), min_score=0) == []
    assert run(place(HANDSET, owners=[("P", "A"), ("P", "B")]), min_score=0) == []  # two holders are no group


def test_a_thing_shared_by_too_many_is_damped_then_ignored() -> None:
    few, many = run(place(HANDSET), min_score=0), run(place(HANDSET), min_score=0, damped_from=2)
    assert many[0].score < few[0].score
    assert any("shared by 3 holders" in line for line in many[0].against)
    crowd = [("A", "D"), ("B", "D"), ("C", "D"), ("X", "D"), ("A", "E"), ("B", "E"), ("C", "E")]
    (found,) = run(place(crowd), min_score=0, max_holders=3)
    assert [m.id for m in found.members if m.label == "Device"] == ["E"]
    assert found.details["omitted"] == ["1 things shared by more than 3 holders tie nobody"]


def test_addresses_of_carriers_and_public_places_tie_nobody() -> None:
    ip = ties("CONNECTED_FROM", ("Account", "IP"), [("A", "10.0.0.1"), ("B", "10.0.0.1"), ("C", "10.0.0.1")])
    for kind, count in (("mobile", 0), ("public_wifi", 0), ("hosting", 1)):
        assert len(run(place([], more=[ip, nodes("IP", ["10.0.0.1"], kind=[kind])]), min_score=0)) == count


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from("DEFG")), max_size=20), st.permutations(range(5)))
def test_order_does_not_matter_and_every_member_shares(uses: list[tuple[str, str]], order: list[int]) -> None:
    uses = list(dict.fromkeys(uses))
    found = run(place(uses), min_score=0)
    assert found == run(place([*uses[1:], *uses[:1]]), min_score=0)
    for item in found:
        things = {m.id for m in item.members if m.label == "Device"}
        users = {m.id for m in item.members if m.label == "Account"}
        assert users == {account for account, device in uses if device in things}
        assert item.details["holders"] >= 3 and 0 <= item.score <= 1
