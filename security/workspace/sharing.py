"""Who else may look at something somebody keeps. Functions work inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from security.workspace.tables import ShareRow

Kind = Literal["view", "query"]
#: (person or role, id of the person or name of the role)
Target = tuple[str, str]


def replace(session: Session, kind: Kind, object_id: str, targets: Iterable[Target]) -> None:
    """Show the thing to exactly these persons and roles from now on."""
    session.execute(delete(ShareRow).where(ShareRow.kind == kind, ShareRow.object_id == object_id))
    for to_kind, to_id in sorted(set(targets)):
        session.add(ShareRow(kind=kind, object_id=object_id, to_kind=to_kind, to_id=to_id))
    session.flush()


def targets(session: Session, kind: Kind, object_id: str) -> list[Target]:
    """Whom the thing is shown to, in order."""
    rows = session.scalars(select(ShareRow).where(ShareRow.kind == kind, ShareRow.object_id == object_id))
    return sorted((row.to_kind, row.to_id) for row in rows)


def shown_to(session: Session, kind: Kind, person_id: str, roles: Iterable[str]) -> set[str]:
    """Ids of the things of a kind that this person may look at by a share."""
    mine = (ShareRow.to_kind == "person") & (ShareRow.to_id == person_id)
    by_role = (ShareRow.to_kind == "role") & ShareRow.to_id.in_(list(roles))
    return set(session.scalars(select(ShareRow.object_id).where(ShareRow.kind == kind, or_(mine, by_role))))
