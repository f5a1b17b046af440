"""The running service follows the ledger: batches that another process appended are applied by themselves."""

from __future__ import annotations

import threading

import structlog

from core.errors import RingtraceError
from ledger.projection import catch_up
from security.roles import system_actor
from usecases.detectors import run_approved
from usecases.services import Services

#: Batches that detection itself wrote: they are no new data to look at.
_FINDINGS = frozenset({"detect", "findings"})
_log = structlog.get_logger("ringtrace.follow")


class Follower:
    """A thread that looks for new batches every `every_s` seconds until `stop()`."""

    def __init__(self, services: Services, every_s: float = 3.0) -> None:
        self._services = services
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-follower", daemon=True)

    def start(self) -> None:
        """Begin following."""
        self._thread.start()

    def stop(self, wait_s: float = 30.0) -> None:
        """End after the batch in hand; returns when the thread has ended or `wait_s` has passed."""
        self._stopping.set()
        self._thread.join(wait_s)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self.look()
            except RingtraceError as error:
                _log.warning("could not follow the ledger", reason=str(error))

    def look(self) -> int:
        """Apply what is new now; returns how many batches."""
        before = self._services.store.applied_seq()
        applied = catch_up(self._services.ledger, self._services.store)
        if applied:
            _log.info("applied new batches", batches=applied, head=self._services.store.applied_seq())
            if any(entry.format not in _FINDINGS for entry in self._services.ledger.entries(after=before)):
                for done in run_approved(self._services, system_actor()):
                    _log.info("ran a detector on the new data", detector=done.algorithm, findings=done.findings)
        return applied
