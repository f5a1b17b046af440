"""Writes what the journal has into the tables, a little behind: pages, holds and alerts read them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from core.db import transaction
from scoring import book
from scoring.journaled import Record

_log = structlog.get_logger("ringtrace.flight")
#: Rest between two writes: a transaction costs as much for one record as for a hundred. Who waits for the tables ends it.
EVERY_S = 0.1
AT_ONCE = 2_000
#: Above this many unwritten records new transfers are shed: the database cannot keep up, or does not answer.
MOST_BEHIND = 100_000


class Recorder:
    """One thread that drains a queue of durable records. While the database does not answer it waits and tries again."""

    def __init__(self, engine: Engine, durable: Callable[[], int]) -> None:
        self._engine = engine
        self._durable = durable
        self._queue: deque[tuple[int, Record]] = deque()
        self._written = 0
        self._asked = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="flight-recorder", daemon=True)
        self.problem = ""

    def start(self) -> None:
        """Begin writing; what is durable by now is in the tables already. Once more changes nothing."""
        if self._thread.is_alive():
            return
        self._written = self._durable()
        self._thread.start()

    def add(self, number: int, record: Record) -> None:
        """Queue a record; called in the order of numbers."""
        self._queue.append((number, record))

    @property
    def behind(self) -> int:
        """How many records wait to be written."""
        return len(self._queue)

    def wait(self, number: int, timeout_s: float) -> bool:
        """Whether the record is in the tables within the time."""
        with self._changed:
            self._asked = max(self._asked, number)
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._written >= number, timeout_s)

    def drop_after(self, number: int) -> None:
        """Forget queued records that never became durable."""
        while self._queue and self._queue[-1][0] > number:
            self._queue.pop()

    def stop(self) -> None:
        """Write what is durable and end the thread."""
        self._stopping = True
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(15)

    def flush(self) -> bool:
        """Write up to AT_ONCE durable records now; whether any was written. Raises DBAPIError."""
        durable = self._durable()
        part: list[tuple[int, Record]] = []
        while self._queue and len(part) < AT_ONCE and self._queue[0][0] <= durable:
            part.append(self._queue.popleft())
        if not part:
            return False
        try:
            with transaction(self._engine) as session:
                book.write(session, part)
        except BaseException:
            self._queue.extendleft(reversed(part))
            raise
        with self._changed:
            self._written = part[-1][0]
            self._changed.notify_all()
        return True

    def _called(self) -> bool:
        """Whether the rest between two writes ends: not for a database that does not answer."""
        return self._stopping or (self._asked > self._written and not self.problem)

    def _run(self) -> None:
        pause = EVERY_S
        while True:
            try:
                wrote = self.flush()
                self.problem, pause = "", EVERY_S
            except (
                Exception
            ) as error:  # whatever it is, what was acknowledged is still to be written: the thread goes on
                what = type(error.orig if isinstance(error, DBAPIError) else error).__name__
                self.problem = f"the system database does not take scored transfers: {what}"
                _log.warning("recorder waits", reason=self.problem)
                wrote, pause = False, min(pause * 2, 5.0)
                if self._stopping:
                    return
            if self._stopping and not wrote:
                return
            if not wrote or len(self._queue) < AT_ONCE:
                with self._changed:
                    self._changed.wait_for(self._called, pause)
