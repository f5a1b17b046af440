"""Cases: opened from leads, linked, merged, worked on; timeline, tasks, notes, victims' roll-up, who has looked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cases import case_rows, leads, timeline
from cases.case_rows import CLOSED, MERGED, open_case
from cases.case_tables import CaseEventRow, CaseLinkRow, CaseRow, CaseViewRow, EvidenceRow, TaskRow, VictimRow
from cases.lead_tables import LeadRow
from cases.order_tables import OrderRow, ReturnRow
from cases.orders import Draft
from core.errors import BadInput, Conflict, NotFound
from core.ids import fresh
from core.money import MAX_MINOR
from outbox import endpoints
from security.roles import Actor, Permission
from usecases import leads as lead_cases
from usecases import stop_orders
from usecases.changing import changing, reading
from usecases.services import Services

MAX_PAGE = 50
#: Orders proposed in one click.
MAX_PROPOSED = 20
_P = Permission
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RollUp:
    """Victims' money in one figure each, minor units: lost = returned + frozen for them + not found."""

    lost_minor: int
    frozen_minor: int
    returned_minor: int
    not_found_minor: int


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with everything its page shows."""

    case: CaseRow
    leads: tuple[LeadRow, ...]
    links: tuple[CaseLinkRow, ...]
    orders: tuple[OrderRow, ...]
    victims: tuple[VictimRow, ...]
    tasks: tuple[TaskRow, ...]
    evidence: tuple[EvidenceRow, ...]
    returns: tuple[ReturnRow, ...]
    events: tuple[CaseEventRow, ...]
    views: tuple[CaseViewRow, ...]
    rollup: RollUp


def open_from_lead(services: Services, actor: Actor, lead_id: str, title: str = "", case_id: str = "") -> str:
    """Put a lead into a case (a new one unless named); its reporter's loss becomes a victim's claim. Returns the case."""
    with changing(services, actor, _P.CASES_WORK, "case.open", lead_id, case_id=case_id) as session:
        lead, now = leads.get(session, lead_id), services.clock()
        if lead.case_id is not None:
            raise Conflict("the lead belongs to a case already", code="in_case")
        case = open_case(session, case_id) if case_id else _case_of(session, actor, lead, title, now)
        lead.case_id = case.id
        session.execute(update(EvidenceRow).where(EvidenceRow.lead_id == lead.id).values(case_id=case.id))
        _victim(session, lead, case)
        timeline.add(session, case.id, "case.lead_added", actor.name, now, lead.id)
        session.flush()
        return case.id


def order_proposed(services: Services, actor: Actor, lead_id: str, accounts: Sequence[str] = ()) -> list[str]:
    """Draft the orders the lead's trace proposes (those of `accounts` when named), opening a case when there is none.

    Banks without an endpoint are left out; raises Conflict `nothing_proposed` when none remains.
    """
    view = lead_cases.one(services, actor, lead_id)
    case_id = view.lead.case_id or open_from_lead(services, actor, lead_id)
    wanted = [
        Draft(item["bank"], item["account"], item["holder"] or "", item["remaining_minor"], (view.trace or {})["currency"],
              item["transfer_id"], item["transfer_at_ms"], f"trace of {lead_id}", item["layer"])
        for item in proposed(view.trace) if not accounts or item["account"] in accounts
    ]  # fmt: skip
    with reading(services, actor, _P.CASES_READ, "endpoint.match", lead_id) as session:
        open_case(session, case_id)  # money stopped for a closed case would have nobody who looks after it
        known = {name: end.name for end in endpoints.everything(session) for name in (end.name, end.title)}
    ready = [_at_bank(draft, known[draft.bank]) for draft in wanted if draft.bank in known and draft.holder]
    if not ready:
        raise Conflict("the trace proposes no account of a bank that has an endpoint", code="nothing_proposed")
    return stop_orders.draft(services, actor, case_id, ready, lead_id)


def proposed(trace: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The positions of a trace that are worth an order, best first."""
    positions = (trace or {}).get("positions") or []
    assert isinstance(positions, list)
    return [item for item in positions if item["stoppable"] and item["remaining_minor"] > 0][:MAX_PROPOSED]


