"""What scoring does beside answering: sealing, following the ledger, rules and lists of others, recovery, holds' clocks."""

from __future__ import annotations

import time
from contextlib import nullcontext

import structlog
from sqlalchemy.exc import DBAPIError

from core.errors import RingtraceError
from core.message import say
from usecases import hold_clock, rule_sets
from usecases.flight import Flight
from usecases.services import Services

_log = structlog.get_logger("ringtrace.flight")
STORE_EVERY_S = 5.0
LISTS_EVERY_S = 5.0
#: What each part waits for; `follow` may rightly take long and says itself what it asks.
_STORE, _DATABASE, _LEDGER = say("the graph store"), say("the system database"), say("the ledger")
_ASKS = {"store": _STORE, "rules": _DATABASE, "lists": _DATABASE, "holds": _DATABASE, "seal": _LEDGER}
#: The graph store may be so many batches behind the ledger before findings count as out of date.
MOST_BEHIND = 20
#: Up to so many records a batch is small for the embedded store, and applied without keeping readers out.
FEW_UNSEALED = 2_000
#: More wait so many times longer: whatever the size of a big batch, writing it costs as much as all the store's relationships.
BIG_WAITS = 5
#: So many become a batch before their time: a start seals them first, and sealing must not look like a ledger that hangs.
MOST_UNSEALED = 200_000


class Upkeep:
    """Run `once` every second by a worker; what fails is logged and tried again."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._flight: Flight = services.scoring
        self._last: dict[str, float] = {}
        self._applied = 0

    def once(self) -> None:
        """Everything that is due."""
        flight = self._flight
        if not flight.ready:
            if flight.journal is None or flight.journal.failure is None:
                flight.start()  # also again: the database may have been away when it was tried first
            else:
                flight.recover()
            return
        self._every("store", STORE_EVERY_S, self._look_at_store)
        self._every("follow", 1.0, flight.follow)
        self._every("rules", 2.0, self._look_at_rules)
        self._every("lists", LISTS_EVERY_S, flight.look_at_network)
        self._every("holds", 1.0, lambda: hold_clock.run(self._services))
        self._every("seal", self._seal_after_s(), flight.seal)

    def _every(self, name: str, seconds: float, work: object) -> None:
        now = time.monotonic()
        if now - self._last.setdefault(name, 0.0 if name != "seal" else now) < seconds:
            return
        self._last[name] = now
        try:
            with self._flight.asking(_ASKS[name]) if name in _ASKS else nullcontext():
                work()  # type: ignore[operator]
        except (RingtraceError, DBAPIError, OSError) as error:
            _log.warning("scoring upkeep", part=name, reason=str(error)[:200])

    def _seal_after_s(self) -> float:
        """When sealing is due, by how much there is to seal."""
        unsealed = self._flight.unsealed
        if unsealed >= MOST_UNSEALED:
            return 0.0
        seconds = self._services.settings.scoring_seal_s
        return seconds if unsealed <= FEW_UNSEALED else BIG_WAITS * seconds

    def _look_at_store(self) -> None:
        """Findings come by way of the graph store: while it does not answer or lags, they count as out of date."""
        if not self._services.has_store:
            return
        try:
            applied = self._services.store.applied_seq()
        except RingtraceError as error:
            self._flight.set_outage(say("the graph store does not answer ({error})", error=error.code))
            return
        behind = self._services.ledger.head_seq() - applied
        self._flight.set_outage(self._why_behind(applied, behind))

    def _why_behind(self, applied: int, behind: int) -> str:
        """A store that went back is being made anew, and counts again once it is where it was."""
        if applied < self._applied and behind:
            return say("the graph store is being rebuilt: {n} batches to go", n=behind)
        self._applied = applied
        return say("the graph store is {n} batches behind", n=behind) if behind > MOST_BEHIND else ""

    def _look_at_rules(self) -> None:
        found = rule_sets.in_force(self._services)
        if found is not None and found[0] != self._flight.rules_version:
            self._flight.use_rules(found[1], found[0])
