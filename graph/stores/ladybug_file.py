"""The embedded store's file: opening it with the measured-safe options, and saying in one line why it does not open."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
    elif not _as_closed(path):
        _try_in_child(path)
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


def mark_closed(path: Path) -> None:
    """Note that the file was closed in good order and how it looked then."""
    if path.exists():
        _mark(path).write_text(_look(path))


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.closed")


def _look(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def _as_closed(path: Path) -> bool:
    """Whether the file is as Ringtrace last closed it."""
    mark, log = _mark(path), path.with_name(f"{path.name}.wal")
    return mark.exists() and not log.exists() and mark.read_text() == _look(path)


def _try_in_child(path: Path) -> None:
    """Open the file in a child process first: some damage makes Ladybug crash, which must not take this process along.

    Only after a kill, or when somebody else touched the file. Any other error shows again in the real opening.
    """
    trial = (
        "import ladybug, os, sys\n"
        f"base = ladybug.Database(sys.argv[1], buffer_pool_size=256 << 20, max_num_threads=1, max_db_size={MAX_DB_SIZE}, "
        "auto_checkpoint=False)\n"
        f"ladybug.Connection(base).execute('MATCH (m:{META}) RETURN m.applied_seq').get_all()\n"
        "os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", trial, str(path)], capture_output=True, check=False)  # noqa: S603
    if done.returncode < 0:
        raise StoreDamaged(f"graph store {path} is damaged (opening it crashes): run `ringtrace rebuild`")


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
