"""Bodies that come slowly, or never: whoever sends one byte by byte keeps a few of the server's threads, never all of them.

The server hands a request on with its headers. Reading its body then waits as long as the client likes, in a read that
cannot be left: as many such clients as there are threads, signed in or not, and nobody would be answered any more. So
strangers, people and machines each read in a room of their own, with few places for any one of them, and some threads
never wait for a body at all.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from flask import g, has_app_context

from core.errors import RingtraceError

#: How long somebody waits for a place. Bodies that come at once take theirs for a thousandth of that.
WAIT_S = 0.5


class SlowBody(RingtraceError):
    """Too many bodies of this kind are coming slowly; nothing of this one was read."""

    status = 503
    code = "slow_bodies"
    retry_after_s = 1


class Room:
    """Places for so many at once, of them a few for each; safe for many threads."""

    def __init__(self, places: int, each: int, wait_s: float = WAIT_S) -> None:
        self._places, self._each, self._wait_s = max(1, places), max(1, each), wait_s
        self._within: Counter[str] = Counter()
        self._left = threading.Condition()

    def read(self, who: str, read: Callable[[], bytes]) -> bytes:
        """What `read` gives, when there is a place. Raises SlowBody, and what `read` raises."""
        with self._left:
            if not self._left.wait_for(lambda: self._has_place(who), self._wait_s):
                raise SlowBody("too many requests are still sending their bodies: try again")
            self._within[who] += 1
        try:
            return read()
        finally:
            with self._left:
                self._within[who] -= 1
                if not self._within[who]:
                    del self._within[who]
                self._left.notify_all()

    def _has_place(self, who: str) -> bool:
        return self._within[who] < self._each and self._within.total() < self._places


class Bodies:
    """Where bodies are read, for a server of so many threads: an eighth of them never waits for any."""

    def __init__(self, threads: int, wait_s: float = WAIT_S) -> None:
        quarter = threads // 4
        self.strangers = Room(quarter, quarter // 4, wait_s)
        self.people = Room(quarter, quarter // 4, wait_s)
        self.machines = Room(threads * 3 // 8, threads // 8, wait_s)

    def around(self, app: Any) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
        """The WSGI application with each request's body read in the room of who sends it."""

        def roomy(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            if environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
                environ["wsgi.input"] = _Body(environ["wsgi.input"], self, environ.get("REMOTE_ADDR", ""))
            return app(environ, start)  # type: ignore[no-any-return]

        return roomy


class _Body:
    """A request's `wsgi.input`; Werkzeug asks `read` of it alone."""

    def __init__(self, inner: Any, bodies: Bodies, address: str) -> None:
        self._inner, self._bodies, self._address = inner, bodies, address

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all that is left when negative. Raises SlowBody."""
        room, who = self._room()
        return room.read(who, self._inner.read if size < 0 else lambda: self._inner.read(size))

    def _room(self) -> tuple[Room, str]:
        """By whom the guard has let in: nothing of a body is read before."""
        machine, person = (g.get("machine"), g.get("person")) if has_app_context() else (None, None)
        if machine is not None:
            return self._bodies.machines, str(machine.id)
        if person is not None:
            return self._bodies.people, str(person.id)
        return self._bodies.strangers, self._address
