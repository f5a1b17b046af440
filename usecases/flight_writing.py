"""Brings the journal's records into the tables, and its closed segments into the ledger: in this process or beside it.

Answering transfers takes the interpreter of its process; whatever else needs it there makes answers late. So the service
has this work done by a process of its own, which reads the journal from disk.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError

from core.db import transaction
from core.errors import RingtraceError, StoreUnavailable
from core.settings import Settings
from ledger.journal import Journal, Segment
from ledger.journal_reader import JournalReader
from scoring import book
from scoring.journaled import decode
from usecases.flight_seal import seal_one
from usecases.services import Services

_log = structlog.get_logger("ringtrace.flight")
#: Records of one transaction.
AT_ONCE = 2_000


class TablesAway(StoreUnavailable):
    """The system database did not take what was scored; the same can be tried again."""


class Writing(Protocol):
    """Who writes. Both calls can be repeated: what is there stays as it is."""

    def write_until(self, number: int) -> None:
        """The tables have every record up to this durable one. Raises DBAPIError or TablesAway, StoreDamaged, OSError."""

    def seal(self, segment: Segment) -> None:
        """The ledger has a closed segment, whose records the tables have. Raises what database and ledger raise."""

    def stop(self) -> None:
        """End; idempotent."""


def seal_all(writing: Writing, journal: Journal, tables_have_it: Callable[[], bool] = lambda: True) -> int:
    """Every closed segment becomes one batch, then goes; returns how many. A crash at any point repeats, never doubles.

    Raises StoreUnavailable when the tables do not have what the segments hold, and what `seal` raises; the segments stay.
    """
    segments = journal.rotate()
    if segments and not tables_have_it():
        raise StoreUnavailable("the tables do not have all that was scored yet: sealed later")
    for segment in segments:
        writing.seal(segment)
        journal.remove(segment)
    return len(segments)


def write_out(services: Services, journal: Journal) -> None:
    """Tables and ledger have all that the journal holds; for a start, and for who looks after an end. Raises as `Writing`."""
    here = Here(services)
    here.write_until(journal.durable)
    seal_all(here, journal)
    here.stop()


class Here:
    """In this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._reader: JournalReader | None = None
        self._lock = threading.Lock()

    def write_until(self, number: int) -> None:
        """See Writing."""
        with self._lock:
            try:
                self._write(number)
            except BaseException:
                self._forget()  # what was read may not have been written: read it again
                raise

    def _write(self, number: int) -> None:
        if self._reader is None:
            with transaction(self._services.engine) as session:
                done = book.mark(session)
            self._reader = JournalReader(self._services.settings.ledger_dir / "journal", done)
        while payloads := self._reader.read(number, AT_ONCE):
            with transaction(self._services.engine) as session:
                book.write(session, [(number, decode(payload)) for number, payload in payloads])

    def _forget(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def seal(self, segment: Segment) -> None:
        """See Writing."""
        seal_one(self._services, segment)

    def stop(self) -> None:
        """See Writing."""
        with self._lock:
            self._forget()


class Beside:
    """In two processes of its own, one a kind of work; one that ended is started again. They end with this one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pools: dict[str, ProcessPoolExecutor] = {}
        self._lock = threading.Lock()
        for kind in ("tables", "ledger"):  # a process takes seconds to start: have it ready
            self._pool(kind).submit(_work, None)

    def write_until(self, number: int) -> None:
        """See Writing."""
        self._ask("tables", number)

    def seal(self, segment: Segment) -> None:
        """See Writing."""
        self._ask("ledger", (str(segment.path), segment.first))

    def stop(self) -> None:
        """See Writing."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.shutdown(cancel_futures=True)

    def _ask(self, kind: str, what: object) -> None:
        try:
            kind_of, said = self._pool(kind).submit(_work, what).result()
        except BrokenProcessPool as error:
            _log.warning("a process beside scoring ended and is started again", kind=kind)
            with self._lock:
                broken = self._pools.pop(kind, None)
            if broken is not None:
                broken.shutdown(wait=False)
            raise TablesAway(f"the process that writes {kind} ended") from error
        if kind_of == "away":
            raise TablesAway(said)
        if kind_of:
            raise StoreUnavailable(said)

    def _pool(self, kind: str) -> ProcessPoolExecutor:
        with self._lock:
            if kind not in self._pools:
                self._pools[kind] = ProcessPoolExecutor(
                    1, multiprocessing.get_context("spawn"), _begin, (self._settings,)
                )
            return self._pools[kind]


_here: list[Here] = []


def _begin(settings: Settings) -> None:
    """A process's start: no signal but the parent's end ends it, and it works when nobody else wants the processor."""
    from usecases import bootstrap

    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)
    _here.append(Here(bootstrap.open_ledger(settings)))


def _end_with_parent() -> None:
    """A parent that was killed tells nobody: without this its children would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(what: object) -> tuple[str, str]:
    """Do it; ("", "") or the kind of error and its text, since not every error can be sent."""
    try:
        if isinstance(what, int):
            _here[0].write_until(what)
        elif isinstance(what, tuple):
            _here[0].seal(Segment(Path(what[0]), what[1]))
    except DBAPIError as error:
        return "away", type(error.orig).__name__
    except (RingtraceError, OSError) as error:
        return "refused", str(error)[:500]
    return "", ""
