"""Stop-payment orders: draft, edit, approve by another, withdraw, expire. Works in the caller's transaction."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import stop_ledger, timeline
from cases.freeze import STOPS_PER_ACCOUNT, Entry
from cases.order_states import ORDER, FreezeVerb, OrderState, OrderVerb
from cases.order_tables import OrderRow, StopSlotRow
from core.clock import HOUR_MS
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.ids import fresh
from core.message import say
from core.money import EXPONENT, MAX_MINOR

#: The bank answers within two hours of the approval; the rule of the house.
CLOCK_MS = 2 * HOUR_MS
REMIND_MS = 90 * 60_000
#: A draft nobody approved in this time is void: the money has moved on, trace again.
DRAFT_MS = HOUR_MS
KIND = "stop_order"
REMINDER = "stop_reminder"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an order says. `bank` is the name of an endpoint; the bank checks holder, account, amount and time."""

    bank: str
    account: str
    holder: str
    amount_minor: int
    currency: str
    transfer_id: str
    transfer_at_ms: int
    grounds: str = ""
    layer: int = 1
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who does it, by id and by name."""

    id: str
    name: str


def get(session: Session, order_id: str) -> OrderRow:
    """One order. Raises NotFound."""
    row = session.get(OrderRow, order_id)
    if row is None:
        raise NotFound("there is no such order")
    return row


def draft(session: Session, case_id: str, lead_id: str | None, wanted: Draft, by: Person, now_ms: int) -> OrderRow:
    """Write down a draft. Raises BadInput naming the field."""
    _check(wanted, now_ms)
    row = OrderRow(
        id=fresh("order"), case_id=case_id, lead_id=lead_id, **asdict(wanted), state=OrderState.DRAFT,
        drafted_by=by.id, drafted_by_name=by.name, drafted_at_ms=now_ms, draft_until_ms=now_ms + DRAFT_MS,
    )  # fmt: skip
    session.add(row)
    session.flush()
    timeline.add(session, case_id, "order.drafted", by.name, now_ms, row.id, wanted.account)
    return row


def edit(session: Session, order_id: str, version: int, wanted: Draft, by: Person, now_ms: int) -> OrderRow:
    """Change a draft; who edits is its drafter from now on, and its time starts anew. Raises Conflict for a stale version."""
    row = _seen(get(session, order_id), version)
    _check(wanted, now_ms)
    row.state = ORDER.after(OrderState(row.state), OrderVerb.EDIT)
    for name in ("bank", "account", "holder", "amount_minor", "currency", "transfer_id", "transfer_at_ms", "grounds"):
        setattr(row, name, getattr(wanted, name))
    row.drafted_by, row.drafted_by_name = by.id, by.name
    row.drafted_at_ms, row.draft_until_ms = now_ms, now_ms + DRAFT_MS
    session.flush()
    timeline.add(session, row.case_id, "order.edited", by.name, now_ms, row.id)
    return row


def approve(session: Session, order_id: str, version: int, by: Person, now_ms: int) -> OrderRow:
    """Approve exactly the version that was seen; a stop of the account is taken and the clock starts.

    Raises NotAllowed for one's own draft, Conflict when it was edited (`stale`), has run out (`draft_expired`), or the
    account has had its two stops (`third_stop`).
    """
    row = get(session, order_id)
    if row.drafted_by == by.id:
        raise NotAllowed("nobody approves their own order: ask another person", code="own_approval")
    _seen(row, version)
    after = ORDER.after(OrderState(row.state), OrderVerb.APPROVE)
    if now_ms >= row.draft_until_ms:
        raise Conflict("the draft has run out: trace again and draft anew", code="draft_expired")
    row.stop_number = _take_slot(session, row)
    row.state, row.approved_by, row.approved_by_name, row.approved_at_ms = after, by.id, by.name, now_ms
    row.due_at_ms = now_ms + CLOCK_MS
    session.flush()
    stop_ledger.write(session, row, Entry(FreezeVerb.ORDER, row.amount_minor, now_ms), by.name)
    timeline.add(session, row.case_id, "order.approved", by.name, now_ms, row.id)
    return row


def withdraw(session: Session, order_id: str, by: Person, now_ms: int) -> OrderRow:
    """Take back a draft."""
    row = get(session, order_id)
    row.state = ORDER.after(OrderState(row.state), OrderVerb.WITHDRAW)
    timeline.add(session, row.case_id, "order.withdrawn", by.name, now_ms, row.id)
    session.flush()
    return row


def expire_drafts(session: Session, now_ms: int, limit: int = 200) -> int:
    """Void drafts whose time has run out; returns how many."""
    rows = session.scalars(
        select(OrderRow).where(OrderRow.state == OrderState.DRAFT, OrderRow.draft_until_ms <= now_ms).limit(limit)
    ).all()
    for row in rows:
        row.state = ORDER.after(OrderState.DRAFT, OrderVerb.EXPIRE)
        timeline.add(session, row.case_id, "order.expired", stop_ledger.CLOCK, now_ms, row.id)
    session.flush()
    return len(rows)


def message(row: OrderRow) -> str:
    """The order as the bank gets it: JSON text, the same at every attempt."""
    return json.dumps(
        {
            "kind": KIND, "order_id": row.id, "account": row.account, "holder": row.holder,
            "amount_minor": row.amount_minor, "currency": row.currency, "transfer_id": row.transfer_id,
            "transfer_at_ms": row.transfer_at_ms, "stop_number": row.stop_number, "stop_hours": 48,
            "ordered_at_ms": row.approved_at_ms, "answer_due_ms": row.due_at_ms,
        },
        ensure_ascii=False, sort_keys=True,
    )  # fmt: skip


def free_slot(session: Session, order_id: str) -> None:
    """Give a stop back that never came to stand."""
    slot = session.scalar(select(StopSlotRow).where(StopSlotRow.order_id == order_id))
    if slot is not None:
        session.delete(slot)
        session.flush()


def take_second_slot(session: Session, row: OrderRow) -> int:
    """Take the account's other stop for an extension. Raises Conflict `third_stop` when it is used up."""
    return _take_slot(session, row, f"{row.id}/2")


