"""Administration of people: who may sign in, with which roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.db import transaction
from core.errors import NotAllowed
from security import audit, sessions, users
from security.roles import Actor, Permission, system_actor
from security.users import Person
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

#: The first person must both let others in and see that the installation works; take `analyst` away once others exist.
FIRST_ROLES = ("administrator", "analyst")


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A person with the one-time password to hand over; it is shown once and kept nowhere."""

    person: Person
    password: str


def create_first_admin(services: Services, name: str = "admin") -> str | None:
    """Make the first administrator of an empty installation; the one-time password, or None when people exist."""
    with transaction(services.engine) as session:
        if users.count(session):
            return None
        person, password = users.create(session, name, FIRST_ROLES, "First administrator")
        audit.append(session, system_actor(()), "person.create", person.name, "ok", {"roles": list(FIRST_ROLES)})
    return password


def create(services: Services, actor: Actor, name: str, roles: Iterable[str], full_name: str = "") -> NewPassword:
    """Add a person with a one-time password. Raises BadInput, Conflict (name taken), NotAllowed."""
    roles = sorted(roles)
    with (
        audited(services, actor, Permission.USERS_MANAGE, "person.create", name, roles=roles) as said,
        recorded(services, said) as session,
    ):
        return NewPassword(*users.create(session, name, roles, full_name))


def list_people(services: Services, actor: Actor) -> list[Person]:
    """Everyone who may or might sign in, by name."""
    with audited(services, actor, Permission.USERS_MANAGE, "person.list"), transaction(services.engine) as session:
        return users.everyone(session)


def by_name(services: Services, actor: Actor, name: str) -> Person:
    """One person by sign-in name. Raises NotFound."""
    with (
        audited(services, actor, Permission.USERS_MANAGE, "person.read", name),
        transaction(services.engine) as session,
    ):
        return users.by_name(session, name)


def set_roles(services: Services, actor: Actor, user_id: str, roles: Iterable[str]) -> Person:
    """Give a person exactly these roles; their sessions end. Nobody changes their own roles.

    Raises BadInput, NotFound, NotAllowed, or Conflict for the last administrator.
    """
    roles = sorted(roles)
    with audited(services, actor, Permission.USERS_MANAGE, "person.set_roles", user_id, roles=roles) as said:
        _not_oneself(actor, user_id)
        with recorded(services, said) as session:
            before = users.get(session, user_id)
            person = users.set_roles(session, user_id, roles)
            sessions.end_all(session, user_id)
            said.update(name=person.name, before=sorted(before.roles))
        return person


def set_enabled(services: Services, actor: Actor, user_id: str, enabled: bool) -> Person:
    """Let a person sign in, or not: then their sessions end. Nobody disables themselves."""
    action = "person.enable" if enabled else "person.disable"
    with audited(services, actor, Permission.USERS_MANAGE, action, user_id) as said:
        _not_oneself(actor, user_id)
        with recorded(services, said) as session:
            person = users.set_enabled(session, user_id, enabled)
            if not enabled:
                sessions.end_all(session, user_id)
            said["name"] = person.name
        return person


def disable(services: Services, actor: Actor, user_id: str) -> Person:
    """Keep a person from signing in from now on; see `set_enabled`."""
    return set_enabled(services, actor, user_id, False)


def reset_password(services: Services, actor: Actor, user_id: str) -> NewPassword:
    """Replace a person's password by a one-time one; their sessions end and a lock is lifted."""
    with audited(services, actor, Permission.USERS_MANAGE, "person.reset_password", user_id) as said:
        with recorded(services, said) as session:
            person, password = users.reset_password(session, user_id)
            sessions.end_all(session, user_id)
            said["name"] = person.name
        return NewPassword(person, password)


def _not_oneself(actor: Actor, user_id: str) -> None:
    if actor.id == user_id:
        raise NotAllowed("nobody changes their own rights: ask another administrator")
