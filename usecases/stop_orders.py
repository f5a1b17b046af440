"""Emergency stop-payment orders: drafted by one, approved by another, sent, answered, fanned out, extended, let go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cases import orders, stop_ledger, timeline
from cases.case_rows import open_case
from cases.freeze import STOP_MS, Entry
from cases.order_states import ORDER, FreezeVerb, OrderState
from cases.order_tables import AnswerRow, FreezeEntryRow, NextHopRow, OrderRow
from cases.orders import Draft
from core.db import changed
from core.errors import BadInput, Conflict, NotFound
from core.message import say
from outbox import endpoints, queue
from outbox.model import Message
from security.roles import Actor, Permission
from usecases.changing import changing, person, reading
from usecases.services import Services

MAX_PAGE = 50
_P = Permission


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with everything its page shows."""

    order: OrderRow
    answers: tuple[AnswerRow, ...]
    hops: tuple[NextHopRow, ...]
    ledger: tuple[FreezeEntryRow, ...]
    verbs: tuple[str, ...]


def draft(
    services: Services, actor: Actor, case_id: str, wanted: Sequence[Draft], lead_id: str | None = None
) -> list[str]:
    """Draft orders of a case; returns their ids. All or none.

    Raises BadInput, NotFound for an unknown bank or case, and Conflict `case_closed`.
    """
    with changing(
        services, actor, _P.CASES_WORK, "order.draft", case_id, accounts=[d.account for d in wanted]
    ) as session:
        open_case(session, case_id)  # money stopped for none, or a closed one, would have nobody who looks after it
        for one in wanted:
            _known_bank(session, one.bank)
        now = services.clock()
        return [orders.draft(session, case_id, lead_id, one, person(actor), now).id for one in wanted]


def edit(services: Services, actor: Actor, order_id: str, version: int, wanted: Draft) -> None:
    """Change a draft. Raises Conflict when it changed meanwhile."""
    with changing(services, actor, _P.CASES_WORK, "order.edit", order_id) as session:
        _known_bank(session, wanted.bank)
        orders.edit(session, order_id, version, wanted, person(actor), services.clock())


def approve(services: Services, actor: Actor, order_id: str, version: int) -> None:
    """Approve the version one has seen; order and delivery are written together. See cases.orders.approve."""
    with changing(services, actor, _P.ORDERS_APPROVE, "order.approve", order_id, version=version) as session:
        now = services.clock()
        row = orders.approve(session, order_id, version, person(actor), now)
        _known_bank(session, row.bank)
        row.delivery_id = queue.enqueue(
            session, Message(row.bank, orders.KIND, row.id, row.id, orders.message(row)), now
        )


def withdraw(services: Services, actor: Actor, order_id: str) -> None:
    """Take back a draft."""
    with changing(services, actor, _P.CASES_WORK, "order.withdraw", order_id) as session:
        orders.withdraw(session, order_id, person(actor), services.clock())


def fan_out(services: Services, actor: Actor, order_id: str) -> list[str]:
    """Draft an order for every next hop the bank named that has none yet; returns their ids.

    Hops of one account become one order over their sum. Raises Conflict when none is left.
    """
    with changing(services, actor, _P.CASES_WORK, "order.fan_out", order_id) as session:
        parent, now = orders.get(session, order_id), services.clock()
        hops = session.scalars(
            select(NextHopRow).where(NextHopRow.order_id == order_id, NextHopRow.next_order_id.is_(None))
        ).all()
        groups: dict[tuple[str, str], list[NextHopRow]] = {}
        for hop in hops:
            groups.setdefault((hop.bank, hop.account), []).append(hop)
        made = []
        for (bank, account), some in groups.items():
            largest = max(some, key=lambda hop: hop.amount_minor)
            if not largest.amount_minor:
                continue  # a hop of nothing leaves nothing to stop, and must not keep the others from being stopped
            row = orders.draft(
                session, parent.case_id, parent.lead_id,
                Draft(bank, account, largest.holder, sum(hop.amount_minor for hop in some), parent.currency,
                      largest.transfer_id, min(largest.at_ms, now), f"next hop of {parent.id}", parent.layer + 1, parent.id),
                person(actor), now,
            )  # fmt: skip
            _claim(session, some, row.id)
            made.append(row.id)
        if not made:
            raise Conflict("the bank named no next hop that has no order yet", code="no_hops")
        return made


