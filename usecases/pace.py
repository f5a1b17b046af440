"""How far a run of several algorithms is, how long it will still take, and whether somebody stopped it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from core.errors import Cancelled

#: Seconds each algorithm took last in this process: a share of the work, not a promise.
_LAST: dict[str, float] = {}
_LAST_LOCK = threading.Lock()


def remember(algorithm: str, seconds: float) -> None:
    """Keep how long an algorithm took, so that the next run's time left is nearer the truth."""
    with _LAST_LOCK:
        _LAST[algorithm] = seconds


class Pace:
    """Progress of one run. `hear` raises Cancelled once `stop` was called: algorithms report often, and end there."""

    def __init__(
        self, names: Sequence[str], tell: Callable[[Pace], None] = lambda _pace: None, *,
        clock: Callable[[], float] = time.monotonic, known: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        with _LAST_LOCK:
            last = dict(_LAST if known is None else known)
        usual = sum(last.values()) / len(last) if last else 1.0
        self._weights = {name: max(0.05, last.get(name, usual)) for name in names}
        self._clock, self._tell, self._stopped = clock, tell, threading.Event()
        self._started = clock()
        self._done: dict[str, float] = dict.fromkeys(names, 0.0)
        self.algorithm, self.what = "", ""

    def stop(self) -> None:
        """Ask the run to end at its next word of progress."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def check(self) -> None:
        """Raises Cancelled when the run was asked to stop."""
        if self.is_stopped:
            raise Cancelled("the run was stopped; what it wrote before is whole")

    def hear(self, algorithm: str, share: float, what: str) -> None:
        """Take in that `algorithm` has done this share (0 to 1) of its work."""
        self.check()
        self._done[algorithm] = max(self._done.get(algorithm, 0.0), min(1.0, share))
        self.algorithm, self.what = algorithm, what
        self._tell(self)

    @property
    def share(self) -> float:
        """Share of the whole run done, 0 to 1; an algorithm counts by the time it took last."""
        whole = sum(self._weights.values())
        return sum(self._weights[name] * self._done[name] for name in self._weights) / whole if whole else 1.0

    @property
    def left_s(self) -> float | None:
        """Seconds the rest will likely take; None before anything can be said."""
        share, taken = self.share, self._clock() - self._started
        return taken * (1 - share) / share if share > 0.02 else None
