"""Every algorithm and every engine's measure on data as it should not be: a defined answer, bounded, that says what it left out.

One small generated town with everything in it (shared things, calls, coins), whose payments are then spoilt in one way at a
time. Sizes here are small; `python -m bench.hub` runs the same algorithms on an account of a million partners.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from algorithms._base import Found, Task, catalog
from algorithms._pattern import MAX_EVIDENCE, MAX_MEMBERS
from algorithms._projection import transfers
from algorithms._run import Stamp, to_rowsets
from algorithms.engines import local, network
from core.errors import BadInput
from evaluation.shelf import Shelf, read
from graph.model import RowSet, conform
from loaders.town.generate import generate

HOUR, DAY = 3_600_000, 86_400_000
Spoil = Callable[[pa.Table], pa.Table]
#: Findings that list more than the common caps, and why: a joined group is one thing and is shown whole.
WHOLE = {"community", "component"}


@cache
def _base(folder: Path) -> tuple[RowSet, ...]:
    generate(folder, transfers=2_000, seed=3, difficulty="easy")
    shelf, _ = read(folder, "synthetic")
    return tuple(shelf._rowsets)


def put(table: pa.Table, **columns: Any) -> pa.Table:
    """The table with these columns replaced."""
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values, table.schema.field(name).type))
    return table


def rows(table: pa.Table, made: list[tuple[str, str, int, int]], tag: str) -> pa.Table:
    """The table with payments (from, to, amount, at) added, in the currency of its first row."""
    source, target, amount, at = (list(column) for column in zip(*made, strict=True))
    extra = {
        "from_id": source, "to_id": target, "amount_minor": amount, "at_ms": at, "source": [tag] * len(made),
        "id": [f"{tag}{i:06}" for i in range(len(made))], "currency": [table["currency"][0].as_py()] * len(made),
    }  # fmt: skip
    return pa.concat_tables([table, conform("TRANSFER", pa.table(extra))])


def ends(table: pa.Table) -> list[str]:
    return sorted(set(table["from_id"].to_pylist()) | set(table["to_id"].to_pylist()))


def hub(table: pa.Table) -> pa.Table:
    """One account pays, and is paid by, everybody, all at one moment and again a day later."""
    names, at = ends(table), int(pc.min(table["at_ms"]).as_py())
    centre, others = names[0], names[1:]
    made = [(name, centre, 10_000, at + day * DAY) for day in range(8) for name in others]
    made += [(centre, name, 9_900, at + day * DAY) for day in range(8) for name in others]
    return rows(table, made, "hub")


def skewed(table: pa.Table) -> pa.Table:
    """Clocks of different banks: every third payment told two hours early, some before 1970, some a year ahead."""
    at = table["at_ms"].to_numpy().copy()
    at[::3] -= 2 * HOUR
    at[::101] = -5 * DAY
    at[50::101] += 365 * DAY
    return put(table, at_ms=at)


def many_currencies(table: pa.Table) -> pa.Table:
    """Money that changes its currency at every step; some conversions say what arrived, some do not."""
    names = ("CNY", "USD", "HKD", "KRW", "")
    n = len(table)
    arrived = [None if i % 3 else 7 * (i + 1) for i in range(n)]
    return put(
        table, currency=[names[i % 5] or "EUR" for i in range(n)], received_minor=arrived,
        received_currency=[None if i % 3 else names[(i + 1) % 5] or None for i in range(n)],
    )  # fmt: skip


def in_fifty_gangs(table: pa.Table) -> pa.Table:
    """One account is the cash-out of fifty rings that have nothing else in common."""
    names, at = ends(table), int(pc.min(table["at_ms"]).as_py())
    one, others, made = names[-1], names[:-1], []
    for gang in range(50):
        a, b, c, d = (others[(gang * 4 + place) % len(others)] for place in range(4))
        start = at + gang * DAY
        made += [
            (a, b, 500_000, start), (b, one, 490_000, start + HOUR), (a, c, 500_000, start), (c, one, 490_000, start + HOUR),
            (one, d, 960_000, start + 2 * HOUR), (d, a, 950_000, start + 3 * HOUR),
        ]  # fmt: skip
    return rows(table, made, "ring")


SPOILT: dict[str, Spoil] = {
    "a hub of everybody": hub,
    "all at one moment": lambda t: put(t, at_ms=[1_700_000_000_000] * len(t)),
    "clock skew": skewed,
    "amounts of nothing": lambda t: put(t, amount_minor=[0] * len(t)),
    "amounts near the limit": lambda t: put(t, amount_minor=[10**15 + i for i in range(len(t))]),
    "many currencies": many_currencies,
    "only to oneself": lambda t: put(t, to_id=t["from_id"].to_pylist()),
    "every event twice": lambda t: pa.concat_tables([t, t]),
    "every event again under another id": lambda t: pa.concat_tables([t, put(t, id=[f"{v}-again" for v in t["id"].to_pylist()])]),
    "one account in fifty gangs": in_fifty_gangs,
    "each payment alone in its window": lambda t: put(t, at_ms=[i * 400 * DAY for i in range(len(t))]),
    "no payments": lambda t: t.slice(0, 0),
}  # fmt: skip


def first(table: pa.Table, column: str) -> list[Any]:
    """The first value of a column, for every row."""
    return [table[column][0].as_py()] * len(table)


#: What is not payments, spoilt: relationship type -> how, for every pair of labels it has.
SPOILT_TIES: dict[str, dict[str, Spoil]] = {
    "calls to oneself, texts too": {name: lambda t: put(t, to_id=t["from_id"].to_pylist()) for name in ("CALLED", "TEXTED")},
    "everybody calls one number at one moment, of no known length": {
        "CALLED": lambda t: put(t, to_id=first(t, "to_id"), at_ms=first(t, "at_ms"), duration_s=[None] * len(t)),
    },
    "calls of no length and of years": {"CALLED": lambda t: put(t, duration_s=[0 if i % 2 else 10**9 for i in range(len(t))])},
    "texts without a word": {"TEXTED": lambda t: put(t, text=[None if i % 2 else "" for i in range(len(t))])},
    "one phone, device and address for all": {
        name: lambda t: put(t, to_id=first(t, "to_id")) for name in ("REGISTERED_WITH", "USED_DEVICE", "CONNECTED_FROM")
    },
    "one holder of all": {"OWNS": lambda t: put(t, from_id=first(t, "from_id"))},
    "every tie twice": {
        name: lambda t: pa.concat_tables([t, t]) for name in ("REGISTERED_WITH", "USED_DEVICE", "CONNECTED_FROM", "OWNS")
    },
    "coin to itself": {"MOVED": lambda t: put(t, to_id=t["from_id"].to_pylist())},
    "coin in a circle at one moment": {"MOVED": lambda t: put(t, to_id=[*t["from_id"].to_pylist()[1:], *t["from_id"].to_pylist()[:1]], at_ms=first(t, "at_ms"))},
    "one wallet for everything": {
        "MOVED": lambda t: put(t, from_id=first(t, "from_id")), "EXCHANGED": lambda t: put(t, at_ms=first(t, "at_ms")),
    },
    "coin nobody counted": {"EXCHANGED": lambda t: put(t, coin_minor=[None] * len(t), coin=[None] * len(t))},
    "coin events twice": {name: lambda t: pa.concat_tables([t, t]) for name in ("MOVED", "EXCHANGED")},
    "no ties, no calls, no coin": {
        name: lambda t: t.slice(0, 0)
        for name in ("CALLED", "TEXTED", "REGISTERED_WITH", "USED_DEVICE", "CONNECTED_FROM", "OWNS", "MOVED", "EXCHANGED")
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shelf]:
    parts = _base(tmp_path_factory.mktemp("spoilt") / "town")
    whole = pa.concat_tables([part.table for part in parts if part.type_name == "TRANSFER"])
    rest = [part for part in parts if part.type_name != "TRANSFER"]
    spoilt = {
        name: Shelf([*rest, RowSet("TRANSFER", spoil(whole), "Account", "Account")]) for name, spoil in SPOILT.items()
    }
    return spoilt | {name: Shelf(_with_ties_spoilt(parts, how)) for name, how in SPOILT_TIES.items()}


def _with_ties_spoilt(parts: tuple[RowSet, ...], how: dict[str, Spoil]) -> list[RowSet]:
    def spoilt(part: RowSet) -> RowSet:
        if part.type_name not in how or not len(part.table):
            return part
        return RowSet(part.type_name, how[part.type_name](part.table), part.from_label, part.to_label)

    made = [spoilt(part) for part in parts]
    changed = {part.type_name for part, other in zip(parts, made, strict=True) if part is not other}
    assert changed == how.keys(), f"the town has none of {how.keys() - changed}"
    return made


def found_by(name: str, shelf: Shelf, **params: Any) -> list[Found]:
    algorithm = catalog()[name]
    return algorithm.find(Task(shelf), algorithm.params.model_validate(params))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(catalog()))
def test_every_algorithm_answers_on_every_spoilt_town(name: str, shelves: dict[str, Shelf]) -> None:
    for how, shelf in shelves.items():
        found = found_by(name, shelf)
        events = {
            event
            for kind in ("TRANSFER", "EXCHANGED", "MOVED", "CALLED", "TEXTED")
            for event in shelf.scan_rels(kind, ["id"])["id"].to_pylist()
        }
        for item in found:
            where = (how, item.title)
            assert 0 <= item.score <= 1 and item.title and item.members, where
            assert set(item.evidence_ids) <= events, where
            assert item.amount_minor is None or (item.amount_minor >= 0 and item.currency is not None), where
            assert item.starts_ms is None or item.starts_ms <= (item.ends_ms or 0), where
            if name not in WHOLE:
                assert len(item.evidence_ids) <= 2 * MAX_EVIDENCE and len(item.members) <= MAX_MEMBERS, where
            json.dumps(dict(item.details), allow_nan=False)
        # What is written to the ledger is whole too: no NaN, no infinite, the schema's columns.
        to_rowsets(
            found, [str(i) for i in range(len(found))], Stamp("r", name, "1", "local", 1, 1), catalog()[name].params()
        )


@pytest.mark.parametrize("name", sorted(catalog()))
def test_a_limit_of_one_says_what_it_left_out(name: str, shelves: dict[str, Shelf]) -> None:
    params = catalog()[name].params
    limit = "limit" if "limit" in params.model_fields else "max_findings"
    shelf = shelves["a hub of everybody"]
    every, one = found_by(name, shelf), found_by(name, shelf, **{limit: 1})
    if (
        name != "changed_accounts"
    ):  # its lists of new, vanished and woken accounts are told whole beside the successions
        assert len(one) == min(1, len(every))
    if len(one) < len(every):
        said = json.dumps(dict(one[0].details), ensure_ascii=False) + " ".join(one[0].against)
        assert "left out" in said, said[:500]


@pytest.mark.parametrize("how", sorted(SPOILT))
def test_every_measure_of_the_engine_answers_on_every_spoilt_town(how: str, shelves: dict[str, Shelf]) -> None:
    table = transfers(shelves[how])  # type: ignore[arg-type]
    of = network.arcs(table.n_accounts, table.src, table.dst)
    edges = local.collapse(of.n, of.src, of.dst, of.weight)
    rank, between = network.page_rank(of), network.betweenness(of, sources=64)
    assert (
        np.isfinite(rank).all() and (rank >= 0.15 - 1e-9).all() and np.isfinite(between).all() and (between >= 0).all()
    )
    parts, strong = local.components(edges), network.strong_components(of)
    groups = local.leiden(edges)
    for inner, outer in ((strong, parts), (groups, parts)):  # nothing reaches across parts that are not joined
        pairs = np.unique(np.stack([inner, outer]), axis=1)
        assert pairs.shape[1] == int(inner.max(initial=-1)) + 1
    core = network.core_numbers(edges)
    degree = np.bincount(np.concatenate([edges.a, edges.b]), minlength=edges.n)
    assert (core <= degree).all() and ((core == 0) == (degree == 0)).all()
    alike = network.similarity(of.n, of.src, of.dst, cap=50)
    assert ((alike.share > 0) & (alike.share <= 1)).all() and (alike.first < alike.second).all()
    assert len(alike.first) <= 10 * of.n


def test_an_amount_that_is_not_there_is_refused_by_name(shelves: dict[str, Shelf]) -> None:
    """The ledger takes no payment without an amount; where one comes all the same, no pattern counts it as something."""
    base = shelves["each payment alone in its window"]
    table = base.scan_rels("TRANSFER", [name for name in conform_names() if name not in ("from_id", "to_id")])
    gap = pa.array([None if i == 3 else 500 for i in range(len(table))], pa.int64())
    table = table.set_column(table.schema.get_field_index("amount_minor"), "amount_minor", gap)
    others = [part for part in base._rowsets if part.type_name != "TRANSFER"]
    shelf = Shelf([*others, RowSet("TRANSFER", table.select(conform_names()), "Account", "Account")])
    with pytest.raises(BadInput, match=r"transfer .* has no amount_minor"):
        found_by("fan_in", shelf)


def conform_names() -> list[str]:
    from graph.model import arrow_schema

    return list(arrow_schema("TRANSFER").names)
