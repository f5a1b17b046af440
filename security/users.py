"""People who may sign in. Functions work inside the caller's transaction and never commit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.errors import BadInput, Conflict, NotFound
from core.ids import fresh
from security import lockout, passwords
from security.roles import ROLES, Actor
from security.tables import SessionRow, UserRoleRow, UserRow

LANGUAGES = ("", "en", "zh")
THEMES = ("auto", "light", "dark")
_NAME = re.compile(r"[\w][\w.@-]{1,63}")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as others may see them: no password, no hash."""

    id: str
    name: str
    full_name: str
    roles: frozenset[str]
    is_enabled: bool
    must_change_password: bool
    locked_until_ms: int
    created_at_ms: int
    last_sign_in_ms: int | None
    language: str
    theme: str

    def actor(self, origin: str = "") -> Actor:
        """This person as the one who acts."""
        return Actor(self.id, self.name, self.roles, origin)


def create(session: Session, name: str, roles: Iterable[str], full_name: str = "") -> tuple[Person, str]:
    """Add a person; returns them and the one-time password, which is kept nowhere.

    Raises BadInput for an unusable name or role, Conflict when the name is taken.
    """
    name = unicodedata.normalize("NFKC", name.strip())
    if not _NAME.fullmatch(name):
        raise BadInput("a sign-in name has 2 to 64 letters, digits, dots, dashes, @ or underscores")
    if len(full_name) > 200:
        raise BadInput("a full name has at most 200 characters")
    if session.scalar(select(UserRow.id).where(UserRow.folded == _fold(name))):
        raise Conflict(f"the sign-in name {name} is taken", code="name_taken")
    password = passwords.one_time()
    row = UserRow(
        id=fresh("user"), name=name, folded=_fold(name), full_name=full_name.strip(), created_at_ms=now_ms(),
        password_hash=passwords.hash_password(password), must_change_password=True, is_enabled=True,
        failed_sign_ins=0, locked_until_ms=0, language="", theme="auto",
        roles=[UserRoleRow(role=role) for role in sorted(_checked(roles))],
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _person(row), password


def count(session: Session) -> int:
    """How many people there are, disabled ones too."""
    return int(session.scalar(select(func.count()).select_from(UserRow)) or 0)


def everyone(session: Session) -> list[Person]:
    """All people by name."""
    return [_person(row) for row in session.scalars(select(UserRow).order_by(UserRow.folded))]


def get(session: Session, user_id: str) -> Person:
    """One person by id. Raises NotFound."""
    return _person(_row(session, user_id))


def by_name(session: Session, name: str) -> Person:
    """One person by sign-in name, letter case ignored. Raises NotFound."""
    row = session.scalar(select(UserRow).where(UserRow.folded == _fold(name)))
    if row is None:
        raise NotFound(f"nobody signs in as {name}")
    return _person(row)


def set_roles(session: Session, user_id: str, roles: Iterable[str]) -> Person:
    """Give a person exactly these roles. Raises BadInput, NotFound, or Conflict for the last administrator."""
    row = _row(session, user_id)
    wanted = _checked(roles)
    if "administrator" not in wanted:
        _keep_an_administrator(session, row)
    kept = [held for held in row.roles if held.role in wanted]
    added = wanted - {held.role for held in kept}
    row.roles = kept + [UserRoleRow(role=role) for role in sorted(added)]
    session.flush()
    return _person(row)


def set_enabled(session: Session, user_id: str, enabled: bool) -> Person:
    """Let a person sign in or not; enabling also lifts a lock. Raises Conflict for the last administrator."""
    row = _row(session, user_id)
    if not enabled:
        _keep_an_administrator(session, row)
    row.is_enabled = enabled
    lockout.lift(session, row)
    return _person(row)


def reset_password(session: Session, user_id: str) -> tuple[Person, str]:
    """Replace the password by a one-time one, which is returned and kept nowhere; also lifts a lock."""
    row = _row(session, user_id)
    password = passwords.one_time()
    row.password_hash = passwords.hash_password(password)
    row.must_change_password = True
    lockout.lift(session, row)
    return _person(row), password


def change_password(session: Session, user_id: str, old: str, new: str) -> Person:
    """Replace the password by the person's own new one. Raises BadInput `wrong_password` or `weak_password`."""
    row = _row(session, user_id)
    if not passwords.matches(row.password_hash, old):
        raise BadInput("the current password is not right", code="wrong_password")
    passwords.check_new(new, name=row.name)
    if passwords.matches(row.password_hash, new):
        raise BadInput("choose a password other than the current one", code="weak_password")
    row.password_hash = passwords.hash_password(new)
    row.must_change_password = False
    return _person(row)


def set_preferences(session: Session, user_id: str, language: str, theme: str) -> Person:
    """Keep a person's language and theme. Raises BadInput for an unknown one."""
    if language not in LANGUAGES or theme not in THEMES:
        raise BadInput("choose a language and a theme from the list")
    row = _row(session, user_id)
    row.language, row.theme = language, theme
    return _person(row)


def attempt(session: Session, name: str, password: str, origin: str) -> Person | None:
    """The person when name and password are right and they may sign in now, else None; counts failures (lockout.py).

    While an origin waits it does not sign in with this name, not even with the right password.
    """
    row = session.scalar(select(UserRow).where(UserRow.folded == _fold(name)).with_for_update())
    right = passwords.matches(row.password_hash if row else None, password)
    if row is None or not row.is_enabled or lockout.is_locked(session, row, origin[:64], now_ms()):
        return None
    if not right:
        lockout.failed(session, row, origin[:64], now_ms())
        return None
    lockout.succeeded(session, row, origin[:64], now_ms())
    row.last_sign_in_ms = now_ms()
    if passwords.is_outdated(row.password_hash):
        row.password_hash = passwords.hash_password(password)
    return _person(row)


def _keep_an_administrator(session: Session, leaving: UserRow) -> None:
    others = select(func.count()).select_from(UserRoleRow).join(UserRow, UserRow.id == UserRoleRow.user_id)
    others = others.where(UserRoleRow.role == "administrator", UserRow.is_enabled, UserRow.id != leaving.id)
    if any(held.role == "administrator" for held in leaving.roles) and not session.scalar(others):
        raise Conflict("this is the last administrator: make another one first", code="last_administrator")


def _checked(roles: Iterable[str]) -> set[str]:
    wanted = set(roles)
    unknown = sorted(wanted - set(ROLES))
    if unknown:
        raise BadInput(f"unknown role {', '.join(unknown)}: use {', '.join(ROLES)}")
    if not wanted:
        raise BadInput(f"give at least one role: {', '.join(ROLES)}")
    return wanted


def _row(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound("there is no such person")
    return row


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name.strip()).casefold()[:128]


def _person(row: UserRow) -> Person:
    return Person(
        row.id, row.name, row.full_name, frozenset(held.role for held in row.roles), row.is_enabled,
        row.must_change_password, row.locked_until_ms, row.created_at_ms, row.last_sign_in_ms, row.language, row.theme,
    )  # fmt: skip


def by_session(session: Session, row: SessionRow) -> Person | None:
    """The person of a signed-in session while they are enabled."""
    user = session.get(UserRow, row.user_id)
    return _person(user) if user is not None and user.is_enabled else None
