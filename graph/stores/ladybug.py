"""The embedded store: one Ladybug file, one process, many reading threads and one writer."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Any, TypeVar

import ladybug
import pyarrow as pa

from core.errors import RingtraceError, StoreDamaged, StoreOutdated, StoreUnavailable
from core.settings import Settings
from graph import budget
from graph.model import Path, Result, RowSet
from graph.port import Edges, Limits, Progress, no_progress
from graph.schema import NODES, RELS, SCHEMA_VERSION
from graph.stores import ladybug_scan as scan
from graph.stores._cypher import check_parameters, check_path, check_seq
from graph.stores._rows import peek
from graph.stores.ladybug_apply import SMALL_ROWS, Writer
from graph.stores.ladybug_ddl import META, statements
from graph.stores.ladybug_file import discard_files, explain, mark_closed, open_database
from graph.stores.ladybug_lock import ReadersWriterLock
from graph.stores.ladybug_scan import rows_of
from graph.stores.ladybug_snapshot import Snapshots
from graph.stores.ladybug_values import Internal, normalise

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
        self._options = (buffer_pool_mb, threads)
        self._lock = ReadersWriterLock()
        self._write = threading.Lock()
        self._idle: list[ladybug.Connection] = []
        self._pid = os.getpid()
        self._labels: dict[int, str] = {}
        self._snapshots = Snapshots(path)
        self._places = scan.Places()
        self._database: ladybug.Database | None = open_database(path, *self._options)

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
        with self._lock.exclusive(), self._connection() as connection:
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
            tables = rows_of(connection, "CALL show_tables() RETURN id, name")
            self._labels = {number: name for number, name in tables if name in NODES}

    def applied_seq(self) -> int:
        return int(self._run(f"MATCH (m:{META} {{id: 'store'}}) RETURN m.applied_seq")[0][0])

    def apply(self, seq: int, rowsets: Iterable[RowSet], progress: Progress = no_progress) -> None:
        with self._write:
            if not check_seq(seq, self.applied_seq()):
                return
            small, rowsets = peek(rowsets, SMALL_ROWS)
            with self._lock.shared() if small else self._lock.exclusive():
                self._apply(seq, rowsets, progress, small=small)
            self._checkpoint_when_due()

    def _apply(self, seq: int, rowsets: Iterable[RowSet], progress: Progress, *, small: bool) -> None:
        # A connection of its own, closed afterwards: after a failed transaction it must not be used again.
        connection = ladybug.Connection(self._base())
        writer = Writer(connection, self._path, progress)
        writer.pool_bytes = self._options[0] << 20
        try:
            if small:
                writer.run("BEGIN TRANSACTION")
                writer.small(seq, rowsets)
                writer.run("COMMIT")
            else:
                writer.bulk(seq, rowsets)
        except RuntimeError as error:
            raise RingtraceError(f"batch {seq} was not applied: {_line(error)}") from error
        finally:
            connection.close()  # rolls back what is not committed

    def _checkpoint_when_due(self) -> None:
        log = self._path.with_name(f"{self._path.name}.wal")
        if log.exists() and log.stat().st_size > self.checkpoint_bytes:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, holding the store alone."""
        with self._lock.exclusive(), self._connection() as connection:
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
            values = normalise(rows, lambda wanted: self._keys(connection, wanted))
            return Result(columns, values, elapsed_ms=(time.perf_counter() - started) * 1000)

        return self._read(read)

    def console(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
        from graph.console import check
        from graph.stores import ladybug_sandbox

        check(cypher, dialect="ladybug")
        with self._snapshots.current(self.applied_seq(), self._copy_file) as snapshot:
            return ladybug_sandbox.run(snapshot, cypher, params, limits)

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
        types = check_path(start, end, rel_types, max_hops)
        if start == end:
            return []
        arrow = "->" if directed else "-"
        cypher = (
            f"MATCH p = (a:{start[0]} {{id: $start_id}})-[:{types}* ALL SHORTEST 1..{int(max_hops)}]{arrow}"
            f"(b:{end[0]} {{id: $end_id}}) RETURN p LIMIT {max(int(limit), 1000)}"
        )
        paths = [row[0] for row in self.query(cypher, {"start_id": start[1], "end_id": end[1]}).rows]
        return sorted(paths, key=lambda path: [rel.id for rel in path.rels])[:limit]

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
            self._snapshots.clear()
            self._places = scan.Places()
            self._database = open_database(self._path, *self._options)
        self.ensure_schema()

    def close(self) -> None:
        with self._write, self._lock.exclusive():
            self._shut()
        with _OPENING:
            if _OPEN.get(self._path) is self:
                del _OPEN[self._path]

    def _shut(self) -> None:
        if self._database is None:
            return
        while self._idle:
            self._idle.pop().close()
        self._database.close()  # checkpoints
        mark_closed(self._path)
        self._database = None
        self._snapshots.clear()

    def _base(self) -> ladybug.Database:
        if self._database is None:
            raise StoreUnavailable(f"graph store {self._path} is closed")
        if os.getpid() != self._pid:
            raise StoreUnavailable(f"graph store {self._path} was opened before a fork: open it in this process")
        return self._database

    @contextmanager
    def _connection(self) -> Iterator[ladybug.Connection]:
        """A connection no other thread uses; the caller holds the lock. After an error it is not used again."""
        database = self._base()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = ladybug.Connection(database)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def _read(self, read: Callable[[ladybug.Connection], T]) -> T:
        try:
            with self._lock.shared(), self._connection() as connection:
                return read(connection)
        except RuntimeError as error:
            raise RingtraceError(f"the graph store could not answer: {_line(error)}") from error

    def _run(self, cypher: str) -> list[list[Any]]:
        return self._read(lambda connection: rows_of(connection, cypher))

    def _keys(self, connection: ladybug.Connection, wanted: set[Internal]) -> dict[Internal, tuple[str, str]]:
        """Business keys of internal ids: what a relationship returned without its nodes needs."""
        found: dict[Internal, tuple[str, str]] = {}
        for number in {table for table, _ in wanted}:
            label = self._labels.get(number)
            if label is None:
                continue
            offsets = [offset for table, offset in wanted if table == number]
            cypher = f"MATCH (n:{label}) WHERE offset(id(n)) IN $offsets RETURN offset(id(n)), n.id"
            for offset, key in rows_of(connection, cypher, {"offsets": offsets}):
                found[(number, offset)] = (label, key)
        return found

    def _copy_file(self, copy: Callable[[], None]) -> None:
        """Run `copy` while the file is still: nothing in the log, nobody writing."""
        with self._lock.exclusive(), self._connection() as connection:
            rows_of(connection, "CHECKPOINT")
            copy()


@contextmanager
def timed(connection: ladybug.Connection) -> Iterator[None]:
    """Run a query within what is left of the caller's budget. Raises QueryStopped when it was not enough."""
    left = budget.left_s()
    if left is None:
        yield
        return
    connection.set_query_timeout(max(1, int(left * 1000)))
    try:
        yield
    except RuntimeError as error:
        if "interrupt" in str(error).lower():
            raise budget.stopped() from error
        raise
    finally:
        connection.set_query_timeout(0)  # the connection goes back to the others


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