def _take_slot(session: Session, row: OrderRow, order_id: str = "") -> int:
    taken = set(
        session.scalars(
            select(StopSlotRow.number).where(StopSlotRow.bank == row.bank, StopSlotRow.account == row.account)
        )
    )
    free = [number for number in range(1, STOPS_PER_ACCOUNT + 1) if number not in taken]
    if not free:
        raise Conflict(
            say(
                "account {account} has had its {n} stops: a formal freeze is the way now",
                account=row.account,
                n=STOPS_PER_ACCOUNT,
            ),
            code="third_stop",
        )
    session.add(StopSlotRow(bank=row.bank, account=row.account, number=free[0], order_id=order_id or row.id))
    return free[0]


def _seen(row: OrderRow, version: int) -> OrderRow:
    if row.version != version:
        raise Conflict("the order has changed since you saw it: load it again", code="stale")
    return row


def _check(wanted: Draft, now_ms: int) -> None:
    if not wanted.bank or not wanted.account.strip() or len(wanted.account) > 128:
        raise BadInput("an order names a bank and an account", code="order_account")
    if not wanted.holder.strip() or len(wanted.holder) > 200:
        raise BadInput("an order names the account's holder: the bank checks it", code="order_holder")
    if not 0 < wanted.amount_minor <= MAX_MINOR or wanted.currency not in EXPONENT:
        raise BadInput("an order needs an amount above 0 and a currency", code="order_amount")
    if not 0 < wanted.transfer_at_ms <= now_ms + 300_000:
        raise BadInput("the time of the transfer must lie in the past", code="order_time")
