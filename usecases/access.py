"""Signing in and out, one's own password and preferences, and what one may see of oneself."""

from __future__ import annotations

from dataclasses import dataclass

from core.db import transaction
from core.errors import BadInput
from security import audit, sessions, users
from security.roles import Actor
from security.users import Person
from usecases.services import Services


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and the secret token of their new session."""

    person: Person
    token: str


def sign_in(services: Services, name: str, password: str, origin: str, old_token: str = "") -> SignedIn | None:
    """A fresh session when name and password are right, else None without saying which was wrong.

    The browser's earlier session, if any, ends, so that a planted one is worth nothing.
    """
    with transaction(services.engine) as session:
        person = users.attempt(session, name, password, origin)
        if person is None:
            unknown = Actor("", name[:64], frozenset(), origin)
            audit.append(session, unknown, "session.sign_in", "", "refused")
            return None
        if old_token:
            sessions.end(session, old_token)
        token = sessions.start(session, person, origin)
        audit.append(session, person.actor(origin), "session.sign_in", "", "ok")
        return SignedIn(person, token)


def who(services: Services, token: str) -> Person | None:
    """Who holds this session token now; None when the session has ended."""
    if not token:
        return None
    with transaction(services.engine) as session:
        return sessions.person_of(session, token)


def sign_out(services: Services, actor: Actor, token: str) -> None:
    """End this session."""
    with transaction(services.engine) as session:
        sessions.end(session, token)
        audit.append(session, actor, "session.sign_out", "", "ok")


def change_password(services: Services, actor: Actor, old: str, new: str) -> str:
    """Set one's own new password; every session of the person ends and the token of a fresh one is returned.

    Raises BadInput `wrong_password` or `weak_password`, which is on record too.
    """
    try:
        return _changed(services, actor, old, new)
    except BadInput as error:
        audit.record(services.engine, actor, "person.change_password", actor.name, outcome=error.code)
        raise


def _changed(services: Services, actor: Actor, old: str, new: str) -> str:
    with transaction(services.engine) as session:
        person = users.change_password(session, actor.id, old, new)
        sessions.end_all(session, actor.id)
        audit.append(session, actor, "person.change_password", actor.name, "ok")
        return sessions.start(session, person, actor.origin)


def set_preferences(services: Services, actor: Actor, language: str, theme: str) -> Person:
    """Keep one's own language and theme. Raises BadInput."""
    with transaction(services.engine) as session:
        return users.set_preferences(session, actor.id, language, theme)
