"""Applying one ledger batch to the embedded store: small batches through the write-ahead log, big ones by COPY.

COPY is not in the write-ahead log, so a bulk batch is a transaction of COPYs alone (the row that marks the batch
comes in by COPY too) and then a CHECKPOINT: a kill at any moment leaves all of it or nothing. What must change on
nodes that exist follows in a second, logged transaction; the mark says `copied` until that is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ladybug
import pyarrow as pa

from core.errors import StoreUnavailable
from graph.model import RowSet
from graph.port import Progress
from graph.schema import NODES, RELS
from graph.stores._rows import DanglingEnd, dangling, one_row_a_key, split_by, telling_rows
from graph.stores.ladybug_ddl import BATCH, META
from graph.stores.ladybug_file import need_space

SMALL_ROWS = 2000
"""Batches below this go through the write-ahead log: about 0.03 ms a row, and no exclusive lock."""
_STEP = 1000


def need_pool(pool_bytes: int, copied_bytes: int) -> None:
    """Raises StoreUnavailable when one batch outgrows the page memory: Ladybug then ends the process instead of failing."""
    if pool_bytes and copied_bytes > pool_bytes // 2:
        raise StoreUnavailable(
            "this batch is too large for the embedded store's memory: set RINGTRACE_BUFFER_POOL_MB to at least "
            f"{(pool_bytes >> 20) * 4} and start again (the ledger has kept the batch)"
        )


class Writer:
    """Writes row sets on one connection; the caller holds the locks."""

    def __init__(self, connection: ladybug.Connection, path: Path, progress: Progress) -> None:
        self._connection = connection
        self._path = path
        self._progress = progress
        self._filled: dict[str, bool] = {}
        self.pool_bytes = 0  # page memory of the database; 0 when not known

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

    # --- bulk: COPYs and a checkpoint, then a logged transaction for what exists ---

    def bulk(self, seq: int, rowsets: Iterable[RowSet]) -> None:
        """Apply by COPY, resuming after a crash. The caller holds the store alone and closes the connection on an error."""
        self.run("CHECKPOINT")
        stage = self.run(f"MATCH (b:{BATCH} {{seq: $seq}}) RETURN b.stage", {"seq": seq})
        updates = self._known_rows(rowsets) if stage else self._copy_all(seq, rowsets)
        self.run("BEGIN TRANSACTION")
        for label, table in updates:
            self.update_nodes(label, table)
        self.mark(seq)
        self.run("COMMIT")
        self.run("CHECKPOINT")

    def _known_rows(self, rowsets: Iterable[RowSet]) -> Iterator[tuple[str, pa.Table]]:
        for rows in rowsets:
            self._progress(rows.type_name, len(rows))
            if rows.is_node:
                yield rows.type_name, telling_rows(rows.type_name, one_row_a_key(rows.type_name, rows.table))

    def _copy_all(self, seq: int, rowsets: Iterable[RowSet]) -> list[tuple[str, pa.Table]]:
        """One transaction of COPYs, made durable; returns the rows of nodes that were there before."""
        updates: list[tuple[str, pa.Table]] = []
        self.run("BEGIN TRANSACTION")
        copied = 0
        for rows in rowsets:
            need_space(self._path, rows.table.nbytes)
            copied += rows.table.nbytes
            need_pool(self.pool_bytes, copied)
            if rows.is_node:
                known = self._copy_nodes(rows)
                if known.num_rows:
                    updates.append((rows.type_name, known))
            elif len(rows):
                self._copy_rels(rows)
            self._progress(rows.type_name, len(rows))
        self.run(f"COPY {BATCH} FROM $rows", {"rows": pa.table({"seq": [seq], "stage": ["copied"]})})
        self.run("COMMIT")
        self.run("CHECKPOINT")
        return updates

    def _copy_nodes(self, rows: RowSet) -> pa.Table:
        table = one_row_a_key(rows.type_name, rows.table)
        new, known = split_by(table, self._existing(rows.type_name, table))
        if new.num_rows:
            self.run(f"COPY {rows.type_name} FROM $rows", {"rows": new})
        return telling_rows(rows.type_name, known)

    def _copy_rels(self, rows: RowSet) -> None:
        ends = f" (from='{rows.from_label}', to='{rows.to_label}')" if len(RELS[rows.type_name].pairs) > 1 else ""
        try:
            self.run(f"COPY {rows.type_name} FROM $rows{ends}", {"rows": rows.table})
        except RuntimeError as error:
            marker = "Unable to find primary key value "
            if marker not in str(error):
                raise
            key = str(error).split(marker, 1)[1].rstrip(".")
            column = rows.table["from_id"].to_pylist()
            raise dangling(rows, rows.from_label if key in column else rows.to_label, key) from error
