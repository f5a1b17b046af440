"""Has the tables follow the journal, a little behind: pages, holds and alerts read them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from usecases.flight_writing import AT_ONCE, TablesAway

_log = structlog.get_logger("ringtrace.flight")
#: Rest between two writes: a transaction costs as much for one record as for a hundred. Who waits for the tables ends it.
EVERY_S = 0.1
#: Above this many unwritten records new transfers are shed: the database cannot keep up, or does not answer.
MOST_BEHIND = 100_000


class Recorder:
    """One thread that has every durable record written. While the database does not answer it waits and tries again.

    `durable` is the number of the last durable record; `write_until` has the tables know all up to a number.
    """

    def __init__(self, durable: Callable[[], int], write_until: Callable[[int], None]) -> None:
        self._durable, self._write_until = durable, write_until
        self._added = 0
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
        self._written = self._added = self._durable()
        self._thread.start()

    def add(self, number: int) -> None:
        """A record was given this number."""
        self._added = number

    @property
    def behind(self) -> int:
        """How many records wait to be written."""
        return max(0, self._added - self._written)

    def wait(self, number: int, timeout_s: float) -> bool:
        """Whether the record is in the tables within the time."""
        with self._changed:
            self._asked = max(self._asked, number)
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._written >= number, timeout_s)

    def drop_after(self, number: int) -> None:
        """Forget records that never became durable."""
        self._added = min(self._added, number)

    def stop(self) -> None:
        """Write what is durable and end the thread."""
        self._stopping = True
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(15)

    def flush(self) -> bool:
        """Have up to AT_ONCE durable records written now; whether there were any. Raises what `write_until` raises."""
        until = min(self._durable(), self._written + AT_ONCE)
        if until <= self._written:
            return False
        self._write_until(until)
        with self._changed:
            self._written = until
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
                what = str(error) if isinstance(error, TablesAway) else type(getattr(error, "orig", error)).__name__
                self.problem = f"the system database does not take scored transfers: {what}"
                _log.warning("recorder waits", reason=self.problem)
                wrote, pause = False, min(pause * 2, 5.0)
                if self._stopping:
                    return
            if self._stopping and not wrote:
                return
            if not wrote or self.behind < AT_ONCE:
                with self._changed:
                    self._changed.wait_for(self._called, pause)
