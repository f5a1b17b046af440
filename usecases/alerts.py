"""The alerts queue: transfers whose score passed the alert threshold, worked through by people."""

from __future__ import annotations

from sqlalchemy import func, select, update

from core.db import changed, transaction
from core.errors import BadInput, Conflict, NotFound
from scoring.tables import ScoredTransferRow
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

OUTCOMES = ("fraud", "false_alarm")


def listed(
    services: Services, actor: Actor, state: str, limit: int, offset: int
) -> tuple[list[ScoredTransferRow], int]:
    """Alerts in a state (`open`, `fraud`, `false_alarm`): open ones by score, closed ones latest first; and how many."""
    services.settle_tables()
    with (
        audited(services, actor, Permission.ALERTS_READ, "alert.list", state[:16]),
        transaction(services.engine) as session,
    ):
        query = select(ScoredTransferRow).where(ScoredTransferRow.alert_state == state)
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        latest = ScoredTransferRow.scored_at_ms.desc()
        order = (ScoredTransferRow.score.desc(), latest) if state == "open" else (latest,)
        return list(session.scalars(query.order_by(*order).limit(limit).offset(offset))), int(total)


def read(services: Services, actor: Actor, transfer_id: str) -> ScoredTransferRow:
    """One scored transfer. Raises NotFound, NotAllowed."""
    services.settle_tables()
    with (
        audited(services, actor, Permission.ALERTS_READ, "alert.read", transfer_id[:64]),
        transaction(services.engine) as session,
    ):
        row = session.get(ScoredTransferRow, transfer_id)
        if row is None:
            raise NotFound("there is no such scored transfer")
        return row


def close(services: Services, actor: Actor, transfer_id: str, outcome: str, note: str) -> None:
    """Say what an alert was; it counts in back-tests. Raises NotFound, Conflict when closed, BadInput, NotAllowed."""
    with audited(
        services, actor, Permission.HOLDS_DECIDE, "alert.close", transfer_id[:64], outcome=outcome[:16]
    ) as said:
        if outcome not in OUTCOMES or not 5 <= len(note.strip()) <= 500:
            raise BadInput("say what it was (fraud or false_alarm) and why in 5 to 500 characters")
        with recorded(services, said) as session:
            row = session.get(ScoredTransferRow, transfer_id)
            if row is None or not row.alert_state:
                raise NotFound("there is no such alert")
            closed = (
                update(ScoredTransferRow)
                .where(ScoredTransferRow.id == transfer_id, ScoredTransferRow.alert_state == "open")
                .values(alert_state=outcome, alert_by=actor.name, alert_note=note.strip())
            )
            if changed(session, closed) != 1:
                raise Conflict("this alert is closed already", code="decided")
