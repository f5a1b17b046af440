"""Enqueue, claim and settle deliveries. `enqueue` works in the caller's transaction: message and change are one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from core.db import changed, transaction
from core.errors import Conflict, NotFound
from core.ids import fresh
from outbox.model import Delivery, Message, Outcome
from outbox.states import DELIVERY, DeliveryState, DeliveryVerb
from outbox.tables import DeliveryRow

#: A claim lasts longer than any sending: what is still claimed after it died on the way.
CLAIM_MS = 120_000
FIRST_WAIT_MS = 2_000
LONGEST_WAIT_MS = 300_000
#: A receiver is asked about a doubtful delivery only when what was on the wire has arrived or is lost.
SETTLE_MS = 30_000
MAX_SAID = 2_000


def enqueue(session: Session, message: Message, now_ms: int) -> str:
    """Write the message in the caller's transaction; returns its id, of the first one when it is a repeat.

    Raises Conflict `key_reused` when the key was used for another text.
    """
    there = session.scalar(
        select(DeliveryRow).where(
            DeliveryRow.endpoint == message.endpoint, DeliveryRow.idempotency_key == message.idempotency_key
        )
    )
    if there is not None:
        if there.body != message.body:
            raise Conflict(f"key {message.idempotency_key} was used for another message", code="key_reused")
        return there.id
    row = DeliveryRow(
        id=fresh("delivery"), endpoint=message.endpoint, kind=message.kind, subject=message.subject,
        idempotency_key=message.idempotency_key, body=message.body, state=DeliveryState.QUEUED, attempts=0,
        created_at_ms=now_ms, due_at_ms=now_ms, give_up_at_ms=now_ms + message.give_up_after_ms,
        changed_at_ms=now_ms, said="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def cancel(session: Session, delivery_id: str, now_ms: int, why: str) -> bool:
    """Take back a message that has not left; False when it is too late."""
    return _move(session, delivery_id, DeliveryState.QUEUED, DeliveryVerb.CANCEL, now_ms, due_at_ms=now_ms, said=why)


def get(session: Session, delivery_id: str) -> Delivery:
    """One delivery. Raises NotFound."""
    row = session.get(DeliveryRow, delivery_id, populate_existing=True)
    if row is None:
        raise NotFound("there is no such delivery")
    return delivery_of(row)


def due(engine: Engine, now_ms: int, limit: int = 50, endpoints: Sequence[str] | None = None) -> list[Delivery]:
    """Deliveries the worker should look at now: queued, doubtful, or claimed by a worker that died; oldest first."""
    open_states = (DeliveryState.QUEUED, DeliveryState.UNKNOWN, DeliveryState.SENDING)
    query = select(DeliveryRow).where(DeliveryRow.state.in_(open_states), DeliveryRow.due_at_ms <= now_ms)
    if endpoints is not None:
        query = query.where(DeliveryRow.endpoint.in_(endpoints))
    with transaction(engine) as session:
        rows = session.scalars(query.order_by(DeliveryRow.due_at_ms, DeliveryRow.id).limit(limit)).all()
        return [delivery_of(row) for row in rows]


def claim(session: Session, delivery: Delivery, now_ms: int) -> bool:
    """Take a queued delivery for sending; False when somebody else did. Commit before sending."""
    return _move(
        session, delivery.id, DeliveryState.QUEUED, DeliveryVerb.CLAIM, now_ms, due_at_ms=now_ms + CLAIM_MS,
        attempts=delivery.attempts + 1,
    )  # fmt: skip


def settle(session: Session, delivery: Delivery, outcome: Outcome, now_ms: int) -> bool:
    """Record how a sending or a question ended; False when the delivery moved on meanwhile."""
    return _move(
        session, delivery.id, delivery.state, outcome.verb, now_ms, said=outcome.said[:MAX_SAID],
        due_at_ms=_next_look(delivery, outcome, now_ms),
    )  # fmt: skip


def look_again(session: Session, delivery: Delivery, said: str, now_ms: int) -> None:
    """Put off a delivery nothing could be learned about."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery.id, DeliveryRow.state == delivery.state)
        .values(due_at_ms=now_ms + wait_ms(delivery.id, delivery.attempts + 3), said=said[:MAX_SAID])
    )


def wait_ms(key: str, attempt: int) -> int:
    """Back-off before the next attempt: 2 s doubling to 5 min, up to a quarter longer by the delivery's own jitter."""
    base = min(FIRST_WAIT_MS * 2 ** min(attempt - 1, 20), LONGEST_WAIT_MS) if attempt > 0 else 0
    jitter = int.from_bytes(hashlib.sha256(f"{key}/{attempt}".encode()).digest()[:4], "big") / 2**32
    return base + int(base * jitter / 4)


def _next_look(delivery: Delivery, outcome: Outcome, now_ms: int) -> int:
    if outcome.verb is DeliveryVerb.DOUBT:
        return now_ms + SETTLE_MS
    if outcome.verb is DeliveryVerb.BOUNCE:
        wished = (outcome.retry_after_s or 0) * 1000
        return now_ms + max(wait_ms(delivery.id, delivery.attempts), min(wished, LONGEST_WAIT_MS * 4))
    return now_ms


def _move(
    session: Session, delivery_id: str, state: DeliveryState, verb: DeliveryVerb, now_ms: int, **values: object
) -> bool:
    """Compare and swap: only the one who saw the state as it is moves it."""
    wanted = DELIVERY.after(state, verb)
    moved = (
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.state == state)
        .values(state=wanted, changed_at_ms=now_ms, **values)
    )
    return changed(session, moved) == 1


def delivery_of(row: DeliveryRow) -> Delivery:
    """The row as a frozen value."""
    return Delivery(
        row.id, row.endpoint, row.kind, row.subject, row.idempotency_key, row.body, DeliveryState(row.state),
        row.attempts, row.created_at_ms, row.due_at_ms, row.give_up_at_ms, row.changed_at_ms, row.said,
    )  # fmt: skip
