"""Places for so many at once, of them a few for each: what one asks for in plenty keeps nobody else waiting."""

from __future__ import annotations

import threading
from collections import Counter


class Places:
    """At most `most` within at once, at most `each` of them for one name; safe for many threads."""

    def __init__(self, most: int, each: int) -> None:
        self.most, self.each = max(1, most), max(1, each)
        self._within: Counter[str] = Counter()
        self._left = threading.Condition()

    def take(self, who: str, wait_s: float) -> bool:
        """A place, waited for at most so long; whether there was one. Who takes it must `leave` it."""
        with self._left:
            if not self._left.wait_for(lambda: self._has_place(who), wait_s):
                return False
            self._within[who] += 1
            return True

    def leave(self, who: str) -> None:
        """Give a place back."""
        with self._left:
            self._within[who] -= 1
            if not self._within[who]:
                del self._within[who]
            self._left.notify_all()

    def is_empty(self) -> bool:
        """Whether nobody is within."""
        with self._left:
            return not self._within

    def _has_place(self, who: str) -> bool:
        return self._within[who] < self.each and self._within.total() < self.most
