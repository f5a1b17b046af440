"""The network's part of scoring as it is now: lists, overrides, suspected and known-bad accounts, or why it is missing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from core.errors import RingtraceError
from core.message import say
from ledger.columns import Columns
from scoring.state import State
from scoring.watch import Watch
from usecases import flight_network
from usecases.services import Services

DISTANCES_EVERY_MS = 60_000


class NetworkPart:
    """Reads findings, verdicts and lists, and sets them in the state; `lock` guards the state."""

    def __init__(self, services: Services, lock: threading.Lock, clock: Callable[[], int]) -> None:
        self._services, self._lock, self._clock = services, lock, clock
        self._columns = Columns(services.ledger)
        self._outlook = flight_network.Outlook({}, ())
        self._spread: tuple[object, ...] = ()
        self._spread_at_ms = 0
        self._outage = ""
        self._unread = ""
        self.watch = Watch()

    @property
    def said(self) -> str:
        """`used`, or why the network's part of an answer is missing."""
        problem = self._outage or self._unread
        return say("unavailable: {problem}", problem=problem) if problem else "used"

    def look(self, state: State) -> None:
        """Read everything anew; when that fails, answers say so until it works again."""
        try:
            self._outlook = flight_network.read_findings(self._services, self._columns, self._outlook)
            watch = flight_network.read_watch(self._services, self._clock())
        except (RingtraceError, DBAPIError, OSError) as error:
            self._unread = say("findings and lists cannot be read ({error})", error=type(error).__name__)
            self._tell(state)
            return
        self._unread = ""
        self.use(state, watch)
        self._tell(state)

    def use(self, state: State, watch: Watch) -> None:
        """Ask other lists and overrides from the next transfer on; distances to bad accounts are made anew."""
        now, outlook = self._clock(), self._outlook
        bad = (*outlook.adopted, *sorted(watch.bad_accounts(now)))
        basis = (state, outlook, bad)
        with self._lock:
            self.watch = watch
            # every transfer hands distances on by itself, one step: anew only for something new, and now and then
            if basis != self._spread or now - self._spread_at_ms >= DISTANCES_EVERY_MS:
                state.network(outlook.suspected, bad)
                self._spread, self._spread_at_ms = basis, now

    def set_outage(self, state: State, why: str) -> None:
        """The graph store does not answer, or does again (empty): findings may be out of date."""
        self._outage = why
        self._tell(state)

    def _tell(self, state: State) -> None:
        with self._lock:
            state.network_ready = self.said == "used"
