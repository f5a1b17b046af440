"""Giving frozen money back: victims first, pro rata, the arithmetic kept; drafted by one, approved by another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import sharing, stop_ledger, timeline
from cases.case_rows import need_open
from cases.case_tables import CaseEventRow, CaseRow, VictimRow
from cases.freeze import Entry
from cases.order_states import FreezeVerb
from cases.order_tables import OrderRow, ReturnLineRow, ReturnRow
from cases.sharing import Claim, Source
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.ids import fresh
from outbox import queue
from outbox.model import Message
from security.roles import Actor, Permission
from usecases.changing import changing, person, reading
from usecases.services import Services

KIND = "money_return"
_P = Permission


def draft(services: Services, actor: Actor, case_id: str) -> str:
    """Plan the return of all that is held in a case; returns the plan's id.

    Raises Conflict when nothing is held, and `no_destination` when a victim who gets money has no account to send it to.
    """
    with changing(services, actor, _P.CASES_WORK, "return.draft", case_id) as session:
        orders = _held(session, case_id)
        victims = session.scalars(select(VictimRow).where(VictimRow.case_id == case_id).order_by(VictimRow.id)).all()
        waiting = session.scalar(select(ReturnRow.id).where(ReturnRow.case_id == case_id, ReturnRow.state == "draft"))
        if not orders or waiting:
            raise Conflict("nothing is held, or a plan waits for approval already", code="nothing_held")
        if len({row.currency for row in orders} | {row.currency for row in victims}) > 1:
            raise Conflict("money of one currency is returned at a time", code="currencies")
        money, coming = sum(row.held_minor for row in orders), _on_the_way(session, [row.id for row in victims])
        claims = [Claim(row.id, _lacking(row, coming)) for row in victims]
        shared = sharing.share(money, claims)
        _need_destinations(
            row for row in victims for part in shared.shares if part.victim_id == row.id and part.amount_minor
        )
        now = services.clock()
        plan = ReturnRow(
            id=fresh("return"), case_id=case_id, state="draft", currency=orders[0].currency, money_minor=money,
            police_minor=shared.police_minor, arithmetic=json.dumps([asdict(item) for item in shared.shares]),
            drafted_by=person(actor).id, drafted_by_name=actor.name, drafted_at_ms=now,
        )  # fmt: skip
        session.add(plan)
        for line in sharing.lines(shared, [Source(row.id, row.held_minor) for row in orders]):
            session.add(ReturnLineRow(id=fresh("line"), return_id=plan.id, order_id=line.freeze_id,
                                      victim_id=line.victim_id, amount_minor=line.amount_minor))  # fmt: skip
        timeline.add(session, case_id, "return.drafted", actor.name, now, plan.id)
        session.flush()
        return plan.id


def approve(services: Services, actor: Actor, return_id: str) -> None:
    """Approve a plan: the money is set free for it and the banks are told to pay.

    Raises NotAllowed for one's own plan, and `own_destination` for who said where money of it goes.
    Raises Conflict `stale` when what is held changed since the draft: draft it again, and `no_destination` as draft() does.
    """
    with changing(services, actor, _P.ORDERS_APPROVE, "return.approve", return_id) as session:
        plan, now = _plan(session, return_id), services.clock()
        if plan.drafted_by == actor.id:
            raise NotAllowed("nobody approves their own plan: ask another person", code="own_approval")
        if plan.state != "draft":
            raise Conflict("the plan has been decided already", code="illegal_step")
        by_order: dict[str, int] = {}
        lines = _lines(session, return_id)
        _need_others_word(session, actor, plan.case_id, sorted({line.victim_id for line in lines}))
        _need_destinations(victim for line in lines if (victim := session.get(VictimRow, line.victim_id)) is not None)
        for line in lines:
            by_order[line.order_id] = by_order.get(line.order_id, 0) + line.amount_minor
        for order_id, amount in by_order.items():
            row = session.get_one(OrderRow, order_id)
            if row.held_minor != amount:
                raise Conflict("what is held has changed since the plan: draft it again", code="stale")
            stop_ledger.write(session, row, Entry(FreezeVerb.RELEASE, amount, now), actor.name, return_id)
        for line in lines:
            line.delivery_id = queue.enqueue(session, _message(session, plan, line), now)
        plan.state, plan.approved_by_name, plan.approved_at_ms = "approved", actor.name, now
        timeline.add(session, plan.case_id, "return.approved", actor.name, now, plan.id)


def drop(services: Services, actor: Actor, return_id: str) -> None:
    """Drop a plan that was not approved."""
    with changing(services, actor, _P.CASES_WORK, "return.drop", return_id) as session:
        plan = _plan(session, return_id)
        if plan.state != "draft":
            raise Conflict("the plan has been decided already", code="illegal_step")
        plan.state = "dropped"
        timeline.add(session, plan.case_id, "return.dropped", actor.name, services.clock(), plan.id)


def pay_to(services: Services, actor: Actor, case_id: str, victim_id: str, account: str, bank: str = "") -> None:
    """Say where a victim's money goes. Raises NotFound, BadInput for a blank account.

    Raises Conflict `plan_waits` while a plan waits for approval: two people have seen where its money goes.
    """
    account, bank = account.strip(), bank.strip()
    if not (1 <= len(account) <= 128 and account.isprintable() and len(bank) <= 64 and (bank + "x").isprintable()):
        raise BadInput("the account to pay to has 1 to 128 printable characters, its bank at most 64")
    with changing(services, actor, _P.CASES_WORK, "victim.pay_to", victim_id, account=account, bank=bank) as session:
        victim, case = session.get(VictimRow, victim_id), session.get(CaseRow, case_id)
        if victim is None or case is None or victim.case_id != case_id:
            raise NotFound("there is no such victim in this case")
        need_open(case)
        if session.scalar(select(ReturnRow.id).where(ReturnRow.case_id == case_id, ReturnRow.state == "draft")):
            raise Conflict("a plan waits for approval: drop it first", code="plan_waits")
        victim.account, victim.bank = account, bank
        timeline.add(session, case_id, "victim.pay_to", actor.name, services.clock(), victim_id)


def take_done(session: Session, endpoint: str, said: Mapping[str, Any], now_ms: int) -> str:
    """A bank reports that a line was paid: the ledger and the victim's roll-up have it, once."""
    line = session.get(ReturnLineRow, str(said.get("line_id", "")))
    row = session.get(OrderRow, line.order_id) if line is not None else None
    plan = session.get(ReturnRow, line.return_id) if line is not None else None
    if line is None or row is None or row.bank != endpoint or plan is None or plan.state != "approved":
        raise BadInput("there is no such line for this endpoint", code="unknown_order")
    if line.returned_at_ms is not None:
        return "late"
    if said.get("amount_minor") != line.amount_minor:
        timeline.add(
            session, row.case_id, "return.set_aside", endpoint, now_ms, line.id, str(said.get("amount_minor"))[:30]
        )
        return "wrong_amount"
    line.returned_at_ms = now_ms
    stop_ledger.write(session, row, Entry(FreezeVerb.RETURN, line.amount_minor, now_ms), endpoint, line.id)
    victim = session.get(VictimRow, line.victim_id)
    if victim is not None:
        victim.returned_minor += line.amount_minor
    timeline.add(session, row.case_id, "return.paid", endpoint, now_ms, line.id)
    session.flush()
    return "applied"


