"""A case's row and whether it is still worked on. Works in the caller's transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cases.case_tables import CaseRow
from core.errors import Conflict, NotFound

OPEN, CLOSED, MERGED = "open", "closed", "merged"


def get(session: Session, case_id: str) -> CaseRow:
    """One case. Raises NotFound."""
    row = session.get(CaseRow, case_id)
    if row is None:
        raise NotFound("there is no such case")
    return row


def open_case(session: Session, case_id: str) -> CaseRow:
    """One case that is worked on. Raises NotFound, Conflict `case_closed`."""
    row = get(session, case_id)
    need_open(row)
    return row


def need_open(row: CaseRow) -> None:
    """Raises Conflict `case_closed` for a case that is closed or merged."""
    if row.state != OPEN:
        raise Conflict(f"the case is {row.state}", code="case_closed")
