"""The open file of the embedded store: its one database object and the connections that threads take in turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ladybug

from core.errors import StoreUnavailable
from graph import budget
from graph.stores.ladybug_file import mark_closed, open_database


class OpenFile:
    """One Ladybug file of one process. The caller holds the store's lock: shared to use it, alone to close it."""

    def __init__(self, path: Path, buffer_pool_mb: int, threads: int) -> None:
        self.path = path
        self.pool_bytes = buffer_pool_mb << 20
        self._options = (buffer_pool_mb, threads)
        self._idle: list[ladybug.Connection] = []
        self._pid = os.getpid()
        self._database: ladybug.Database | None = None
        self.open()

    def open(self) -> None:
        """Open it (again), made when there is none. Raises StoreUnavailable, StoreOutdated or StoreDamaged."""
        self._database = open_database(self.path, *self._options)

    def close(self) -> None:
        """Fold in the write-ahead log and let go of the file; idempotent."""
        if self._database is None:
            return
        while self._idle:
            self._idle.pop().close()
        database, self._database = self._database, None
        database.close()  # checkpoints
        mark_closed(self.path)

    def database(self) -> ladybug.Database:
        """The database object. Raises StoreUnavailable when closed, or opened before a fork."""
        if self._database is None:
            raise StoreUnavailable(f"graph store {self.path} is closed")
        if os.getpid() != self._pid:
            raise StoreUnavailable(f"graph store {self.path} was opened before a fork: open it in this process")
        return self._database

    @contextmanager
    def connection(self) -> Iterator[ladybug.Connection]:
        """A connection no other thread uses. After an error it is not used again."""
        database = self.database()
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


@contextmanager
def timed(connection: ladybug.Connection) -> Iterator[None]:
    """Run a query within what is left of the caller's budget. Raises QueryStopped when it, or the store's memory, was not enough."""
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
        if "buffer pool is full" in str(error).lower():
            raise budget.stopped(for_lack_of="memory") from error
        raise
    finally:
        connection.set_query_timeout(0)  # the connection goes back to the others
