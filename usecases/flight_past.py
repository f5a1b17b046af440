"""Brings what the ledger and the tables hold into the state and the memory of scoring: at a start, and batches that came from elsewhere."""

from __future__ import annotations

import threading

from core.db import transaction
from scoring import book
from scoring.feed import Fed, feed, feed_gathered, gather
from scoring.layout import ATTEMPT
from scoring.ruleset import RuleSet
from scoring.state import State
from usecases.flight_memory import Memory
from usecases.services import Services

_REPLAY_AT_ONCE = 5_000


class Past:
    """The state of one run of scoring and what it remembers, filled from the past. `lock` guards both.

    `until_seq` is the last ledger batch that is in them.
    """

    def __init__(self, services: Services, lock: threading.Lock, rules: RuleSet) -> None:
        self._services, self._lock = services, lock
        self.state = State(rules.kernel, rules.config.rates)
        self.state.home_country = rules.config.home_country
        self.memory = Memory()
        self.until_seq = 0

    def load(self, calls_since_ms: int) -> None:
        """The whole ledger, ids and pending transfers of the tables, calls heard since then. Nobody scores by it yet."""
        ledger, state = self._services.ledger, self.state
        entries = ledger.entries()
        self.until_seq = entries[-1].seq if entries else 0
        self._replay(feed(state, (rows for entry in entries for rows in ledger.read(entry.seq))))
        with transaction(self._services.engine) as session:
            self.memory.known.add_all(book.ids(session))
            waiting = book.pending(session)
            called = book.with_calls(session, calls_since_ms)
        for transfer in called:
            state.heard(transfer)
        for transfer in waiting:
            self.memory.named(state.take(transfer, ATTEMPT), transfer.id)
        state.make_room()

    def follow(self, own_format: str) -> tuple[int, bool]:
        """Take in batches after `until_seq` that others wrote; how many, and whether there were findings among them.

        Raises what the ledger raises; the batch it failed at is tried again the next time.
        """
        taken, findings = 0, False
        for entry in self._services.ledger.entries(self.until_seq):
            if entry.format != own_format:
                findings = self._take(entry.seq) or findings
                taken += 1
            self.until_seq = entry.seq
        return taken, findings

    def _take(self, seq: int) -> bool:
        frames = gather(self._services.ledger.read(seq))  # files are read before anybody has to wait
        with self._lock:
            fed = feed_gathered(self.state, frames)
        self._replay(fed)
        return fed.findings

    def _replay(self, fed: Fed) -> None:
        """In pieces, so that transfers in flight do not wait for a whole file."""
        for start in range(0, len(fed.events), _REPLAY_AT_ONCE):
            part = slice(start, start + _REPLAY_AT_ONCE)
            with self._lock:
                self.memory.named_all(self.state.sequence, fed.ids[part])
                self.memory.known.add_all(fed.ids[part])
                self.state.replay(fed.events[part], fed.moved[part])
