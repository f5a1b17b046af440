"""Kept views of the explorer. Functions work inside the caller's transaction; who may what is the use case's to decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.errors import BadInput, Conflict, NotFound
from core.ids import fresh
from core.message import say
from security.workspace import sharing
from security.workspace.tables import ViewRow

MAX_VIEWS = 500
MAX_DOCUMENT = 2_000_000


@dataclass(frozen=True, slots=True)
class View:
    """One kept view. `document` is as the explorer wrote it; notes in it carry author and time put by `stamped`."""

    id: str
    owner_id: str
    owner_name: str
    title: str
    document: Mapping[str, Any]
    nodes: int
    version: int
    updated_at_ms: int
    shared_with: tuple[sharing.Target, ...] = ()


def listed(session: Session, person_id: str, roles: Iterable[str]) -> list[View]:
    """A person's own views and those shown to them, last changed first, without documents."""
    shared = sharing.shown_to(session, "view", person_id, roles)
    wanted = (ViewRow.owner_id == person_id) | ViewRow.id.in_(shared)
    rows = session.scalars(select(ViewRow).where(wanted, ~ViewRow.is_draft).order_by(ViewRow.updated_at_ms.desc()))
    return [_view(session, row, whole=False) for row in rows]


def get(session: Session, view_id: str, person_id: str, roles: Iterable[str]) -> View:
    """A view one owns or is shown. Raises NotFound, also for somebody else's."""
    row = session.get(ViewRow, view_id)
    mine = row is not None and row.owner_id == person_id
    if row is None or row.is_draft or not (mine or view_id in sharing.shown_to(session, "view", person_id, roles)):
        raise NotFound("there is no such view, or it is not shared with you")
    return _view(session, row)


def create(session: Session, owner_id: str, owner_name: str, title: str, document: Mapping[str, Any]) -> View:
    """Keep a new view. Raises BadInput for an unusable title, too large a document or too many views."""
    held = session.scalar(select(func.count()).select_from(ViewRow).where(ViewRow.owner_id == owner_id)) or 0
    if held >= MAX_VIEWS:
        raise BadInput(
            say("at most {most} views are kept for one person: delete some first", most=MAX_VIEWS),
            code="too_many_views",
        )
    row = ViewRow(id=fresh("view"), owner_id=owner_id, owner_name=owner_name, created_at_ms=now_ms(), version=0)
    _fill(row, title, stamped(document, {}, owner_name))
    session.add(row)
    session.flush()
    return _view(session, row)


def change(session: Session, owner_id: str, owner_name: str, view_id: str, version: int, title: str, document: Mapping[str, Any]) -> View:  # fmt: skip
    """Replace one's own view. Raises NotFound, Conflict when it was changed since `version` was read, BadInput."""
    row = session.get(ViewRow, view_id, with_for_update=True)
    if row is None or row.owner_id != owner_id or row.is_draft:
        raise NotFound("there is no such view of yours")
    if row.version != version:
        raise Conflict("the view was changed meanwhile: open it again, or save yours as a copy", code="view_changed")
    _fill(row, title, stamped(document, json.loads(row.document), owner_name))
    session.flush()
    return _view(session, row)


def delete(session: Session, owner_id: str, view_id: str) -> None:
    """Delete one's own view and its shares. Raises NotFound."""
    row = session.get(ViewRow, view_id)
    if row is None or row.owner_id != owner_id:
        raise NotFound("there is no such view of yours")
    sharing.replace(session, "view", view_id, ())
    session.delete(row)
    session.flush()


def share(session: Session, owner_id: str, view_id: str, targets: Iterable[sharing.Target]) -> View:
    """Show one's own view to exactly these. Raises NotFound."""
    row = session.get(ViewRow, view_id)
    if row is None or row.owner_id != owner_id or row.is_draft:
        raise NotFound("there is no such view of yours")
    sharing.replace(session, "view", view_id, targets)
    return _view(session, row)


def keep_draft(session: Session, owner_id: str, owner_name: str, document: Mapping[str, Any]) -> int:
    """The autosave: one a person, replaced each time. Returns when it was kept."""
    row = session.scalar(select(ViewRow).where(ViewRow.owner_id == owner_id, ViewRow.is_draft))
    if row is None:
        row = ViewRow(id=fresh("view"), owner_id=owner_id, owner_name=owner_name, created_at_ms=now_ms(), version=0)
        row.is_draft = True
        row.document = "{}"
        session.add(row)
    _fill(row, "draft", stamped(document, json.loads(row.document), owner_name))
    session.flush()
    return row.updated_at_ms


def draft(session: Session, owner_id: str) -> View | None:
    """A person's autosave, or None."""
    row = session.scalar(select(ViewRow).where(ViewRow.owner_id == owner_id, ViewRow.is_draft))
    return _view(session, row) if row else None


def stamped(document: Mapping[str, Any], before: Mapping[str, Any], author: str) -> dict[str, Any]:
    """The document with every new note under its author and time; a note kept before keeps what it said of both.

    A client may claim any author: what it says is not believed.
    """
    known = {note["id"]: note for note in before.get("notes", [])}
    notes = []
    for note in document.get("notes", []):
        old = known.get(note["id"])
        same = old is not None and all(old[name] == note[name] for name in ("kind", "key", "text", "mark"))
        notes.append(old if same else {**note, "author": author, "at_ms": now_ms()})
    return {**document, "notes": notes}


def _fill(row: ViewRow, title: str, document: Mapping[str, Any]) -> None:
    title = " ".join(title.split())
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if not 1 <= len(title) <= 200:
        raise BadInput("a view needs a title of at most 200 characters", code="bad_title")
    if len(text) > MAX_DOCUMENT:
        raise BadInput(
            say("a view has at most {most:,} characters: take something off the canvas", most=MAX_DOCUMENT),
            code="view_size",
        )
    row.title, row.document, row.nodes = title, text, len(document.get("nodes", []))
    row.updated_at_ms = now_ms()
    row.version = row.version + 1


def _view(session: Session, row: ViewRow, *, whole: bool = True) -> View:
    return View(
        row.id, row.owner_id, row.owner_name, row.title, json.loads(row.document) if whole else {}, row.nodes,
        row.version, row.updated_at_ms, tuple(sharing.targets(session, "view", row.id)),
    )  # fmt: skip
