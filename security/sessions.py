"""Signed-in browsers, kept on the server so that signing out or a role cut ends them at once."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.clock import now_ms
from security import users
from security.tables import SessionRow
from security.users import Person

IDLE_MS = 60 * 60_000
LIFETIME_MS = 12 * 3600_000
_TOUCH_MS = 60_000


def start(session: Session, person: Person, origin: str) -> str:
    """A new session; returns its secret token, of which only the hash is kept. Sweeps the person's expired ones."""
    now = now_ms()
    session.execute(
        delete(SessionRow).where(
            SessionRow.user_id == person.id,
            (SessionRow.created_at_ms < now - LIFETIME_MS) | (SessionRow.seen_at_ms < now - IDLE_MS),
        )
    )
    token = secrets.token_urlsafe(32)
    session.add(
        SessionRow(token_sha256=_hash(token), user_id=person.id, created_at_ms=now, seen_at_ms=now, origin=origin[:64])
    )
    return token


def person_of(session: Session, token: str) -> Person | None:
    """Who holds this token, or None when it is unknown, ended, idle for IDLE_MS or older than LIFETIME_MS."""
    row = session.get(SessionRow, _hash(token))
    if row is None:
        return None
    now = now_ms()
    if now - row.created_at_ms > LIFETIME_MS or now - row.seen_at_ms > IDLE_MS:
        session.delete(row)
        return None
    if now - row.seen_at_ms > _TOUCH_MS:
        row.seen_at_ms = now
    return users.by_session(session, row)


def end(session: Session, token: str) -> None:
    """End one session; an unknown token is no error."""
    session.execute(delete(SessionRow).where(SessionRow.token_sha256 == _hash(token)))


def end_all(session: Session, user_id: str, keep_token: str = "") -> None:
    """End every session of a person, but the one of `keep_token`."""
    gone = delete(SessionRow).where(SessionRow.user_id == user_id)
    session.execute(gone.where(SessionRow.token_sha256 != _hash(keep_token)) if keep_token else gone)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
