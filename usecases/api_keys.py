"""Keys of machines: making, listing and revoking them, and telling who calls."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from core.clock import now_ms
from core.db import transaction
from security import api_keys, audit
from security.api_keys import TOUCH_MS, ApiKey, Sealed
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

#: How long a key is believed without looking again: another process's revocation works after this and one reading.
FRESH_MS = 2_000
#: How long a key that was good is believed while the system database does not answer.
GRACE_MS = 60_000
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its whole text, which is shown once and kept nowhere."""

    key: ApiKey
    text: str


def create(services: Services, actor: Actor, name: str, role: str, days: int) -> NewKey:
    """Make a key for a machine. Raises BadInput, NotAllowed."""
    with (
        audited(services, actor, Permission.KEYS_MANAGE, "key.create", name[:64], role=role[:32], days=days) as said,
        recorded(services, said) as session,
    ):
        made = NewKey(*api_keys.create(session, name, role, days, actor.name))
        said["key"] = made.key.id
        return made


def list_keys(services: Services, actor: Actor) -> list[ApiKey]:
    """All keys, newest first, without their secrets."""
    with audited(services, actor, Permission.KEYS_MANAGE, "key.list"), transaction(services.engine) as session:
        return api_keys.everything(session)


def revoke(services: Services, actor: Actor, key_id: str) -> ApiKey:
    """End a key: at once in this process, within FRESH_MS in others. Raises NotFound, NotAllowed."""
    with audited(services, actor, Permission.KEYS_MANAGE, "key.revoke", key_id[:64]) as said:
        with recorded(services, said) as session:
            key = api_keys.revoke(session, key_id)
            said["name"] = key.name
        _RINGS_CHANGED.bump()
        return key


class _Changes:
    """Counts revocations made in this process, so that every key ring forgets what it knew."""

    def __init__(self) -> None:
        self.count = 0

    def bump(self) -> None:
        self.count += 1


_RINGS_CHANGED = _Changes()


@dataclass(slots=True)
class _Known:
    sealed: Sealed | None
    read_ms: int
    touched_ms: int
    asked_ms: int = 0
    """When somebody went to read it anew: the others go on with what is known meanwhile."""


class KeyRing:
    """Tells who presents a key, reading the database once a FRESH_MS for each key in use; one request reads for all."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, _Known] = {}
        self._changes = _RINGS_CHANGED.count
        self._lock = threading.Lock()

    def actor(self, text: str, origin: str) -> Actor | None:
        """The machine this key belongs to, None when the key is unknown, wrong, expired or revoked.

        A right key that has ended is put on record once a minute. A key seen good is believed for GRACE_MS while
        the system database does not answer.
        """
        key_id = api_keys.id_of(text)
        known = self._look(key_id) if key_id else None
        if not api_keys.opens(known.sealed if known else None, text) or known is None or known.sealed is None:
            return None
        now, key = now_ms(), known.sealed.key
        state = key.state(now)
        if now - known.touched_ms > TOUCH_MS:
            known.touched_ms = now
            self._note(key, state, origin, now)
        return key.actor(origin) if state == "active" else None

    def _look(self, key_id: str) -> _Known | None:
        now = now_ms()
        with self._lock:
            if self._changes != _RINGS_CHANGED.count:
                self._known, self._changes = {}, _RINGS_CHANGED.count
            known = self._known.get(key_id)
            if known is not None:
                if now - max(known.read_ms, known.asked_ms) < FRESH_MS and now - known.read_ms < GRACE_MS:
                    return known
                known.asked_ms = now  # of many requests at once one asks the database, not all of them
        try:
            with transaction(self._services.engine) as session:
                sealed = api_keys.sealed(session, key_id)
        except DBAPIError:
            if known is not None and known.sealed is not None and now - known.read_ms < GRACE_MS:
                return known
            raise
        if sealed is None:
            return None  # nothing is kept of unknown ids: a caller could fill memory with them
        found = _Known(sealed, now, known.touched_ms if known else sealed.key.last_used_ms or 0)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key_id] = found
        return found

    def _note(self, key: ApiKey, state: str, origin: str, now: int) -> None:
        """Last use, or the refusal of a key that has ended; a database that does not answer loses this note only."""
        try:
            with transaction(self._services.engine) as session:
                if state == "active":
                    api_keys.touch(session, key.id, now)
                else:
                    audit.append(session, key.actor(origin), "key.refused", key.id, "refused", {"state": state})
        except DBAPIError:
            return
