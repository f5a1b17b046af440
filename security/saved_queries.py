"""Console queries a person keeps for themselves. Functions work inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.errors import BadInput, NotFound
from core.ids import fresh
from core.message import say
from security.tables import SavedQueryRow

MAX_QUERIES = 200
#: Characters of a query, kept, proposed or run.
MAX_CYPHER = 20_000


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """One kept query."""

    id: str
    title: str
    cypher: str
    created_at_ms: int


def of_person(session: Session, user_id: str) -> list[SavedQuery]:
    """A person's queries by title."""
    rows = session.scalars(
        select(SavedQueryRow).where(SavedQueryRow.user_id == user_id).order_by(SavedQueryRow.title, SavedQueryRow.id)
    )
    return [SavedQuery(row.id, row.title, row.cypher, row.created_at_ms) for row in rows]


def save(session: Session, user_id: str, title: str, cypher: str) -> SavedQuery:
    """Keep a query under a title; the same title again replaces it. Raises BadInput for an empty or too long one."""
    title = title.strip()
    if not 1 <= len(title) <= 120 or not 1 <= len(cypher.strip()) <= MAX_CYPHER:
        raise BadInput(f"a saved query needs a title of at most 120 and a text of at most {MAX_CYPHER} characters")
    row = session.scalar(select(SavedQueryRow).where(SavedQueryRow.user_id == user_id, SavedQueryRow.title == title))
    if row is None:
        held = session.scalar(select(func.count()).select_from(SavedQueryRow).where(SavedQueryRow.user_id == user_id))
        if (held or 0) >= MAX_QUERIES:
            raise BadInput(say("at most {most} queries are kept for one person: delete some first", most=MAX_QUERIES))
        row = SavedQueryRow(id=fresh("query"), user_id=user_id, title=title, cypher="", created_at_ms=now_ms())
        session.add(row)
    row.cypher = cypher
    session.flush()
    return SavedQuery(row.id, row.title, row.cypher, row.created_at_ms)


def delete(session: Session, user_id: str, query_id: str) -> None:
    """Delete one's own query. Raises NotFound, also for somebody else's."""
    row = session.get(SavedQueryRow, query_id)
    if row is None or row.user_id != user_id:
        raise NotFound("there is no such saved query")
    session.delete(row)
    session.flush()
