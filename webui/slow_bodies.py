"""Bodies that come slowly, or never: whoever sends one byte by byte keeps a few of the server's threads, never all of them.

The server hands a request on with its headers. Reading its body then waits as long as the client likes, in a read that
cannot be left: as many such clients as there are threads, signed in or not, and nobody would be answered any more. So
strangers, people and machines each read in a room of their own, with few places for any one of them, and some threads
never wait for a body at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import g, has_app_context

from core.errors import RingtraceError
from core.places import Places

#: How long somebody waits for a place. Bodies that come at once take theirs for a thousandth of that.
WAIT_S = 0.5


class SlowBody(RingtraceError):
    """Too many bodies of this kind are coming slowly; nothing of this one was read."""

    status = 503
    code = "slow_bodies"
    retry_after_s = 1


class Room:
    """Where bodies of one kind are read: so many at once, of them a few for each sender."""

    def __init__(self, places: int, each: int, wait_s: float = WAIT_S) -> None:
        self.places, self._wait_s = Places(places, each), wait_s

    def read(self, who: str, read: Callable[[], bytes]) -> bytes:
        """What `read` gives, when there is a place. Raises SlowBody, and what `read` raises."""
        if not self.places.take(who, self._wait_s):
            raise SlowBody("too many requests are still sending their bodies: try again")
        try:
            return read()
        finally:
            self.places.leave(who)


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
