"""What passes between packages: columns on the way in, frozen graph objects on the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from graph.schema import NODES, RELS, Kind, Property

ARROW: dict[Kind, pa.DataType] = {
    Kind.STRING: pa.string(), Kind.INT: pa.int64(), Kind.FLOAT: pa.float64(), Kind.BOOL: pa.bool_(),
    Kind.TIME_MS: pa.int64(), Kind.MONEY: pa.int64(), Kind.STRINGS: pa.list_(pa.string()),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows of one node label, or of one relationship type between one pair of labels, as an Arrow table.

    Columns are exactly the schema's, in its order and Arrow types (see `arrow_schema`); relationships have
    `from_id`, `to_id` first. Nodes leave `from_label` and `to_label` empty. With `changes`, the rows are relationships
    that are there, with the values they have from now on.
    """

    type_name: str
    table: pa.Table
    from_label: str = ""
    to_label: str = ""
    changes: bool = False

    @property
    def is_node(self) -> bool:
        return self.type_name in NODES

    def __len__(self) -> int:
        return int(self.table.num_rows)


def columns_of(type_name: str) -> tuple[Property, ...]:
    """Stored properties of a label or relationship type. Raises KeyError for an unknown name."""
    return NODES[type_name].columns if type_name in NODES else RELS[type_name].columns


def arrow_schema(type_name: str) -> pa.Schema:
    """Arrow schema of a RowSet's table for this label or relationship type."""
    fields = [pa.field(prop.name, ARROW[prop.kind]) for prop in columns_of(type_name)]
    if type_name in RELS:
        fields = [pa.field("from_id", pa.string()), pa.field("to_id", pa.string()), *fields]
    return pa.schema(fields)


def conform(type_name: str, table: pa.Table) -> pa.Table:
    """`table` with exactly the schema's columns: missing optional ones become nulls, others are cast.

    Raises KeyError for a column the schema does not have, ValueError for a missing required one.
    """
    wanted = arrow_schema(type_name)
    unknown = set(table.column_names) - set(wanted.names)
    if unknown:
        raise KeyError(f"{type_name} has no column {', '.join(sorted(unknown))}")
    required = {prop.name for prop in columns_of(type_name) if prop.required}
    if type_name in RELS:
        required |= {"from_id", "to_id"}
    missing = required - set(table.column_names)
    if missing:
        raise ValueError(f"{type_name} needs column {', '.join(sorted(missing))}")
    columns = [
        table[item.name].cast(item.type) if item.name in table.column_names else pa.nulls(table.num_rows, item.type)
        for item in wanted
    ]
    return pa.Table.from_arrays(columns, schema=wanted)


def check_columns(type_name: str, columns: Sequence[str]) -> tuple[str, ...]:
    """`columns` when the schema has them all. Raises KeyError for an unknown type or column."""
    known = {prop.name for prop in columns_of(type_name)}
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise KeyError(f"{type_name} has no column {', '.join(unknown)}")
    return tuple(columns)


def check_pair(type_name: str, pair: tuple[str, str] | None) -> tuple[str, str]:
    """The end labels to scan: `pair`, or the only pair of the type. Raises KeyError or ValueError."""
    pairs = RELS[type_name].pairs
    if pair is None:
        if len(pairs) > 1:
            raise ValueError(f"{type_name} joins several pairs of labels: name one")
        return pairs[0]
    if pair not in pairs:
        raise KeyError(f"{type_name} does not join {pair[0]} to {pair[1]}")
    return pair


@dataclass(frozen=True, slots=True)
class Node:
    """A node as read back: label, business id, and its other non-null properties."""

    label: str
    id: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    said: str = field(default="", compare=False, repr=False)
    """What the store keeps beside a finding's texts to say them in another language; see graph/sentences.py."""

    @property
    def key(self) -> tuple[str, str]:
        return (self.label, self.id)


@dataclass(frozen=True, slots=True)
class Rel:
    """A relationship as read back, with the keys of both ends."""

    type: str
    id: str
    start: tuple[str, str]
    end: tuple[str, str]
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Path:
    """Nodes and relationships in walking order; `len(rels) == len(nodes) - 1`."""

    nodes: tuple[Node, ...]
    rels: tuple[Rel, ...]


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A piece of the graph; `omitted` says in words what a limit left out (never silently partial)."""

    nodes: tuple[Node, ...]
    rels: tuple[Rel, ...]
    omitted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a query. Values are plain Python, or Node, Rel, Path (in lists and dicts too)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    elapsed_ms: float = 0.0
    over_bytes: bool = False
    """Cut because the values reached the limit of bytes, not of rows."""

    def dicts(self) -> list[dict[str, Any]]:
        """Rows as dictionaries by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def things_in(value: Any) -> Iterator[Node | Rel]:
    """Nodes and relationships anywhere in a value of a result, those of paths too, in reading order; one may come again."""
    match value:
        case Node() | Rel():
            yield value
        case Path():
            yield from value.nodes
            yield from value.rels
        case Mapping():
            for item in value.values():
                yield from things_in(item)
        case list() | tuple():
            for item in value:
                yield from things_in(item)
