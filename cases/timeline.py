"""A case's timeline. Works in the caller's transaction."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.case_tables import CaseEventRow

MAX_TEXT = 4_000


def add(
    session: Session, case_id: str | None, what: str, by_name: str, now_ms: int, target: str = "", text: str = ""
) -> None:
    """Add one line; nothing for what belongs to no case yet."""
    if case_id is None:
        return
    session.add(
        CaseEventRow(
            case_id=case_id, at_ms=now_ms, what=what, target=target, text=text[:MAX_TEXT], by_name=by_name[:64]
        )
    )


def of_case(session: Session, case_id: str, limit: int = 500) -> list[CaseEventRow]:
    """The latest lines, newest first."""
    return list(
        session.scalars(
            select(CaseEventRow).where(CaseEventRow.case_id == case_id).order_by(CaseEventRow.seq.desc()).limit(limit)
        )
    )
