"""A case's row and whether it is still worked on. Works in the caller's transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cases import timeline
from cases.case_tables import CaseRow
from core.errors import Conflict, NotFound
from core.ids import fresh

OPEN, CLOSED, MERGED = "open", "closed", "merged"


def get(session: Session, case_id: str) -> CaseRow:
    """One case. Raises NotFound."""
    row = session.get(CaseRow, case_id)
    if row is None:
        raise NotFound("there is no such case")
    return row


def new(
    session: Session,
    owner: tuple[str, str],
    title: str,
    now_ms: int,
    typology: str = "",
    region: str = "",
    currency: str = "CNY",
) -> CaseRow:
    """A new open case of its owner (id, name), with the first line of its timeline."""
    row = CaseRow(
        id=fresh("case"), title=title[:120], state=OPEN, typology=typology, region=region, currency=currency,
        owner_id=owner[0], owner_name=owner[1], opened_at_ms=now_ms,
    )  # fmt: skip
    session.add(row)
    session.flush()
    timeline.add(session, row.id, "case.opened", owner[1], now_ms)
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
