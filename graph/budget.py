"""A time budget shared by every store query of one piece of work: what a person waits for ends, and says so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from core.errors import QueryStopped

_UNTIL: ContextVar[tuple[float, float] | None] = ContextVar("budget", default=None)
CODE = "query_budget"


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """Queries of this thread inside the block share `seconds`; an outer, shorter budget still holds."""
    until = time.monotonic() + seconds
    outer = _UNTIL.get()
    token = _UNTIL.set((until, seconds) if outer is None or until < outer[0] else outer)
    try:
        yield
    finally:
        _UNTIL.reset(token)


def left_s() -> float | None:
    """Seconds left for the next query; None without a budget. Raises QueryStopped when nothing is left."""
    found = _UNTIL.get()
    if found is None:
        return None
    left = found[0] - time.monotonic()
    if left <= 0:
        raise stopped()
    return left


def stopped(for_lack_of: Literal["time", "memory"] = "time") -> QueryStopped:
    """The error for a query that met the end of its budget, with the next step in its text."""
    found = _UNTIL.get()
    end = f" after {found[1]:g} s" if found and for_lack_of == "time" else ""
    end = " for lack of memory" if for_lack_of == "memory" else end
    return QueryStopped(
        f"stopped{end}: too much to read at once; narrow it by type, direction, amount or time, or ask for fewer",
        code=CODE,
    )
