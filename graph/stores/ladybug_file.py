"""The embedded store's file: opening it with the measured-safe options, and saying in one line why it does not open."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import ladybug

from core.errors import StoreDamaged, StoreOutdated, StoreUnavailable
from graph.schema import SCHEMA_VERSION
from graph.stores.ladybug_ddl import META, statements

MAX_DB_SIZE = 1 << 40
"""Address space reserved for the file, bytes; also the largest file the store can grow to."""


def open_database(path: Path, buffer_pool_mb: int, threads: int) -> ladybug.Database:
    """Open the file, made with its tables when there is none. Raises StoreUnavailable, StoreOutdated, StoreDamaged."""
    if not path.exists():
        _create(path, buffer_pool_mb, threads)
    elif path.stat().st_size == 0:
        # Ladybug would take an empty file for an empty database.
        raise StoreDamaged(f"graph store {path} is an empty file: run `ringtrace rebuild`")
    return _open(path, buffer_pool_mb, threads)


def _open(path: Path, buffer_pool_mb: int, threads: int) -> ladybug.Database:
    if not os.access(path if path.exists() else path.parent, os.R_OK | os.W_OK):
        raise StoreUnavailable(f"graph store {path} cannot be read and written: check its owner and permissions")
    try:
        return ladybug.Database(
            str(path),
            buffer_pool_size=buffer_pool_mb << 20,
            max_num_threads=threads,
            max_db_size=MAX_DB_SIZE,
            auto_checkpoint=False,  # checkpoints are our own, under the exclusive lock
            throw_on_wal_replay_failure=True,
        )
    except (RuntimeError, MemoryError, OSError, IndexError) as error:
        raise explain(path, error) from error


def explain(path: Path, error: BaseException) -> StoreUnavailable:
    """The one-line error for a file that does not open or answer."""
    reason = " ".join(str(error).split())[:200]
    if "Could not set lock" in reason:
        return StoreUnavailable(
            f"graph store {path} is in use by another process: stop that one (`ringtrace serve`?), "
            "or set RINGTRACE_HOME to another folder",
            code="store_locked",
        )
    if "version" in reason and "storage" in reason.lower():
        return StoreOutdated(f"graph store {path} was written by another Ladybug version: run `ringtrace rebuild`")
    if "Buffer manager" in reason or "allocate" in reason or isinstance(error, MemoryError):
        return StoreUnavailable(f"graph store {path} got no memory ({reason}): set RINGTRACE_BUFFER_POOL_MB")
    return StoreDamaged(f"graph store {path} does not open ({reason}): run `ringtrace rebuild`")


def _create(path: Path, buffer_pool_mb: int, threads: int) -> None:
    """Make the file with all tables under another name first, so that a file of the right name is never half-made."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    discard_files(draft)
    database = _open(draft, buffer_pool_mb, threads)
    connection = ladybug.Connection(database)
    for statement in statements():
        connection.execute(statement)
    connection.execute(
        f"CREATE (:{META} {{id: 'store', schema_version: $version, applied_seq: 0}})", {"version": SCHEMA_VERSION}
    )
    connection.execute("CHECKPOINT")
    connection.close()
    database.close()
    try:
        os.link(draft, path)  # fails when another process was first; its file is as good
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        draft.replace(path)
    discard_files(draft)


def discard_files(path: Path) -> None:
    """Remove the file and what Ladybug keeps beside it (write-ahead log, shadow pages, drafts)."""
    for item in path.parent.glob(f"{path.name}*"):
        item.unlink(missing_ok=True)


def need_space(path: Path, incoming_bytes: int) -> None:
    """Raises StoreUnavailable when the disk may fill: on a full disk COPY claims success and loses rows."""
    needed = 3 * incoming_bytes + (128 << 20)
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise StoreUnavailable(
            f"the disk of {path.parent} has {free >> 20} MiB free, this batch may need {needed >> 20} MiB: "
            "make room and run the command again"
        )
