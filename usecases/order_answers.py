"""What becomes of an order out there: its delivery's end, the bank's answers, and the clocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from cases import answers, orders, stop_ledger, timeline
from cases.freeze import Entry
from cases.order_states import ORDER, WAITING, FreezeVerb, OrderState, OrderVerb
from cases.order_tables import OrderRow
from core.db import transaction
from core.errors import Conflict, NotFound
from outbox import queue
from outbox.model import Delivery, Message, Outcome
from outbox.states import DeliveryState, DeliveryVerb
from usecases.services import Services

_VERBS = {
    DeliveryState.DELIVERED: OrderVerb.SEND, DeliveryState.UNKNOWN: OrderVerb.DOUBT,
    DeliveryState.QUEUED: OrderVerb.REQUEUE, DeliveryState.FAILED: OrderVerb.FAIL,
}  # fmt: skip
#: Orders of one transaction of the clocks.
AT_A_TIME = 100


def order_delivered(session: Session, delivery: Delivery, now_ms: int) -> None:
    """The order follows its delivery, as far as the bank has not answered already."""
    row = session.get(OrderRow, delivery.subject)
    verb = _VERBS.get(delivery.state)
    if row is None or verb is None or not ORDER.allows(OrderState(row.state), verb):
        return
    row.state = ORDER.after(OrderState(row.state), verb)
    if verb is OrderVerb.FAIL:
        row.reason = delivery.said[:500]
        stop_ledger.write(session, row, Entry(FreezeVerb.CLOSE, 0, now_ms), stop_ledger.CLOCK, "not delivered")
        orders.free_slot(session, row.id)
    timeline.add(session, row.case_id, f"order.{row.state}", stop_ledger.CLOCK, now_ms, row.id)


def extension_delivered(session: Session, delivery: Delivery, now_ms: int) -> None:
    """The bank has the extension: the ledger does too, unless the stop ran out before."""
    row = session.get(OrderRow, delivery.subject)
    if row is None or delivery.state is not DeliveryState.DELIVERED:
        return
    try:
        until = int(json.loads(delivery.body)["until_ms"])
        stop_ledger.write(session, row, Entry(FreezeVerb.EXTEND, 0, now_ms, until), row.bank)
        what = "freeze.extended"
    except Conflict:
        what = "freeze.extension_late"
    timeline.add(session, row.case_id, what, row.bank, now_ms, row.id)


def take_answer(session: Session, endpoint: str, said: Mapping[str, Any], now_ms: int) -> str:
    """A bank's answer to an order; its delivery has arrived then, whatever was known of it."""
    answer = answers.parse(said)
    effect = answers.take(session, endpoint, answer, now_ms)
    row = session.get(OrderRow, answer.order_id)
    if effect == answers.APPLIED and row is not None and row.delivery_id:
        try:
            delivery = queue.get(session, row.delivery_id)
        except NotFound:
            return effect
        if delivery.state is DeliveryState.UNKNOWN:
            queue.settle(session, delivery, Outcome(DeliveryVerb.FIND, "the bank answered"), now_ms)
        elif delivery.state is DeliveryState.QUEUED:
            queue.cancel(session, delivery.id, now_ms, "the bank answered already")
    return effect


def tick(services: Services) -> int:
    """Run every clock: drafts that expire, reminders, escalations, stops that lapse. Safe to run at any time and twice."""
    now = services.clock()
    with transaction(services.engine) as session:
        done = orders.expire_drafts(session, now)
    early = now + orders.CLOCK_MS - orders.REMIND_MS
    late = (OrderRow.state.in_(WAITING), OrderRow.due_at_ms <= now, OrderRow.escalated_at_ms.is_(None))
    soon = (OrderRow.state.in_(WAITING), OrderRow.due_at_ms <= early, OrderRow.reminded_at_ms.is_(None))
    over = (OrderRow.held_minor > 0, OrderRow.frozen_until_ms <= now)
    for which, act in ((soon, _remind), (late, _escalate), (over, _lapse)):
        done += _each(services, which, act, now)
    return done


def _each(
    services: Services, which: tuple[ColumnElement[bool], ...], act: Callable[[Session, OrderRow, int], None], now: int
) -> int:
    """Act on every such order, some at a time: people's changes wait for no more than one part of a long backlog."""
    done = 0
    while True:
        with transaction(services.engine) as session:
            rows = session.scalars(select(OrderRow).where(*which).order_by(OrderRow.id).limit(AT_A_TIME)).all()
            for row in rows:
                act(session, row, now)
        done += len(rows)
        if len(rows) < AT_A_TIME:
            return done


def _remind(session: Session, row: OrderRow, now: int) -> None:
    row.reminded_at_ms = now
    body = json.dumps({"kind": orders.REMINDER, "order_id": row.id, "answer_due_ms": row.due_at_ms}, sort_keys=True)
    queue.enqueue(session, Message(row.bank, orders.REMINDER, row.id, f"{row.id}/remind", body), now)
    timeline.add(session, row.case_id, "order.reminded", stop_ledger.CLOCK, now, row.id)


def _escalate(session: Session, row: OrderRow, now: int) -> None:
    row.escalated_at_ms = now
    timeline.add(session, row.case_id, "order.escalated", stop_ledger.CLOCK, now, row.id)


def _lapse(session: Session, row: OrderRow, now: int) -> None:
    stop_ledger.write(session, row, Entry(FreezeVerb.LAPSE, row.held_minor, now), stop_ledger.CLOCK)
    timeline.add(session, row.case_id, "freeze.lapsed", stop_ledger.CLOCK, now, row.id)
