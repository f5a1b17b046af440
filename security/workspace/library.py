"""Saved queries as a library: tags, sharing, and the right-click menu of a label. Texts live in security/saved_queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput, NotFound
from core.message import say
from security.tables import SavedQueryRow, UserRow
from security.workspace import sharing
from security.workspace.tables import QueryCardRow

MAX_TAGS = 10


@dataclass(frozen=True, slots=True)
class Card:
    """A saved query as a reader sees it. `menu_label` offers it in that label's menu, `menu_parameter` takes the node's id."""

    id: str
    title: str
    cypher: str
    owner_id: str
    owner: str
    tags: tuple[str, ...]
    menu_label: str
    menu_parameter: str
    shared_with: tuple[sharing.Target, ...]


def listed(session: Session, person_id: str, roles: Iterable[str]) -> list[Card]:
    """One's own queries and those shown to one, by title."""
    shared = sharing.shown_to(session, "query", person_id, roles)
    rows = session.scalars(
        select(SavedQueryRow)
        .where((SavedQueryRow.user_id == person_id) | SavedQueryRow.id.in_(shared))
        .order_by(SavedQueryRow.title, SavedQueryRow.id)
    )
    return [_card(session, row) for row in rows]


def describe(session: Session, person_id: str, query_id: str, tags: Iterable[str], label: str, parameter: str) -> Card:
    """Set tags and menu of one's own query. Raises NotFound, BadInput."""
    row = _own(session, person_id, query_id)
    clean = tuple(dict.fromkeys(tag.strip().lower() for tag in tags if tag.strip()))
    if len(clean) > MAX_TAGS or any(len(tag) > 32 or "," in tag for tag in clean):
        raise BadInput(
            say("a query has at most {most} tags of 32 characters, without commas", most=MAX_TAGS), code="bad_tags"
        )
    card = session.get(QueryCardRow, query_id) or QueryCardRow(query_id=query_id)
    card.tags, card.menu_label, card.menu_parameter = ",".join(clean), label, parameter if label else ""
    session.add(card)
    session.flush()
    return _card(session, row)


def share(session: Session, person_id: str, query_id: str, targets: Iterable[sharing.Target]) -> Card:
    """Show one's own query to exactly these. Raises NotFound."""
    row = _own(session, person_id, query_id)
    sharing.replace(session, "query", query_id, targets)
    return _card(session, row)


def _own(session: Session, person_id: str, query_id: str) -> SavedQueryRow:
    row = session.get(SavedQueryRow, query_id)
    if row is None or row.user_id != person_id:
        raise NotFound("there is no such saved query of yours")
    return row


def _card(session: Session, row: SavedQueryRow) -> Card:
    card = session.get(QueryCardRow, row.id)
    owner = session.get(UserRow, row.user_id)
    tags = tuple(card.tags.split(",")) if card and card.tags else ()
    return Card(
        row.id, row.title, row.cypher, row.user_id, owner.name if owner else "", tags, card.menu_label if card else "",
        card.menu_parameter if card else "", tuple(sharing.targets(session, "query", row.id)),
    )  # fmt: skip
