"""Applying one small ledger batch to the embedded store, through the write-ahead log (big ones: ladybug_bulk.py)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ladybug
import pyarrow as pa

from core.errors import StoreDamaged
from graph.model import RowSet
from graph.port import Progress
from graph.schema import NODES, RELS
from graph.stores._rows import DanglingEnd, dangling, one_row_a_key, split_by, telling_rows
from graph.stores.ladybug_ddl import META

SMALL_ROWS = 10_000
"""Batches below this go through the write-ahead log: about 0.06 ms a row and no exclusive lock. A COPY, however small,
needs a CHECKPOINT, which takes 0.4 to 1 s once a million relationships are there."""
_STEP = 1000


class Writer:
    """Writes row sets on one connection; the caller holds the locks. `pool_bytes` is the database's page memory."""

    def __init__(self, connection: ladybug.Connection, path: Path, pool_bytes: int, progress: Progress) -> None:
        self._connection = connection
        self._path = path
        self.pool_bytes = pool_bytes
        self._progress = progress
        self._filled: dict[str, bool] = {}

    def run(self, cypher: str, params: dict[str, Any] | None = None) -> list[list[Any]]:
        """Rows of one statement."""
        result = self._connection.execute(cypher, params) if params else self._connection.execute(cypher)
        try:
            return list(result.get_all())
        finally:
            result.close()

    # --- small: one logged transaction ---

    def small(self, seq: int, rowsets: Iterable[RowSet]) -> None:
        """Apply within one transaction, readers see all or nothing. The caller rolls back on an error."""
        for rows in rowsets:
            if rows.is_node:
                self._small_nodes(rows)
            elif rows.changes:
                self.update_rels(rows)
            else:
                self._small_rels(rows)
            self._progress(rows.type_name, len(rows))
        self.mark(seq)

    def mark(self, seq: int) -> None:
        """Record `seq` as the last batch applied."""
        self.run(f"MATCH (m:{META} {{id: 'store'}}) SET m.applied_seq = $seq", {"seq": seq})

    def _small_nodes(self, rows: RowSet) -> None:
        table = one_row_a_key(rows.type_name, rows.table)
        new, known = split_by(table, self._existing(rows.type_name, table))
        self._create_nodes(rows.type_name, new)
        self.update_nodes(rows.type_name, telling_rows(rows.type_name, known))

    def _existing(self, label: str, table: pa.Table) -> pa.ChunkedArray:
        """Which keys of `table` the store has; a look at an empty label costs nothing."""
        if not table.num_rows or not self._has_any(label):
            return pa.chunked_array([], pa.string())
        cypher = f"LOAD FROM $rows WITH id AS key MATCH (n:{label}) WHERE n.id = key RETURN key"
        result = self._connection.execute(cypher, {"rows": table.select(["id"])})
        try:
            return result.get_as_arrow()["key"].cast(pa.string())
        finally:
            result.close()

    def _has_any(self, label: str) -> bool:
        if not self._filled.get(label):
            self._filled[label] = bool(self.run(f"MATCH (n:{label}) RETURN n.id LIMIT 1"))
        return self._filled[label]

    def _create_nodes(self, label: str, table: pa.Table) -> None:
        if not table.num_rows:
            return
        aliases = ", ".join(f"{prop.name} AS c{i}" for i, prop in enumerate(NODES[label].columns))
        values = ", ".join(f"{prop.name}: c{i}" for i, prop in enumerate(NODES[label].columns))
        self.run(f"LOAD FROM $rows WITH {aliases} CREATE (:{label} {{{values}}})", {"rows": table})

    def update_nodes(self, label: str, table: pa.Table) -> None:
        """Set the non-null values of rows whose nodes exist; nulls leave what is there."""
        names = [n for n in table.column_names if n != "id" and table[n].null_count < table.num_rows]
        if not table.num_rows or not names:
            return
        aliases = ", ".join(f"{name} AS c{i}" for i, name in enumerate(names))
        sets = ", ".join(f"n.{name} = coalesce(c{i}, n.{name})" for i, name in enumerate(names))
        self.run(
            f"LOAD FROM $rows WITH id AS key, {aliases} MATCH (n:{label}) WHERE n.id = key SET {sets}",
            {"rows": table.select(["id", *names])},
        )

    def update_rels(self, rows: RowSet) -> None:
        """Set the values of relationships that are there, found through their start node and then by id."""
        names = [
            p.name for p in RELS[rows.type_name].columns if p.name != "id" and rows.table[p.name].null_count < len(rows)
        ]
        sets = ", ".join(f"r.{name} = coalesce(x.{name}, r.{name})" for name in names)
        cypher = (
            f"UNWIND $rows AS x MATCH (a:{rows.from_label} {{id: x.from_id}})-[r:{rows.type_name}]->(b:{rows.to_label}) "
            f"WHERE b.id = x.to_id AND r.id = x.id SET {sets} RETURN count(*)"
        )
        table = rows.table.select(["id", "from_id", "to_id", *names])
        for start in range(0, len(rows), _STEP):
            part = table.slice(start, _STEP)
            if self.run(cypher, {"rows": part.to_pylist()})[0][0] != part.num_rows:
                raise StoreDamaged(
                    f"{rows.type_name} to be changed is not in graph store {self._path}: run `ringtrace rebuild`"
                )

    def _small_rels(self, rows: RowSet) -> None:
        # No all-null column may come in a list of maps: such columns are left out, which stores null.
        names = [p.name for p in RELS[rows.type_name].columns if rows.table[p.name].null_count < len(rows)]
        values = ", ".join(f"{name}: x.{name}" for name in names)
        cypher = (
            f"UNWIND $rows AS x MATCH (a:{rows.from_label} {{id: x.from_id}}) MATCH (b:{rows.to_label} {{id: x.to_id}}) "
            f"CREATE (a)-[:{rows.type_name} {{{values}}}]->(b) RETURN count(*)"
        )
        table = rows.table.select(["from_id", "to_id", *names])
        for start in range(0, len(rows), _STEP):
            part = table.slice(start, _STEP)
            made = self.run(cypher, {"rows": part.to_pylist()})[0][0]
            if made != part.num_rows:
                raise self._dangling(rows)

    def _dangling(self, rows: RowSet) -> DanglingEnd:
        for label, column in ((rows.from_label, "from_id"), (rows.to_label, "to_id")):
            ids = pa.table({"id": rows.table[column]})
            missing, _ = split_by(ids, self._existing(label, ids))
            if missing.num_rows:
                return dangling(rows, label, missing["id"][0].as_py())
        return dangling(rows, rows.from_label, "?")
