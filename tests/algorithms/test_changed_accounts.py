"""Changed accounts by hand: a mule account replaced by another, people who come, go and return, by dates and by loads."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, ties
from pydantic import ValidationError

from algorithms._base import Found, Task
from algorithms.changed_accounts import ChangedAccountsParams, find

MIN, DAY = 60_000, 86_400_000
IDS = ["NEW", "OLD", "Q", "S", "W", "X"]


def relay(name: str, day: int, times: int = 3) -> list[tuple[str, str, int, int]]:
    return [
        row
        for i in range(times)
        for row in (("X", name, 1_000, (day + i) * DAY), (name, "Q", 990, (day + i) * DAY + 5 * MIN))
    ]


#: OLD passes money on until day 22, NEW from day 24; W sleeps from day 2 to day 30; S lives all the time.
ROWS = sorted(
    [*relay("OLD", 18, 4), *relay("NEW", 24, 4), *relay("W", 0), *relay("W", 30), *[("X", "S", 900, d * DAY) for d in range(0, 36)]],
    key=lambda row: row[3],
)  # fmt: skip
TURN = 23 * DAY


def place(rows=ROWS, devices=(("OLD", "D"), ("NEW", "D")), loads: list[int] | None = None) -> MemoryStore:
    columns = {"load_seq": pa.array(loads, pa.int64())} if loads else {}
    return MemoryStore([
        nodes("Account", IDS), payments(rows, **columns), ties("USED_DEVICE", ("Account", "Device"), devices),
    ])  # fmt: skip


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), ChangedAccountsParams.model_validate({"turn_ms": TURN, "min_units": 0, **params}))  # type: ignore[arg-type]


def states(found: list[Found]) -> dict[str, list[str]]:
    return {item.details["state"]: sorted(m.id for m in item.members) for item in found if "state" in item.details}


def test_picture() -> None:
    succession, *lists = run(place())
    assert [(m.id, m.role) for m in succession.members] == [("OLD", "vanished"), ("NEW", "new")]
    assert succession.title == "1 new or woken accounts take over from 1 vanished"
    assert (succession.details["shared"], succession.details["gap_days"]) == (
        ["device", "payee", "payer"],
        3.0,
    )
    assert succession.score > 0.6 and succession.against == ()
    assert states(lists) == {"new": ["NEW"], "vanished": ["OLD"], "woken": ["W"]}
    assert all(item.score <= 0.3 for item in lists)


def test_nothing_shared_is_no_succession() -> None:
    rows = [("Y" if b == "NEW" else a, "R" if a == "NEW" else b, m, t) for a, b, m, t in ROWS if "W" not in (a, b)]
    store = MemoryStore([nodes("Account", [*IDS, "R", "Y"]), payments(rows)])
    found = run(store)
    assert not [item for item in found if "state" not in item.details]
    assert "NEW" in states(found)["new"]


def test_the_default_turn_is_a_window_before_the_end() -> None:
    assert "NEW" in states(run(place(), turn_ms=None))["new"]


def test_many_turns_find_a_succession_of_long_ago_once() -> None:
    later = [*ROWS, ("X", "S", 900, 80 * DAY)]
    assert not [item for item in run(place(later), turn_ms=None) if "state" not in item.details]
    (found,) = [
        item
        for item in run(place(later), turn_ms=None, turn_every_s=4 * 86_400)
        if "state" not in item.details and item.score > 0.6
    ]
    assert {m.id for m in found.members} >= {"OLD", "NEW"}


def test_few_or_small_transfers_are_no_activity() -> None:
    assert "new" not in states(run(place(), min_transfers=9))
    assert states(run(place(), min_units=1_000)) == {}


def test_between_two_loads() -> None:
    loads = [1 if t < TURN else 2 for *_, t in ROWS]
    found = run(place(loads=loads), turn_ms=None, before_load=1, after_load=2)
    assert states(found) == {"new": ["NEW"], "vanished": ["OLD"]}  # W is in both loads
    assert found[0].details["before"] == "load 1"
    for wrong in ({"before_load": 1}, {"before_load": 2, "after_load": 2}):
        with pytest.raises(ValidationError, match="load"):
            ChangedAccountsParams.model_validate(wrong)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.integers(0, 40)), min_size=1, max_size=30))
def test_states_are_what_they_say(rows: list[tuple[str, str, int]]) -> None:
    made = [(a, b, 10, day * DAY) for a, b, day in rows]
    found = states(run(place(made), min_transfers=1))

    def days(name: str) -> list[int]:
        return [day for a, b, day in rows if name in (a, b) and a != b]

    for name in found.get("new", []):
        assert min(days(name)) >= 23
    for name in found.get("vanished", []):
        assert max(day for day in days(name) if day < 37) in range(9, 23)
    for name in found.get("woken", []):
        assert min(days(name)) < 9 and not any(9 <= day < 23 for day in days(name))
