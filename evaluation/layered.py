"""A view of some data that adds the findings of one evaluation, and shows the past only when told a date.

What is evaluated is never written anywhere: findings of the run lie in this layer, where later algorithms read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import NotConfigured
from graph.model import RowSet
from graph.schema import NODES, RELS

#: Node properties that say when a node came to be; one that came later is not in the past.
_BORN = {"Account": "opened_at_ms", "Phone": "activated_at_ms", "Handle": "created_at_ms", "Domain": "registered_at_ms"}
#: Properties that tell of a state at the time of export, not at the date asked for: unknown then.
_LATER = ("status", "is_blocked")
#: Events whose accounts are in the past because they have them.
_BETWEEN_LIVING = ("TRANSFER", "EXCHANGED")
_SINCE = ("since_ms", "first_seen_ms")


class Scannable(Protocol):
    """The part of a graph store that algorithms project from."""

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        """All nodes of a label."""

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        """All relationships of a type."""


class Layered:
    """Facts of `base` before `until_ms` (all when None), and findings added here instead of the base's own."""

    name = "memory"

    def __init__(self, base: Scannable, until_ms: int | None = None) -> None:
        self._base, self._until = base, until_ms
        self._found: list[RowSet] = []
        self._ends: set[str] | None = None
        self._living_ids: dict[str, pa.Array] = {}

    def applied_seq(self) -> int:
        """Number of the picture: it grows with each algorithm's findings."""
        return 1 + len(self._found)

    def add(self, rowsets: Iterable[RowSet]) -> None:
        """Findings of one algorithm, for those that come after it."""
        self._found += rowsets

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        """Nodes of a label, of the past only; findings are those added here."""
        if label == "Finding":
            return pa.concat_tables([_empty("Finding", columns), *_parts(self._found, "Finding", columns)])
        table = self._base.scan_nodes(label, _with(columns, _BORN.get(label)))
        if self._until is None:
            return table.select(list(columns))
        return _forget(self._living(label, table), label).select(list(columns))

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        """Relationships of a type, of the past only."""
        names = ["from_id", "to_id", *columns]
        if type_name == "INVOLVES":
            wanted = [item for item in self._found if pair in (None, (item.from_label, item.to_label))]
            return pa.concat_tables([_empty("INVOLVES", names), *_parts(wanted, "INVOLVES", names)])
        if self._until is None:
            return self._base.scan_rels(type_name, columns, pair)
        known = {prop.name for prop in RELS[type_name].columns}
        time = "at_ms" if RELS[type_name].event else next((name for name in _SINCE if name in known), None)
        table = self._base.scan_rels(type_name, _with(columns, time), pair)
        if time is not None:
            table = table.filter(pc.fill_null(pc.less(table[time], self._until), not RELS[type_name].event))
        if type_name not in _BETWEEN_LIVING:
            table = self._joined(type_name, table, pair)
        return self._clipped(table).select(names)

    def _joined(self, type_name: str, table: pa.Table, pair: tuple[str, str] | None) -> pa.Table:
        """Without relationships of nodes that are not in the past: a store holds no dangling end, and algorithms count on that."""
        pairs = [pair] if pair is not None else list(RELS[type_name].pairs)
        for column, labels in (("from_id", {start for start, _ in pairs}), ("to_id", {end for _, end in pairs})):
            if not labels & _BORN.keys():
                continue
            living = pa.concat_arrays([self._alive(label) for label in sorted(labels)])
            table = table.filter(pc.is_in(table[column], value_set=living))
        return table

    def _alive(self, label: str) -> pa.Array:
        if label not in self._living_ids:
            self._living_ids[label] = self.scan_nodes(label, ["id"])["id"].combine_chunks()
        return self._living_ids[label]

    def query(self, _cypher: str, _params: Any = None) -> Any:
        """Data in memory answers no Cypher. Raises NotConfigured."""
        raise NotConfigured("data in memory answers no Cypher: this algorithm needs a graph store")

    def _living(self, label: str, table: pa.Table) -> pa.Table:
        born = _BORN.get(label)
        if born is None:
            return table
        before = pc.less(table[born], self._until)
        if label != "Account":
            return table.filter(pc.fill_null(before, True))
        # An account of unknown age is known from its first payment on; one with payments was there whatever its file says.
        used = pc.is_in(table["id"], value_set=pa.array(sorted(self._account_ends()), pa.string()))
        return table.filter(pc.or_(pc.fill_null(before, False), used))

    def _account_ends(self) -> set[str]:
        if self._ends is None:
            ends: set[str] = set()
            for type_name, columns in (("TRANSFER", ("from_id", "to_id")), ("EXCHANGED", ("from_id", "to_id"))):
                rows = self.scan_rels(type_name, [])
                for column in columns:
                    ends |= set(pc.unique(rows[column]).to_pylist())
            self._ends = ends
        return self._ends

    def _clipped(self, table: pa.Table) -> pa.Table:
        """`last_seen_ms` not after the date, `count` unknown: both tell of the whole time."""
        names = table.column_names
        if "last_seen_ms" in names:
            cut = pc.min_element_wise(table["last_seen_ms"], pa.scalar((self._until or 0) - 1), skip_nulls=False)
            table = table.set_column(names.index("last_seen_ms"), "last_seen_ms", cut)
        if "count" in names:
            table = table.set_column(names.index("count"), "count", pa.nulls(len(table), pa.int64()))
        return table


def _forget(table: pa.Table, label: str) -> pa.Table:
    known = {prop.name for prop in NODES[label].columns}
    for name in _LATER:
        if name in known and name in table.column_names:
            place = table.column_names.index(name)
            table = table.set_column(place, name, pa.nulls(len(table), table.schema.field(name).type))
    return table


def _with(columns: Sequence[str], extra: str | None) -> list[str]:
    wanted = list(columns)
    wanted += [name for name in ("id", extra) if name and name not in wanted]
    return wanted


def _parts(rowsets: Iterable[RowSet], type_name: str, names: Sequence[str]) -> list[pa.Table]:
    return [item.table.select(list(names)) for item in rowsets if item.type_name == type_name]


def _empty(type_name: str, names: Sequence[str]) -> pa.Table:
    from graph.model import arrow_schema

    return arrow_schema(type_name).empty_table().select(list(names))
