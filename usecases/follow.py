"""The running service follows the ledger: batches that another process appended are applied by themselves."""

from __future__ import annotations

import structlog

from ledger.projection import catch_up
from outbox.worker import Worker
from security.roles import system_actor
from usecases.detectors import run_approved
from usecases.services import Services

#: Batches that detection itself wrote: they are no new data to look at.
FINDINGS = frozenset({"detect", "findings"})
_log = structlog.get_logger("ringtrace.follow")


class Follower(Worker):
    """A worker that looks for new batches every `every_s` seconds until `stop()`."""

    def __init__(self, services: Services, every_s: float = 3.0) -> None:
        super().__init__("ledger-follower", self.look, every_s)
        self._services = services

    def look(self) -> int:
        """Apply what is new now; returns how many batches."""
        before = self._services.store.applied_seq()
        applied = catch_up(self._services.ledger, self._services.store)
        if applied:
            _log.info("applied new batches", batches=applied, head=self._services.store.applied_seq())
            if any(entry.format not in FINDINGS for entry in self._services.ledger.entries(after=before)):
                for done in run_approved(self._services, system_actor()):
                    _log.info("ran a detector on the new data", detector=done.algorithm, findings=done.findings)
        return applied
