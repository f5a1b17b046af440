"""Wrong passwords: one origin of one name waits longer and longer; strangers to a name share a slower limit.

A lock on the name alone can be used against a person: whoever knows the name locks it. So an origin the person has signed in from
is not stopped by what others try. Functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.db import upsert
from security.tables import SignInOriginRow, UserRow

#: Wrong passwords in a row that one origin has for a name before it waits.
MAX_FAILURES = 5
FIRST_WAIT_MS = 60_000
LONGEST_WAIT_MS = 24 * 3_600_000
#: Wrong passwords from all origins the person never signed in from, together, before all of those wait.
MAX_STRANGERS = 50
STRANGERS_WAIT_MS = 15 * 60_000


def is_locked(session: Session, user: UserRow, origin: str, at_ms: int) -> bool:
    """Whether sign-ins with this name wait at this origin now."""
    seen = session.get(SignInOriginRow, (user.id, origin))
    if seen is not None and (seen.locked_until_ms > at_ms or seen.last_ok_ms is not None):
        return seen.locked_until_ms > at_ms
    return user.locked_until_ms > at_ms


def failed(session: Session, user: UserRow, origin: str, at_ms: int) -> None:
    """Count a wrong password, in SQL, so that parallel guesses are all counted."""
    session.execute(
        delete(SignInOriginRow).where(
            SignInOriginRow.user_id == user.id, SignInOriginRow.last_ok_ms.is_(None),
            SignInOriginRow.changed_at_ms < at_ms - 2 * LONGEST_WAIT_MS,
        )
    )  # fmt: skip
    statement = upsert(session, SignInOriginRow).values(
        user_id=user.id, origin=origin, failures=1, locked_until_ms=0, changed_at_ms=at_ms
    )
    counted = statement.on_conflict_do_update(
        index_elements=["user_id", "origin"], set_={"failures": SignInOriginRow.failures + 1, "changed_at_ms": at_ms}
    )
    session.execute(counted)
    seen = session.get_one(SignInOriginRow, (user.id, origin), populate_existing=True)
    if seen.failures >= MAX_FAILURES:
        seen.locked_until_ms = at_ms + min(FIRST_WAIT_MS << min(seen.failures - MAX_FAILURES, 20), LONGEST_WAIT_MS)
    if seen.last_ok_ms is None:
        _count_stranger(session, user, at_ms)


def succeeded(session: Session, user: UserRow, origin: str, at_ms: int) -> None:
    """Remember the origin as the person's; forget its wrong passwords."""
    seen = session.get(SignInOriginRow, (user.id, origin))
    if seen is None:
        seen = session.merge(SignInOriginRow(user_id=user.id, origin=origin))
    seen.failures, seen.locked_until_ms, seen.last_ok_ms, seen.changed_at_ms = 0, 0, at_ms, at_ms
    user.failed_sign_ins = 0


def lift(session: Session, user: UserRow) -> None:
    """Nobody waits any more with this name."""
    user.failed_sign_ins, user.locked_until_ms = 0, 0
    session.execute(
        update(SignInOriginRow).where(SignInOriginRow.user_id == user.id).values(failures=0, locked_until_ms=0)
    )


def _count_stranger(session: Session, user: UserRow, at_ms: int) -> None:
    failures = UserRow.failed_sign_ins + 1
    session.execute(update(UserRow).where(UserRow.id == user.id).values(failed_sign_ins=failures))
    session.refresh(user)
    if user.failed_sign_ins >= MAX_STRANGERS:
        user.locked_until_ms, user.failed_sign_ins = at_ms + STRANGERS_WAIT_MS, 0
