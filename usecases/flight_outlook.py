"""The network's part of scoring as it is now: lists, overrides, suspected and known-bad accounts, or why it is missing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from core.errors import RingtraceError
from core.message import say
from ledger.columns import Columns
from scoring.state import State
from scoring.watch import Watch
from usecases import flight_network
from usecases.services import Services

DISTANCES_EVERY_MS = 60_000
#: What has been asked for so long hangs: its part counts as missing until it answers.
HANGS_AFTER_MS = 30_000


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
        self._asked: dict[object, tuple[str, int]] = {}
        self.watch = Watch()

    @property
    def said(self) -> str:
        """`used`, or why the network's part of an answer is missing."""
        problem = self._outage or self._unread or (self._hangs() if self._asked else "")
        return say("unavailable: {problem}", problem=problem) if problem else "used"

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """While it is asked: what hangs would never tell us that it is away, and what it said last would count for ever."""
        token = object()
        self._asked[token] = (what, self._clock())
        try:
            yield
        finally:
            del self._asked[token]

    def look(self, state: State) -> None:
        """Read everything anew; when that fails, answers say so until it works again."""
        try:
            self._outlook = flight_network.read_findings(self._services, self._columns, self._outlook)
            watch = flight_network.read_watch(self._services, self._clock())
        except (RingtraceError, DBAPIError, OSError) as error:
            self._unread = say("findings and lists cannot be read ({error})", error=type(error).__name__)
            return
        self._unread = ""
        self.use(state, watch)

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

    def set_outage(self, why: str) -> None:
        """The graph store does not answer, or does again (empty): findings may be out of date."""
        self._outage = why

    def _hangs(self) -> str:
        """What has been asked for too long, in words; empty when nothing has."""
        late = self._clock() - HANGS_AFTER_MS
        hanging = next((what for what, since in list(self._asked.values()) if since < late), "")
        return say("{what}: no answer for more than {n} s", what=hanging, n=HANGS_AFTER_MS // 1000) if hanging else ""