def one(services: Services, actor: Actor, case_id: str) -> CaseView:
    """One case; the look is remembered with it. Raises NotFound."""
    with changing(services, actor, _P.CASES_READ, "case.read", case_id) as session:
        case = case_rows.get(session, case_id)
        _viewed(session, case_id, actor, services.clock())
        orders, victims = _of(session, OrderRow, case_id), _of(session, VictimRow, case_id)
        return CaseView(
            case, _of(session, LeadRow, case_id), _of(session, CaseLinkRow, case_id), orders, victims,
            _of(session, TaskRow, case_id), _of(session, EvidenceRow, case_id), _of(session, ReturnRow, case_id),
            tuple(timeline.of_case(session, case_id)), _of(session, CaseViewRow, case_id), roll_up(orders, victims),
        )  # fmt: skip


def roll_up(orders: Sequence[OrderRow], victims: Sequence[VictimRow]) -> RollUp:
    """Lost, frozen, returned, not found; frozen beyond the loss is not the victims' and does not count here."""
    lost = sum(row.loss_minor for row in victims)
    back = sum(row.returned_minor for row in victims)
    held = sum(row.held_minor + row.for_return_minor for row in orders)
    frozen = min(held, lost - back)
    return RollUp(lost, frozen, back, lost - back - frozen)


def listed(
    services: Services, actor: Actor, state: str = "", owner: str = "", after: tuple[int, str] | None = None
) -> list[CaseRow]:
    """A page of cases, newest first; `after` is (opened_at_ms, id) of the last one seen."""
    with reading(services, actor, _P.CASES_READ, "case.list", owner, state=state) as session:
        query = select(CaseRow)
        if state:
            query = query.where(CaseRow.state == state)
        if owner:
            query = query.where(CaseRow.owner_id == owner)
        if after is not None:
            at, id = after
            query = query.where((CaseRow.opened_at_ms <= at) & ((CaseRow.opened_at_ms < at) | (CaseRow.id < id)))
        return list(session.scalars(query.order_by(CaseRow.opened_at_ms.desc(), CaseRow.id.desc()).limit(MAX_PAGE)))


def merge(services: Services, actor: Actor, case_id: str, into: str, reason: str) -> None:
    """Move everything of a case into another; the first stays, closed, and points to where it went."""
    if not reason.strip() or case_id == into:
        raise BadInput("merging needs another case and a reason", code="needs_reason")
    with changing(services, actor, _P.CASES_WORK, "case.merge", case_id, into=into, reason=reason) as session:
        old, kept, now = open_case(session, case_id), open_case(session, into), services.clock()
        if old.currency != kept.currency:
            raise Conflict("cases of different currencies are not merged: link them", code="currencies")
        for row in (LeadRow, OrderRow, VictimRow, TaskRow, EvidenceRow, ReturnRow):
            session.execute(update(row).where(row.case_id == case_id).values(case_id=into))
        old.state, old.merged_into, old.closed_at_ms = MERGED, into, now
        for at, other in ((case_id, into), (into, case_id)):
            timeline.add(session, at, "case.merged", actor.name, now, other, reason)


def note(services: Services, actor: Actor, case_id: str, text: str) -> None:
    """Write a note into the timeline; it stays as written."""
    if not 1 <= len(text.strip()) <= 4000:
        raise BadInput("a note has 1 to 4,000 characters")
    with changing(services, actor, _P.CASES_WORK, "case.note", case_id) as session:
        timeline.add(
            session, case_rows.get(session, case_id).id, "note", actor.name, services.clock(), "", text.strip()
        )


def add_task(services: Services, actor: Actor, case_id: str, title: str, due_at_ms: int | None = None) -> str:
    """Add a task; who adds it owns it."""
    if not 1 <= len(title.strip()) <= 300:
        raise BadInput("a task has a title of 1 to 300 characters")
    with changing(services, actor, _P.CASES_WORK, "task.add", case_id) as session:
        now = services.clock()
        row = TaskRow(id=fresh("task"), case_id=open_case(session, case_id).id, title=title.strip(), state="open",
                      owner_id=actor.id, owner_name=actor.name, due_at_ms=due_at_ms, made_at_ms=now)  # fmt: skip
        session.add(row)
        timeline.add(session, case_id, "task.added", actor.name, now, row.id, row.title)
        session.flush()
        return row.id


