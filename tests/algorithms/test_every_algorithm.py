"""What holds for every algorithm there is, on small random worlds of payments, coin, calls and shared things.

It walks the registry: an algorithm added tomorrow is asked the same. Parameters are the loosest their bounds allow, so that
random data shows something; that it does is checked too.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from annotated_types import Ge, Gt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes
from test_learned_risk import fitted

from algorithms._base import Algorithm, Found, Task, catalog
from algorithms._complete import completed
from algorithms._run import run_one
from graph.model import RowSet, conform
from graph.schema import NODES

MIN = 60_000
#: Every kind of event and tie: type, (from label, to label), letters of its ends, columns drawn for it.
KINDS = {
    "pay": ("TRANSFER", ("Account", "Account")),
    "buy": ("EXCHANGED", ("Account", "Wallet")),
    "move": ("MOVED", ("Wallet", "Wallet")),
    "sell": ("EXCHANGED", ("Wallet", "Account")),
    "call": ("CALLED", ("Phone", "Phone")),
    "text": ("TEXTED", ("Phone", "Phone")),
    "use": ("USED_DEVICE", ("Account", "Device")),
    "sim": ("USED_DEVICE", ("Phone", "Device")),
    "line": ("REGISTERED_WITH", ("Account", "Phone")),
    "own": ("OWNS", ("Person", "Account")),
}
COUNT = {"Account": 8, "Wallet": 4, "Phone": 6, "Device": 3, "Person": 4}
EVENTS = ("pay", "buy", "move", "sell", "call", "text")
#: (kind, from, to, amount or length, minutes): ends are numbers that are cut down to how many there are.
Row = tuple[str, int, int, int, int]
ROW = st.tuples(
    st.sampled_from([*KINDS, *["pay"] * 14]), st.integers(0, 7), st.integers(0, 7), st.integers(1, 60), st.integers(0, 400)
)  # fmt: skip
WORLDS = st.lists(ROW, min_size=1, max_size=90)


def loosest(algorithm: Algorithm, **more: Any) -> Any:
    """Parameters whose least of anything (`min_...`) is as low as it may be."""
    given: dict[str, Any] = {}
    for name, field in algorithm.params.model_fields.items():
        lows = [rule.ge if isinstance(rule, Ge) else None for rule in field.metadata if isinstance(rule, Ge | Gt)]
        if name.startswith("min_") and lows and lows[0] is not None:
            given[name] = lows[0]
    return algorithm.params.model_validate(
        given | {name: more[name] for name in more if name in algorithm.params.model_fields}
    )


@dataclass(frozen=True, slots=True)
class World:
    """Rows and in which order a store gives them back."""

    rows: Sequence[Row]

    def store(self, order: Iterable[int] | None = None) -> MemoryStore:
        places = list(range(len(self.rows)) if order is None else order)
        made = [_rows(kind, [(i, self.rows[i]) for i in places if self.rows[i][0] == kind]) for kind in KINDS]
        return MemoryStore([*_things(), *(item for item in made if len(item.table))])

    def times(self) -> dict[str, int]:
        return {f"{row[0]}{i:03}": row[4] * MIN for i, row in enumerate(self.rows) if row[0] in EVENTS}


def _name(label: str, number: int) -> str:
    """Numbers from 100 on are those of a second world (`twice`)."""
    return f"{label[0]}{number % 100 % COUNT[label]}{'x' if number >= 100 else ''}"


def _names(label: str) -> list[str]:
    return [_name(label, start + i) for start in (0, 100) for i in range(COUNT[label])]


def _things() -> list[RowSet]:
    opened = pa.array([-(i % 3) * 86_400_000 for i in range(2 * COUNT["Account"])], pa.int64())
    return [nodes(label, _names(label), **({"opened_at_ms": opened} if label == "Account" else {})) for label in COUNT]


def _rows(kind: str, chosen: Sequence[tuple[int, Row]]) -> RowSet:
    type_name, pair = KINDS[kind]
    columns: dict[str, Any] = {
        "from_id": pa.array([_name(pair[0], row[1]) for _, row in chosen], pa.string()),
        "to_id": pa.array([_name(pair[1], row[2]) for _, row in chosen], pa.string()),
        "id": pa.array([f"{kind}{i:03}" for i, _ in chosen], pa.string()),
    }
    amounts = pa.array([row[3] * 1_000 for _, row in chosen], pa.int64())
    if kind in EVENTS:
        columns["at_ms"] = pa.array([row[4] * MIN for _, row in chosen], pa.int64())
    if kind in ("pay", "buy", "sell", "move"):
        money = pa.array(
            ["USDT" if kind == "move" else "USD" if row[3] == 60 else "CNY" for _, row in chosen], pa.string()
        )
        columns |= {"amount_minor": amounts, "currency": money}
    if kind in ("buy", "sell"):
        columns |= {"coin_minor": amounts, "coin": pa.array(["USDT"] * len(chosen), pa.string())}
    if kind == "call":
        columns["duration_s"] = pa.array([row[3] * 20 for _, row in chosen], pa.int64())
    if kind == "text":
        columns["text"] = pa.array([f"刷单返利 {row[3]}" for _, row in chosen], pa.string())
    return RowSet(type_name, conform(type_name, pa.table(columns)), *pair)


def planted() -> World:
    """A sleep of months and a burst, two full layers, sums just under what is reported, coin, callers, shared things."""
    rows: list[Row] = [("pay", 7, i % 7, 30, 200_000 + i) for i in range(20)]
    rows += [("pay", i % 7, 7, 30, 200_000 + i) for i in range(20)]
    layers = ((0, 2), (0, 3), (1, 2), (1, 3), (2, 4), (2, 5), (3, 4), (3, 5))
    rows += [("pay", a, b, 55, 100_000 + 60 * b + a) for a, b in layers]
    rows += [("pay", 6, i, 4_950 + i, 2_000 + i) for i in range(4)]
    rows += [("call", 5, i, 60, 10 * i) for i in range(5)] + [("text", 5, i, i, 10 * i) for i in range(5)]
    rows += [("line", i, i, 1, 0) for i in range(5)] + [("use", i, i % 3, 1, 0) for i in range(8)]
    rows += [("sim", i, 0, 1, 0) for i in range(6)] + [("own", i, i, 1, 0) for i in range(4)]
    rows += [("buy", 0, 0, 50, 10), ("move", 0, 1, 49, 20), ("move", 1, 2, 48, 30), ("sell", 2, 3, 47, 40)]
    return World(rows)


def busy(seed: int = 5) -> World:
    """The same among two hundred payments of everybody to everybody."""
    dice = np.random.default_rng(seed)
    numbers = dice.integers([0, 0, 1, 0], [8, 8, 60, 400], (200, 4)).tolist()
    return World([*(("pay", *row) for row in numbers), *planted().rows])


def handed_over() -> World:
    """One account stops, and another one goes on with its device and phone; both pass on what they get."""
    rows: list[Row] = []
    for account, start in ((4, 0), (5, 20_900)):
        rows += [("use", account, 0, 1, 0), ("line", account, 0, 1, 0)]
        rows += [("pay", i, account, 50, start + 10 * i) for i in range(4)]
        rows += [("pay", account, 6 + i % 2, 49, start + 10 * i + 5) for i in range(4)]
    return World(rows)


def twice(world: World) -> World:
    """The world, and beside it the same among other accounts, wallets, phones and devices."""
    return World([*world.rows, *((kind, a + 100, b + 100, much, at) for kind, a, b, much, at in world.rows)])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(fitted(tmp_path_factory.mktemp("models")))


def find(algorithm: Algorithm, store: MemoryStore, models: str, **more: Any) -> list[Found]:
    """What it finds at its loosest, complete as it would be written."""
    params = loosest(algorithm, models=models, min_probability=0, **more)
    return completed(algorithm.find(Task(store), params), store)  # type: ignore[arg-type]


def with_findings(world: World, order: Iterable[int] | None, models: str) -> MemoryStore:
    """The world with findings of other algorithms in it, for those that read them."""
    store = world.store(order)
    for name in ("pass_through", "fan_in"):
        store.apply(2, run_one(catalog()[name], store, loosest(catalog()[name]), run_id=f"run-{name}").rowsets)  # type: ignore[arg-type]
    return store


def stands(found: Sequence[Found], world: World) -> None:
    """Who, what, when, how much, why, and what speaks against it: in every finding, and true of the world."""
    times = world.times()
    names = {(label, name) for label in COUNT for name in _names(label)}
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    moved = {("Account", _name("Account", end)) for row in world.rows if row[0] == "pay" for end in row[1:3]}
    for item in found:
        assert 0 <= item.score <= 1 and item.title and item.reasons and item.against
        assert item.members and {(member.label, member.id) for member in item.members} <= names
        assert all(member.score is None or 0 <= member.score <= 1 for member in item.members)
        assert len(set(item.evidence_ids)) == len(item.evidence_ids) and set(item.evidence_ids) <= times.keys()
        assert (item.amount_minor is None) or (item.amount_minor >= 0 and item.currency in ("CNY", "USD", "MIXED"))
        if item.evidence_ids or any((member.label, member.id) in moved for member in item.members):
            assert item.starts_ms is not None and item.ends_ms is not None and item.starts_ms <= item.ends_ms
        for event in item.evidence_ids:
            assert (item.starts_ms or 0) <= times[event] <= (item.ends_ms or 0), event
        json.dumps(dict(item.details), allow_nan=False)


@pytest.mark.parametrize("name", sorted(catalog()))
def test_it_finds_something_among_what_is_planted_and_every_finding_stands(name: str, models: str) -> None:
    count = 0
    for world in (planted(), busy()):
        store = with_findings(world, None, models) if catalog()[name].after else world.store()
        found = find(catalog()[name], store, models)
        stands(found, world)
        count += len(found)
    assert count, "the loosest parameters find nothing: the tests of this file would say nothing about it"


@pytest.mark.parametrize("name", sorted(catalog()))
def test_what_a_limit_of_one_leaves_out_is_said(name: str, models: str) -> None:
    """Every algorithm finds two things or more in one of the worlds: none of them may drop the second in silence."""
    algorithm, asked = catalog()[name], 0
    limit = "limit" if "limit" in algorithm.params.model_fields else "max_findings"
    for world in (planted(), busy(), twice(planted()), twice(handed_over())):
        store = with_findings(world, None, models) if algorithm.after else world.store()
        every, one = (find(algorithm, store, models, **given) for given in ({}, {limit: 1}))
        if len(every) > max(1, len(one)):
            said = [str(line) for line in one[0].details["omitted"]]
            assert any("left out" in line for line in said), said
            asked += 1
    assert asked, "no world shows it two things: this test would say nothing about it"


@pytest.mark.parametrize("name", sorted(catalog()))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=WORLDS, data=st.data())
def test_random_worlds(name: str, models: str, rows: list[Row], data: st.DataObject) -> None:
    """Every finding stands, and neither the order of rows nor a second run changes anything."""
    world, algorithm = World(rows), catalog()[name]
    order = data.draw(st.permutations(range(len(rows))))
    made = with_findings if algorithm.after else lambda some, places, _models: some.store(places)
    found = find(algorithm, made(world, None, models), models)
    stands(found, world)
    other = find(algorithm, made(world, order, models), models)
    assert [dataclasses.replace(item, details={}) for item in found] == [dataclasses.replace(item, details={}) for item in other]  # fmt: skip


def test_the_world_has_every_kind_of_thing_that_algorithms_read() -> None:
    assert {label for pair in KINDS.values() for label in pair[1]} <= set(NODES)
