"""Reading the embedded store: rows of a statement, whole labels and relationship types as Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ladybug
import numpy as np
import pyarrow as pa

from graph.model import ARROW, check_columns, check_pair, columns_of
from graph.port import Edges
from graph.schema import RELS
from graph.stores._rows import by_id, positions
from graph.stores.ladybug_ddl import META
from graph.stores.ladybug_values import Internal


def rows_of(connection: ladybug.Connection, cypher: str, params: dict[str, Any] | None = None) -> list[list[Any]]:
    """All rows of one statement."""
    result = connection.execute(cypher, params) if params else connection.execute(cypher)
    try:
        return list(result.get_all())
    finally:
        result.close()


def arrow_of(connection: ladybug.Connection, cypher: str) -> pa.Table:
    """All rows of one statement as an Arrow table."""
    result = connection.execute(cypher)
    try:
        return result.get_as_arrow()
    finally:
        result.close()


def nodes(connection: ladybug.Connection, label: str, columns: Sequence[str]) -> pa.Table:
    """See `GraphStore.scan_nodes`."""
    names = check_columns(label, columns)
    wanted = ", ".join(f"n.{name} AS {name}" for name in dict.fromkeys(("id", *names)))
    return by_id(_typed(label, arrow_of(connection, f"MATCH (n:{label}) RETURN {wanted}"))).select(list(names))


def rels(
    connection: ladybug.Connection, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None
) -> pa.Table:
    """See `GraphStore.scan_rels`."""
    names = check_columns(type_name, columns)
    pairs = RELS[type_name].pairs if pair is None else (check_pair(type_name, pair),)
    wanted = ", ".join(["a.id AS from_id", "b.id AS to_id", *(f"r.{name} AS {name}" for name in names)])
    texts = [f"MATCH (a:{start})-[r:{type_name}]->(b:{end}) RETURN {wanted}" for start, end in pairs]
    with one_moment(connection):
        return pa.concat_tables([_typed(type_name, arrow_of(connection, text)) for text in texts])


class Places:
    """Ids of whole labels and where each row stands, as of one batch: the ends of many scans are read once."""

    def __init__(self) -> None:
        # One attribute, replaced whole: readers in other threads see a batch number only with its own places.
        self._as_of: tuple[int, dict[str, tuple[pa.Array, Any]]] = (-1, {})

    def of(self, connection: ladybug.Connection, labels: set[str]) -> dict[str, tuple[pa.Array, Any]]:
        """For each label its ids in order and the position of each row offset, as of the open transaction."""
        seq = int(rows_of(connection, f"MATCH (m:{META} {{id: 'store'}}) RETURN m.applied_seq")[0][0])
        was, held = self._as_of
        known = dict(held) if seq == was else {}
        for label in labels - known.keys():
            found = arrow_of(connection, f"MATCH (n:{label}) RETURN offset(id(n)) AS place, n.id AS id")
            known[label] = positions(found["place"], found["id"])
        self._as_of = (seq, known)
        return known


def edges(
    connection: ladybug.Connection,
    type_name: str,
    columns: Sequence[str],
    pair: tuple[str, str] | None,
    places: Places,
) -> Edges:
    """See `GraphStore.scan_edges`; offsets of the rows stand in for the ids, so that no text is read per end."""
    names = check_columns(type_name, columns)
    start, end = check_pair(type_name, pair)
    wanted = ", ".join(
        ["offset(id(a)) AS from_pos", "offset(id(b)) AS to_pos", *(f"r.{name} AS {name}" for name in names)]
    )
    with one_moment(connection):
        known = places.of(connection, {start, end})
        table = arrow_of(connection, f"MATCH (a:{start})-[r:{type_name}]->(b:{end}) RETURN {wanted}")
    for number, (name, label) in enumerate((("from_pos", start), ("to_pos", end))):
        offsets = table[name].to_numpy()
        place = known[label][1][offsets] if len(offsets) else np.empty(0, np.int64)
        table = table.set_column(number, name, pa.array(place, pa.int64()))
    return Edges(known[start][0], known[end][0], _typed(type_name, table))


def _typed(type_name: str, table: pa.Table) -> pa.Table:
    """`table` with the schema's Arrow types."""
    kinds = {prop.name: ARROW[prop.kind] for prop in columns_of(type_name)}
    kinds |= {"from_id": pa.string(), "to_id": pa.string(), "from_pos": pa.int64(), "to_pos": pa.int64()}
    return table.cast(pa.schema([(name, kinds[name]) for name in table.column_names]))


@contextmanager
def one_moment(connection: ladybug.Connection) -> Iterator[None]:
    """Reads inside see one state of the store. After an error the connection must be closed."""
    rows_of(connection, "BEGIN TRANSACTION READ ONLY")
    yield
    rows_of(connection, "COMMIT")


def keys(
    connection: ladybug.Connection, labels: Mapping[int, str], wanted: set[Internal]
) -> dict[Internal, tuple[str, str]]:
    """Business keys of internal ids: what a relationship returned without its nodes needs. `labels` by table number."""
    found: dict[Internal, tuple[str, str]] = {}
    for number in {table for table, _ in wanted} & labels.keys():
        offsets = [offset for table, offset in wanted if table == number]
        cypher = f"MATCH (n:{labels[number]}) WHERE offset(id(n)) IN $offsets RETURN offset(id(n)), n.id"
        for offset, key in rows_of(connection, cypher, {"offsets": offsets}):
            found[(number, offset)] = (labels[number], key)
    return found