def finish_task(services: Services, actor: Actor, task_id: str) -> str:
    """Mark a task done; returns its case. Raises Conflict when it is."""
    with changing(services, actor, _P.CASES_WORK, "task.finish", task_id) as session:
        row = session.get(TaskRow, task_id)
        if row is None:
            raise NotFound("there is no such task")
        if row.state != "open":
            raise Conflict("the task is done already", code="illegal_step")
        row.state, row.done_at_ms = "done", services.clock()
        timeline.add(session, row.case_id, "task.done", actor.name, row.done_at_ms, row.id, row.title)
        return row.case_id


def add_victim(
    services: Services, actor: Actor, case_id: str, name: str, loss_minor: int, account: str = "", bank: str = ""
) -> str:
    """Add a victim and the loss claimed, in the case's currency."""
    if not 1 <= len(name.strip()) <= 200 or not 0 < loss_minor <= MAX_MINOR:
        raise BadInput("a victim has a name and a loss above 0")
    with changing(services, actor, _P.CASES_WORK, "victim.add", case_id) as session:
        case = open_case(session, case_id)
        row = VictimRow(id=fresh("victim"), case_id=case_id, name=name.strip(), account=account[:128], bank=bank[:64],
                        loss_minor=loss_minor, currency=case.currency)  # fmt: skip
        session.add(row)
        timeline.add(session, case_id, "victim.added", actor.name, services.clock(), row.id)
        session.flush()
        return row.id


def close(services: Services, actor: Actor, case_id: str, outcome: str) -> None:
    """Close a case with its outcome. Raises Conflict while money is still held: release or return it first."""
    if not outcome.strip():
        raise BadInput("closing needs the outcome in words", code="needs_reason")
    with changing(services, actor, _P.ORDERS_APPROVE, "case.close", case_id, outcome=outcome) as session:
        case = open_case(session, case_id)
        held = session.scalar(
            select(func.sum(OrderRow.held_minor + OrderRow.for_return_minor)).where(OrderRow.case_id == case_id)
        )
        if held:
            raise Conflict("money of this case is still frozen: return it or let it go first", code="money_held")
        case.state, case.closed_at_ms, case.outcome = CLOSED, services.clock(), outcome[:4000]
        timeline.add(session, case_id, "case.closed", actor.name, case.closed_at_ms, "", outcome)


def reporter_of(lead_id: str) -> str:
    """What a victim is called who is known by a report alone: the reporter's own name stays sealed."""
    return f"reporter of {lead_id}"


def _of(session: Session, table: type[T], case_id: str) -> tuple[T, ...]:
    return tuple(session.scalars(select(table).where(table.case_id == case_id)))  # type: ignore[attr-defined]


def _case_of(session: Session, actor: Actor, lead: LeadRow, title: str, now: int) -> CaseRow:
    words = title or lead.text.strip().splitlines()[0]
    return case_rows.new(session, (actor.id, actor.name), words, now, lead.typology, lead.region, lead.currency)


def _victim(session: Session, lead: LeadRow, case: CaseRow) -> None:
    told = json.loads(lead.trace_json) if lead.trace_json else {}
    traced = told.get("loss_minor") or 0 if told.get("currency") == lead.currency else 0
    loss = lead.amount_minor or traced
    if loss > 0 and lead.currency != case.currency:
        raise Conflict(
            "the report is in another currency than the case: open a case of its own and link them", code="currencies"
        )
    if loss > 0:
        session.add(
            VictimRow(id=fresh("victim"), case_id=case.id, lead_id=lead.id, name=reporter_of(lead.id), loss_minor=loss,
                      currency=case.currency)
        )  # fmt: skip


def _viewed(session: Session, case_id: str, actor: Actor, now: int) -> None:
    row = session.get(CaseViewRow, (case_id, actor.id))
    if row is None:
        session.add(
            CaseViewRow(
                case_id=case_id, user_id=actor.id, user_name=actor.name, first_at_ms=now, last_at_ms=now, times=1
            )
        )
    else:
        row.last_at_ms, row.times = now, row.times + 1
    session.flush()


def _at_bank(draft: Draft, endpoint: str) -> Draft:
    return replace(draft, bank=endpoint)
