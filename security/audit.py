"""The audit log: who read or did what, when, to what, from where. `append` is its only writer.

A hash chain over the lines belongs into `append`: it sees every line, in the order of `seq`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.db import transaction
from security.roles import Actor
from security.tables import AuditRow

#: Above the longest console query with the longest parameters: what was asked must be on record whole.
MAX_DETAIL = 200_000
MAX_PAGE = 200
_TURN = threading.Lock()


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line: `outcome` is `ok`, `refused`, or the stable code of the error it ended in."""

    seq: int
    at_ms: int
    actor_id: str
    actor_name: str
    roles: str
    action: str
    target: str
    outcome: str
    detail: str
    origin: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show; empty fields do not filter. `text` is looked for in target and detail."""

    actor: str = ""
    action: str = ""
    outcome: str = ""
    text: str = ""
    from_ms: int | None = None
    to_ms: int | None = None


def append(
    session: Session, actor: Actor, action: str, target: str, outcome: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Add one line in the caller's transaction. Over-long details are cut and say so."""
    text = _storable(json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, default=str))
    if len(text) > MAX_DETAIL:
        text = text[:MAX_DETAIL] + "… (cut)"
    session.add(
        AuditRow(
            at_ms=now_ms(),
            actor_id=actor.id,
            actor_name=_storable(actor.name)[:64],
            roles=",".join(sorted(actor.roles))[:200],
            action=action,
            target=_storable(target)[:512],
            outcome=outcome,
            detail=text,
            origin=actor.origin[:64],
        )
    )


def record(
    engine: Engine, actor: Actor, action: str, target: str, detail: Mapping[str, Any] | None = None, outcome: str = "ok"
) -> None:
    """Add one line in a transaction of its own."""
    # SQLite has one writer, and who finds it busy sleeps up to 0.1 s at a time: lines of this process wait in a row instead
    turn = _TURN if engine.dialect.name == "sqlite" else nullcontext()
    with turn, transaction(engine) as session:
        append(session, actor, action, target, outcome, detail)


def page(session: Session, wanted: AuditFilter, limit: int, offset: int) -> tuple[list[AuditLine], int]:
    """Lines newest first, at most MAX_PAGE, and how many there are in all."""
    total = session.scalar(_filtered(select(func.count()).select_from(AuditRow), wanted)) or 0
    rows = session.scalars(
        _filtered(select(AuditRow), wanted).order_by(AuditRow.seq.desc()).limit(min(limit, MAX_PAGE)).offset(offset)
    )
    return [_line(row) for row in rows], int(total)


def actions(session: Session) -> list[str]:
    """Every action that was ever written, for a filter's list."""
    return list(session.scalars(select(AuditRow.action).distinct().order_by(AuditRow.action)))


def _storable(text: str) -> str:
    """`text` with NUL and unpaired surrogates, which no database takes, written out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")


def _filtered(query: Select[Any], wanted: AuditFilter) -> Select[Any]:
    if wanted.actor:
        query = query.where(func.lower(AuditRow.actor_name).contains(wanted.actor.lower(), autoescape=True))
    if wanted.action:
        query = query.where(AuditRow.action == wanted.action)
    if wanted.outcome:
        query = query.where(AuditRow.outcome == "ok" if wanted.outcome == "ok" else AuditRow.outcome != "ok")
    if wanted.text:
        text = wanted.text.lower()
        query = query.where(
            func.lower(AuditRow.target).contains(text, autoescape=True)
            | func.lower(AuditRow.detail).contains(text, autoescape=True)
        )
    if wanted.from_ms is not None:
        query = query.where(AuditRow.at_ms >= wanted.from_ms)
    if wanted.to_ms is not None:
        query = query.where(AuditRow.at_ms < wanted.to_ms)
    return query


def _line(row: AuditRow) -> AuditLine:
    return AuditLine(
        row.seq, row.at_ms, row.actor_id, row.actor_name, row.roles, row.action, row.target, row.outcome, row.detail,
        row.origin,
    )  # fmt: skip