def extend(services: Services, actor: Actor, order_id: str, reference: str) -> None:
    """A second stop of 48 hours on a frozen account; the ledger has it when the bank has the message. Raises Conflict `third_stop`."""
    with changing(services, actor, _P.ORDERS_APPROVE, "order.extend", order_id, reference=reference) as session:
        row, now = orders.get(session, order_id), services.clock()
        if not row.held_minor or row.frozen_until_ms is None or now >= row.frozen_until_ms:
            raise Conflict("nothing is held that could be extended", code="nothing_held")
        number = orders.take_second_slot(session, row)
        body = {"kind": "stop_extension", "order_id": row.id, "account": row.account, "stop_number": number,
                "until_ms": row.frozen_until_ms + STOP_MS, "reference": reference[:200]}  # fmt: skip
        queue.enqueue(
            session,
            Message(row.bank, "stop_extension", row.id, f"{row.id}/extend", json.dumps(body, sort_keys=True)),
            now,
        )
        timeline.add(session, row.case_id, "freeze.extension_asked", actor.name, now, row.id, reference)
        row.reason = row.reason or reference[:200]


def let_go(services: Services, actor: Actor, order_id: str, reason: str, wrong_hold: bool = False) -> None:
    """End the stop of all that is held, with a reason; `wrong_hold` says the holder had nothing to do with it."""
    if not reason.strip():
        raise BadInput("letting go needs a reason", code="needs_reason")
    with changing(services, actor, _P.ORDERS_APPROVE, "order.let_go", order_id, reason=reason) as session:
        row, now = orders.get(session, order_id), services.clock()
        stop_ledger.write(session, row, Entry(FreezeVerb.LET_GO, row.held_minor, now), actor.name, reason)
        row.wrong_hold = wrong_hold
        body = json.dumps(
            {"kind": "stop_release", "order_id": row.id, "account": row.account, "reason": reason}, sort_keys=True
        )
        queue.enqueue(session, Message(row.bank, "stop_release", row.id, f"{row.id}/release", body), now)
        timeline.add(session, row.case_id, "freeze.let_go", actor.name, now, row.id, reason)


def one(services: Services, actor: Actor, order_id: str) -> OrderView:
    """One order with answers, next hops and ledger. Raises NotFound."""
    with reading(services, actor, _P.CASES_READ, "order.read", order_id) as session:
        row = orders.get(session, order_id)
        answers = session.scalars(select(AnswerRow).where(AnswerRow.order_id == order_id).order_by(AnswerRow.seq)).all()
        hops = session.scalars(select(NextHopRow).where(NextHopRow.order_id == order_id).order_by(NextHopRow.seq)).all()
        verbs = tuple(verb.value for verb in ORDER.verbs(OrderState(row.state)))
        return OrderView(row, tuple(answers), tuple(hops), tuple(stop_ledger.entries(session, order_id)), verbs)


def listed(
    services: Services,
    actor: Actor,
    states: Sequence[str] = (),
    after: tuple[int, str] | None = None,
    case_id: str = "",
) -> list[OrderRow]:
    """A page of orders, newest first; `after` is (drafted_at_ms, id) of the last one seen."""
    with reading(services, actor, _P.CASES_READ, "order.list", case_id, states=list(states)) as session:
        query = select(OrderRow)
        if states:
            query = query.where(OrderRow.state.in_(states))
        if case_id:
            query = query.where(OrderRow.case_id == case_id)
        if after is not None:
            query = query.where(
                (OrderRow.drafted_at_ms < after[0]) | ((OrderRow.drafted_at_ms == after[0]) & (OrderRow.id < after[1]))
            )
        return list(session.scalars(query.order_by(OrderRow.drafted_at_ms.desc(), OrderRow.id.desc()).limit(MAX_PAGE)))


def _claim(session: Session, hops: Sequence[NextHopRow], order_id: str) -> None:
    """Tie hops to their order, unless somebody fanned out at the same moment: an account has two stops to lose."""
    wanted = [hop.seq for hop in hops]
    free = (NextHopRow.seq.in_(wanted), NextHopRow.next_order_id.is_(None))
    if changed(session, update(NextHopRow).where(*free).values(next_order_id=order_id)) != len(wanted):
        raise Conflict("somebody drafted orders for these hops at the same moment: load it again", code="stale")


def _known_bank(session: Session, name: str) -> None:
    try:
        endpoints.get(session, name)
    except NotFound:
        raise NotFound(
            say("there is no endpoint for bank {name}: add it under Deliveries", name=repr(name)), code="unknown_bank"
        ) from None
