"""Who may have transfers scored now: at most so many requests wait at once, each key at most so many a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import RingtraceError
from usecases.flight import NotReady

_MOST_KEYS = 10_000


class TooMany(RingtraceError):
    """The key submits more than it may; nothing was taken. Try again after `retry_after_s`."""

    status = 429
    code = "too_many_requests"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Admission:
    """Sheds before any work is done, so that what is taken is answered in time. Token bucket a key, one second deep."""

    def __init__(self, waiting: int, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rate, self._clock = waiting, rate, clock
        self._inside = 0
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self.shed = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Hold one place while a request is worked on. Raises NotReady (503) when all are taken."""
        with self._lock:
            if self._inside >= self._most:
                self.shed += 1
                raise NotReady("scoring is overloaded: nothing was taken", 1)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1

    def take(self, key_id: str, transfers: int) -> None:
        """Count transfers against a key's rate. Raises TooMany (429)."""
        now = self._clock()
        with self._lock:
            left, at = self._buckets.get(key_id, (float(self._rate), now))
            left = min(float(self._rate), left + (now - at) * self._rate)
            if left < min(transfers, self._rate):
                self.shed += 1
                raise TooMany(f"this key may submit {self._rate} transfers a second", 1)
            if len(self._buckets) >= _MOST_KEYS:
                self._buckets.clear()
            self._buckets[key_id] = (left - transfers, now)
