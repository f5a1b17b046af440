"""A casework change: permission, one transaction, one audit line; two at once end in one change and one clear refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from cases.orders import Person
from core.db import transaction
from core.errors import Conflict
from security.roles import Actor, Permission
from usecases.auditing import Line, audited
from usecases.services import Services


@contextmanager
def changing(
    services: Services, actor: Actor, permission: Permission, action: str, target: str = "", **detail: Any
) -> Iterator[Session]:
    """A session that commits at the end, with its audit line: neither stands without the other.

    Raises NotAllowed, and Conflict `stale` when somebody else was first.
    """
    with audited(services, actor, permission, action, target, **detail) as said, recorded(services, said) as session:
        yield session


@contextmanager
def recorded(services: Services, line: Line) -> Iterator[Session]:
    """A session that commits at the end, with the line of the use case around it: neither stands without the other.

    What belongs in the line is added to it before the end. Raises Conflict `stale` when somebody else was first.
    """
    with first_wins(services) as session:
        yield session
        session.flush()
        line.write(session)
    line.written = True


@contextmanager
def first_wins(services: Services) -> Iterator[Session]:
    """A transaction; raises Conflict `stale` when somebody else wrote the same at the same moment."""
    try:
        with transaction(services.engine) as session:
            yield session
    except (StaleDataError, IntegrityError):
        raise Conflict("somebody changed this at the same moment: load it again", code="stale") from None


@contextmanager
def reading(
    services: Services, actor: Actor, permission: Permission, action: str, target: str = "", **detail: Any
) -> Iterator[Session]:
    """A session for looking; on record like a change."""
    with audited(services, actor, permission, action, target, **detail), transaction(services.engine) as session:
        yield session


def person(actor: Actor) -> Person:
    """Who acts, as casework writes it down."""
    return Person(actor.id, actor.name)