def one(
    services: Services, actor: Actor, return_id: str
) -> tuple[ReturnRow, list[ReturnLineRow], list[dict[str, Any]]]:
    """A plan, its lines, and the arithmetic as it was reckoned."""
    with reading(services, actor, _P.CASES_READ, "return.read", return_id) as session:
        plan = _plan(session, return_id)
        return plan, _lines(session, return_id), json.loads(plan.arithmetic)


def _message(session: Session, plan: ReturnRow, line: ReturnLineRow) -> Message:
    row = session.get_one(OrderRow, line.order_id)
    victim = session.get(VictimRow, line.victim_id)
    to = (
        {"police_account": True}
        if victim is None
        else {"account": victim.account, "bank": victim.bank, "name": victim.name}
    )
    body = {"kind": KIND, "line_id": line.id, "order_id": row.id, "account": row.account,
            "amount_minor": line.amount_minor, "currency": plan.currency, "to": to}  # fmt: skip
    return Message(row.bank, KIND, line.id, line.id, json.dumps(body, ensure_ascii=False, sort_keys=True))


def _need_others_word(session: Session, actor: Actor, case_id: str, victims: Sequence[str]) -> None:
    """Who last said where a victim's money goes, or brought the victim in, is not the second person for it too."""
    cases = [case_id]
    for one in cases:  # lines stay with the case they were written in, when it is merged into another
        cases += session.scalars(select(CaseRow.id).where(CaseRow.merged_into == one))
    words = CaseEventRow.what.in_(("victim.added", "victim.pay_to"))
    for victim_id in victims:
        last = session.scalar(
            select(CaseEventRow.by_name)
            .where(CaseEventRow.case_id.in_(cases), CaseEventRow.target == victim_id, words)
            .order_by(CaseEventRow.seq.desc())
            .limit(1)
        )
        if last == actor.name[:64]:
            raise NotAllowed(
                "you said where money of this plan goes: ask another person to approve it", code="own_destination"
            )


def _need_destinations(victims: Iterable[VictimRow]) -> None:
    names = sorted({victim.name for victim in victims if not victim.account.strip()})
    if names:
        raise Conflict(
            f"no account to pay to is known for {', '.join(names[:5])}: enter it beside the victim first",
            code="no_destination",
        )


def _held(session: Session, case_id: str) -> list[OrderRow]:
    query = select(OrderRow).where(OrderRow.case_id == case_id, OrderRow.held_minor > 0).order_by(OrderRow.id)
    return list(session.scalars(query))


def _on_the_way(session: Session, victims: Sequence[str]) -> dict[str, int]:
    """What approved plans send each victim that no bank has reported paid yet."""
    query = (
        select(ReturnLineRow.victim_id, func.sum(ReturnLineRow.amount_minor))
        .join(ReturnRow, ReturnRow.id == ReturnLineRow.return_id)
        .where(ReturnRow.state == "approved", ReturnLineRow.returned_at_ms.is_(None))
        .where(ReturnLineRow.victim_id.in_(victims))
        .group_by(ReturnLineRow.victim_id)
    )
    return {victim: int(amount) for victim, amount in session.execute(query)}


def _lacking(victim: VictimRow, coming: Mapping[str, int]) -> int:
    return max(0, victim.loss_minor - victim.returned_minor - coming.get(victim.id, 0))


def _plan(session: Session, return_id: str) -> ReturnRow:
    plan = session.get(ReturnRow, return_id)
    if plan is None:
        raise NotFound("there is no such plan")
    return plan


def _lines(session: Session, return_id: str) -> list[ReturnLineRow]:
    query = select(ReturnLineRow).where(ReturnLineRow.return_id == return_id).order_by(ReturnLineRow.id)
    return list(session.scalars(query))
