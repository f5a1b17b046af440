"""The embedded store: one Ladybug file, one process, many reading threads and one writer."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path as FilePath
from typing import Any, TypeVar

import ladybug
import pyarrow as pa

from core.errors import RingtraceError, StoreDamaged, StoreOutdated, StoreUnavailable
from core.settings import Settings
from graph.model import Path, Result, RowSet
from graph.port import Edges, Limits, Progress, no_progress
from graph.schema import NODES, RELS, SCHEMA_VERSION
from graph.stores import ladybug_marks as marks
from graph.stores import ladybug_scan as scan
from graph.stores._cypher import check_parameters, check_seq, shortest
from graph.stores._rows import peek
from graph.stores.ladybug_apply import SMALL_ROWS, Writer
from graph.stores.ladybug_bulk import BulkWriter, not_whole
from graph.stores.ladybug_ddl import META, add_late_columns, statements
from graph.stores.ladybug_file import discard_files, explain, open_database
from graph.stores.ladybug_lock import ReadersWriterLock
from graph.stores.ladybug_open import OpenFile, timed
from graph.stores.ladybug_scan import rows_of
from graph.stores.ladybug_snapshot import Snapshots
from graph.stores.ladybug_values import normalise

T = TypeVar("T")

#: Open stores of this process: two Database objects on one file lose writes silently.
_OPEN: weakref.WeakValueDictionary[FilePath, LadybugStore] = weakref.WeakValueDictionary()
_OPENING = threading.Lock()


class LadybugStore:
    """`GraphStore` on a Ladybug file. Use `open`; see graph/port.py for what each method promises."""

    name = "ladybug"
    checkpoint_bytes = 8 << 20
    """Size of the write-ahead log past which a checkpoint is taken."""

    def __init__(self, path: FilePath, buffer_pool_mb: int, threads: int) -> None:
        self._path = path
        self._lock = ReadersWriterLock()
        self._write = threading.Lock()
        self._labels: dict[int, str] = {}
        self._snapshots = Snapshots(path)
        self._places = scan.Places()
        self._applying = 0
        self._file = OpenFile(path, buffer_pool_mb, threads)

    @classmethod
    def open(cls, settings: Settings) -> LadybugStore:
        """Open the file the settings name, made when there is none, with its schema ensured.

        Raises StoreUnavailable (in use, no permission), StoreOutdated or StoreDamaged, one line each.
        """
        path = settings.store_path.absolute()
        with _OPENING:
            if path in _OPEN:
                raise StoreUnavailable(f"graph store {path} is already open in this process: close it first")
            store = cls(path, settings.buffer_pool_mb, settings.store_threads)
            try:
                store.ensure_schema()
            except BaseException:
                store._shut()
                raise
            _OPEN[path] = store
        return store

    @classmethod
    def discard(cls, settings: Settings) -> None:
        """Remove the file, whatever its state, so that a rebuild can start. Raises StoreUnavailable while it is open."""
        path = settings.store_path.absolute()
        if path in _OPEN:
            raise StoreUnavailable(f"graph store {path} is open in this process: close it first")
        try:
            if path.exists() and path.stat().st_size:
                open_database(path, settings.buffer_pool_mb, settings.store_threads).close()
        except (StoreDamaged, StoreOutdated):
            pass  # that is why it is discarded; a file in use raises StoreUnavailable, which passes
        discard_files(path)
        Snapshots(path).clear()

    # --- schema and batches ---

    def ensure_schema(self) -> None:
        """Make missing tables. Raises StoreOutdated for another schema version, StoreDamaged without its own tables."""
        with self._lock.exclusive(), self._file.connection() as connection:
            try:
                rows = rows_of(connection, f"MATCH (m:{META} {{id: 'store'}}) RETURN m.schema_version")
            except RuntimeError as error:
                raise explain(self._path, error) from error
            if not rows:
                raise StoreDamaged(f"graph store {self._path} lacks its version mark: run `ringtrace rebuild`")
            if rows[0][0] != SCHEMA_VERSION:
                raise StoreOutdated(
                    f"graph store {self._path} has schema version {rows[0][0]}, this Ringtrace writes "
                    f"{SCHEMA_VERSION}: run `ringtrace rebuild`"
                )
            for statement in statements():
                rows_of(connection, statement)
            add_late_columns(lambda statement: rows_of(connection, statement))
            tables = rows_of(connection, "CALL show_tables() RETURN id, name")
            self._labels = {number: name for number, name in tables if name in NODES}
            self._applying = marks.half_applied(connection)

    def applied_seq(self) -> int:
        return self._read(marks.applied, half_applied=True)

    def applying_seq(self) -> int:
        """The batch that an error or a kill left half applied and that the next `apply` resumes; 0 when none.

        Until then the store answers no question: nobody sees half a batch.
        """
        return self._applying

    def apply(self, seq: int, rowsets: Iterable[RowSet], progress: Progress = no_progress) -> None:
        with self._write:
            if not check_seq(seq, self.applied_seq()):
                return
            small, rowsets = peek(rowsets, SMALL_ROWS)
            if small and not self._applying:
                with self._lock.shared():
                    self._apply_small(seq, rowsets, progress)
            else:
                with self._lock.exclusive():
                    self._apply_big(seq, rowsets, progress)
            self._checkpoint_when_due()

    def _apply_small(self, seq: int, rowsets: Iterable[RowSet], progress: Progress) -> None:
        # A connection of its own, closed afterwards: after a failed transaction it must not be used again.
        connection = ladybug.Connection(self._file.database())
        writer = Writer(connection, self._path, self._file.pool_bytes, progress)
        try:
            writer.run("BEGIN TRANSACTION")
            writer.small(seq, rowsets)
            writer.run("COMMIT")
        except RuntimeError as error:
            raise RingtraceError(f"batch {seq} was not applied: {_line(error)}") from error
        finally:
            connection.close()  # rolls back what is not committed

    def _apply_big(self, seq: int, rowsets: Iterable[RowSet], progress: Progress) -> None:
        connection = ladybug.Connection(self._file.database())
        try:
            BulkWriter(connection, self._path, self._file.pool_bytes, progress).bulk(seq, rowsets)
        except RuntimeError as error:
            raise not_whole(seq, self._file.pool_bytes, _line(error)) from error
        finally:
            connection.close()  # rolls back what is not committed
            self._look_again()

    def _look_again(self) -> None:
        """After a big batch, whole or not: what does the file hold? After an error memory and file may differ."""
        with self._file.connection() as found:
            self._applying = marks.half_applied(found)
        if self._applying:
            self._file.close()
            self._file.open()
            with self._file.connection() as found:
                self._applying = marks.half_applied(found)

    def _checkpoint_when_due(self) -> None:
        log = self._path.with_name(f"{self._path.name}.wal")
        if log.exists() and log.stat().st_size > self.checkpoint_bytes:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, holding the store alone."""
        with self._lock.exclusive(), self._file.connection() as connection:
            rows_of(connection, "CHECKPOINT")

    # --- reading ---

    def query(self, cypher: str, params: Mapping[str, Any] | None = None) -> Result:
        given = dict(params or {})
        check_parameters(cypher, given)
        started = time.perf_counter()

        def read(connection: ladybug.Connection) -> Result:
            with timed(connection):
                result = connection.execute(cypher, given) if given else connection.execute(cypher)
            try:
                columns, rows = tuple(result.get_column_names()), result.get_all()
            finally:
                result.close()
            values = normalise(rows, lambda wanted: scan.keys(connection, self._labels, wanted))
            return Result(columns, values, elapsed_ms=(time.perf_counter() - started) * 1000)

        return self._read(read)

    def console(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
        from graph.stores import ladybug_console

        self._refuse_half()
        return ladybug_console.run(self._snapshot, cypher, params, limits)

    def plan(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> str:
        from graph.stores import ladybug_console

        return ladybug_console.plan(self._snapshot, cypher, params, limits)

    def _snapshot(self) -> AbstractContextManager[FilePath]:
        """A copy of the file as of the last batch applied, for the console's child process."""
        return self._snapshots.current(self.applied_seq(), self._copy_file)

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        return self._read(lambda connection: scan.nodes(connection, label, columns))

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        return self._read(lambda connection: scan.rels(connection, type_name, columns, pair))

    def scan_edges(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> Edges:
        return self._read(lambda connection: scan.edges(connection, type_name, columns, pair, self._places))

    def shortest_paths(
        self,
        start: tuple[str, str],
        end: tuple[str, str],
        rel_types: Sequence[str],
        *,
        max_hops: int = 6,
        directed: bool = False,
        limit: int = 20,
    ) -> list[Path]:
        def text(types: str, arrow: str, most: int) -> str:
            return (
                f"MATCH p = (a:{start[0]} {{id: $start_id}})-[:{types}* ALL SHORTEST 1..{max_hops:d}]{arrow}"
                f"(b:{end[0]} {{id: $end_id}}) RETURN p LIMIT {most:d}"
            )

        return shortest(self.query, text, start, end, rel_types, max_hops=max_hops, directed=directed, limit=limit)

    def counts(self) -> dict[str, int]:
        def read(connection: ladybug.Connection) -> dict[str, int]:
            nodes = {name: rows_of(connection, f"MATCH (n:{name}) RETURN count(*)")[0][0] for name in NODES}
            rels = {name: rows_of(connection, f"MATCH ()-[r:{name}]->() RETURN count(*)")[0][0] for name in RELS}
            return nodes | rels

        return self._read(read)

    # --- life ---

    def wipe(self) -> None:
        with self._write, self._lock.exclusive():
            self._shut()
            discard_files(self._path)
            self._places = scan.Places()
            self._file.open()
        self.ensure_schema()

    def close(self) -> None:
        with self._write, self._lock.exclusive():
            self._shut()
        with _OPENING:
            if _OPEN.get(self._path) is self:
                del _OPEN[self._path]

    def _shut(self) -> None:
        self._file.close()
        self._snapshots.clear()

    def _read(self, read: Callable[[ladybug.Connection], T], *, half_applied: bool = False) -> T:
        try:
            with self._lock.shared(), self._file.connection() as connection:
                if not half_applied:
                    self._refuse_half()
                return read(connection)
        except RuntimeError as error:
            raise RingtraceError(f"the graph store could not answer: {_line(error)}") from error

    def _refuse_half(self) -> None:
        if self._applying:
            raise StoreUnavailable(
                f"graph store {self._path} holds a part of batch {self._applying}: the running service completes it by "
                "itself, any other command at its start"
            )

    def _copy_file(self, copy: Callable[[], None]) -> None:
        """Run `copy` while the file is still: nothing in the log, nobody writing."""
        with self._lock.exclusive(), self._file.connection() as connection:
            rows_of(connection, "CHECKPOINT")
            copy()


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
