"""The freeze ledger in the database: lines are added, the order carries the balance. Works in the caller's transaction."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import freeze
from cases.freeze import Balance, Entry
from cases.order_states import CLOSED, FreezeState, FreezeVerb
from cases.order_tables import FreezeEntryRow, OrderRow

BANK = "bank"
CLOCK = "clock"


def entries(session: Session, order_id: str) -> list[FreezeEntryRow]:
    """An order's lines in their order."""
    rows = session.scalars(
        select(FreezeEntryRow).where(FreezeEntryRow.order_id == order_id).order_by(FreezeEntryRow.step)
    )
    return list(rows)


def balance(order: OrderRow) -> Balance:
    """The balance the order carries."""
    return Balance(
        FreezeState(order.freeze_state or FreezeState.ORDERED), order.amount_minor if order.freeze_state else 0,
        order.frozen_minor, order.held_minor, order.for_return_minor, order.returned_minor, order.let_go_minor,
        order.frozen_until_ms, bool(order.freeze_state) and order.state in CLOSED,
    )  # fmt: skip


def replayed(session: Session, order_id: str) -> Balance:
    """The balance reckoned anew from all lines; must equal `balance`, which a check compares."""
    return freeze.balance_of(
        Entry(FreezeVerb(row.verb), row.amount_minor, row.at_ms, row.until_ms) for row in entries(session, order_id)
    )


def write(session: Session, order: OrderRow, entry: Entry, by_name: str, reference: str = "") -> Balance:
    """Add one line and carry its balance on the order. Raises Conflict `ledger_rule`.

    Two lines at once: the order's version lets one through.
    """
    after = freeze.apply(balance(order), entry)
    last = session.scalar(select(func.max(FreezeEntryRow.step)).where(FreezeEntryRow.order_id == order.id)) or 0
    session.add(
        FreezeEntryRow(
            order_id=order.id, step=last + 1, verb=entry.verb, amount_minor=entry.amount_minor, at_ms=entry.at_ms,
            until_ms=entry.until_ms, by_name=by_name[:64], reference=reference[:200],
        )
    )  # fmt: skip
    order.freeze_state = after.state
    order.frozen_minor, order.held_minor = after.frozen_minor, after.held_minor
    order.for_return_minor, order.returned_minor = after.for_return_minor, after.returned_minor
    order.let_go_minor, order.frozen_until_ms = after.let_go_minor, after.until_ms
    session.flush()
    return after
