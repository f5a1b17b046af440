"""API keys of machines: `rtk_<id>_<secret>`, shown once. Functions work inside the caller's transaction.

The secret has 256 random bits, so a keyed hash is enough (NIST SP 800-63B, 5.1.1.2 asks for slow ones for what
people choose); argon2 would cost each of a thousand requests a second tens of milliseconds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import DAY_MS, now_ms
from core.errors import BadInput, NotFound
from core.message import say
from security.roles import MACHINE_ROLES, Actor
from security.tables import ApiKeyRow

MAX_DAYS = 730
TOUCH_MS = 60_000
_TEXT = re.compile(r"rtk_([0-9a-f]{12})_([\w-]{43})", re.ASCII)
#: Compared with for unknown ids, so that an answer takes as long whether or not the key exists.
_DECOY = "0" * 64


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as others may see it: no secret, no hash."""

    id: str
    name: str
    role: str
    created_at_ms: int
    created_by: str
    expires_at_ms: int
    revoked_at_ms: int | None
    last_used_ms: int | None

    def state(self, at_ms: int) -> str:
        """`active`, `expired` or `revoked` at that time."""
        if self.revoked_at_ms is not None and self.revoked_at_ms <= at_ms:
            return "revoked"
        return "expired" if self.expires_at_ms <= at_ms else "active"

    def actor(self, origin: str = "") -> Actor:
        """The machine as the one who acts."""
        return Actor(f"key-{self.id}", self.name, frozenset({self.role}), origin)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What checking a presented key needs, so that it may be kept in memory for a moment."""

    key: ApiKey
    salt: str
    secret_hmac: str


def create(session: Session, name: str, role: str, days: int, by: str) -> tuple[ApiKey, str]:
    """Add a key; returns it and its whole text, which is kept nowhere. Raises BadInput."""
    name = name.strip()
    # no slash: a lead's number is kept as `<machine>/<its number>`, and a machine `a` must not reach those of `a/b`
    if not 2 <= len(name) <= 64 or not name.isprintable() or "/" in name:
        raise BadInput("name the machine that will use the key with 2 to 64 printable characters, without a slash")
    if role not in MACHINE_ROLES:
        raise BadInput(f"unknown machine role {role[:32]!r}: use {', '.join(MACHINE_ROLES)}")
    if not 1 <= days <= MAX_DAYS:
        raise BadInput(say("a key is good for 1 to {most} days", most=MAX_DAYS))
    secret, salt, now = secrets.token_urlsafe(32), secrets.token_hex(32), now_ms()
    row = ApiKeyRow(
        id=secrets.token_hex(6), name=name, role=role, salt=salt, secret_hmac=_hmac(salt, secret), created_at_ms=now,
        created_by=by[:64], expires_at_ms=now + days * DAY_MS, revoked_at_ms=None, last_used_ms=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _key(row), f"rtk_{row.id}_{secret}"


def everything(session: Session) -> list[ApiKey]:
    """All keys, newest first."""
    return [_key(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at_ms.desc()))]


def revoke(session: Session, key_id: str) -> ApiKey:
    """End a key from now on; once more changes nothing. Raises NotFound."""
    row = session.get(ApiKeyRow, key_id)
    if row is None:
        raise NotFound("there is no such API key")
    if row.revoked_at_ms is None:
        row.revoked_at_ms = now_ms()
    return _key(row)


def id_of(text: str) -> str | None:
    """The id within a key's text, None when it does not look like a key."""
    found = _TEXT.fullmatch(text)
    return found.group(1) if found else None


def sealed(session: Session, key_id: str) -> Sealed | None:
    """What is needed to check this key, None for an unknown one."""
    row = session.get(ApiKeyRow, key_id)
    return Sealed(_key(row), row.salt, row.secret_hmac) if row is not None else None


def opens(known: Sealed | None, text: str) -> bool:
    """Whether this text is the key; takes as long for an unknown one. Says nothing of expiry or revocation."""
    found = _TEXT.fullmatch(text)
    secret = found.group(2) if found else ""
    made = _hmac(known.salt if known else _DECOY, secret)
    return hmac.compare_digest(made, known.secret_hmac if known else _DECOY) and known is not None


def touch(session: Session, key_id: str, at_ms: int) -> None:
    """Note that a key was used."""
    session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_ms=at_ms))


def _hmac(salt: str, secret: str) -> str:
    return hmac.new(bytes.fromhex(salt), secret.encode(), hashlib.sha256).hexdigest()


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        row.id, row.name, row.role, row.created_at_ms, row.created_by, row.expires_at_ms, row.revoked_at_ms,
        row.last_used_ms,
    )  # fmt: skip
