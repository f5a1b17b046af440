"""A question to the graph: answered within its time, and a few at once for one person.

One person's hundred questions would take every thread of the server, and scoring would wait behind them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import QueryStopped
from core.places import Places
from graph.budget import budget
from security.roles import Actor

#: As many connections as a browser opens to one place; and fewer altogether than the server has threads.
_PLACES = Places(most=24, each=6)
WAIT_S = 2.0


class TooManyQuestions(QueryStopped):
    """This person, or everybody together, asks too much at once; nothing was read."""

    status = 429
    code = "too_many_questions"
    retry_after_s = 2


@contextmanager
def asking(actor: Actor, seconds: float) -> Iterator[None]:
    """Ask the store inside the block, within `seconds`. Raises TooManyQuestions; queries raise QueryStopped at the end."""
    if not _PLACES.take(actor.id, WAIT_S):
        raise TooManyQuestions("too many questions at once: wait for the answers to the others")
    try:
        with budget(seconds):
            yield
    finally:
        _PLACES.leave(actor.id)
