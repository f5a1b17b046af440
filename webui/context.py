"""What a view needs of the request it answers: the services, the person and who acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import current_app, g, has_request_context, request

from core.errors import RingtraceError
from security.roles import Actor, Permission
from security.users import Person
from usecases.services import Services

EXTENSION = "ringtrace"
RUNS = "ringtrace_runs"


class Unauthenticated(RingtraceError):
    """Nobody is signed in, or the session has ended."""

    status = 401
    code = "not_signed_in"


class KeyRefused(RingtraceError):
    """The API key is unknown, wrong, expired or revoked; which of these is not said."""

    status = 401
    code = "key_refused"


def services() -> Services:
    """The services of this process."""
    return cast(Services, current_app.extensions[EXTENSION])


def person() -> Person | None:
    """The signed-in person, or None."""
    return cast("Person | None", g.get("person"))


def actor() -> Actor:
    """Who acts, a person or a machine, with the address they come from. Raises Unauthenticated."""
    machine = cast("Actor | None", g.get("machine"))
    if machine is not None:
        return machine
    found = person()
    if found is None:
        raise Unauthenticated("sign in first")
    return found.actor(origin())


def may(permission: str) -> bool:
    """Whether the signed-in person has the permission; for showing or leaving out a link."""
    found = person()
    return found is not None and found.actor().may(Permission(permission))


def origin() -> str:
    """The client's address: the socket's, or what a trusted proxy says of it (`webui/proxies.py`)."""
    return request.remote_addr or ""


def once_a_request(subject: str, text: str, say: Callable[[str], str]) -> str:
    """`say(text)`, looked up once a request: a page of 50 rows says the same few words some 250 times."""
    if not has_request_context():
        return say(text)
    said: dict[tuple[str, str], str] | None = g.get("said")
    if said is None:
        said = g.said = {}
    found = said.get((subject, text))
    if found is None:
        found = said[subject, text] = say(text)
    return found


def wants_api() -> bool:
    """Whether the request is for the JSON API."""
    return request.path.startswith("/api/v1/")
