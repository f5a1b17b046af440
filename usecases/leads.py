"""Leads: filed by form or API, read by the machine, checked by people, traced at once, determined by two."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from cases import leads, reading, timeline
from cases.case_tables import EvidenceRow
from cases.lead_states import LEAD, SOURCES, LeadState
from cases.lead_tables import LeadItemRow, LeadRow
from cases.leads import Determination
from cases.orders import Person
from cases.reading import Item
from core.clock import iso
from core.db import transaction
from core.errors import BadInput, Conflict, NotFound, RingtraceError
from core.ids import fresh
from core.keyfile import load_or_make
from core.message import say
from core.money import EXPONENT, MAX_MINOR
from security import sealing, users
from security.roles import Actor, Permission
from usecases import seeds as seeding
from usecases import trace as tracing
from usecases import typology
from usecases.auditing import Line, audited
from usecases.changing import changing, person, recorded
from usecases.changing import reading as looking
from usecases.services import Services

MAX_PAGE = 50
#: Long texts that no list shows; a trace alone may have a hundred kilobytes.
_NOT_LISTED = (LeadRow.trace_json, LeadRow.typology_why, LeadRow.grounds)
_P = Permission


@dataclass(frozen=True, slots=True)
class Report:
    """What comes in. `reporter` is who reports and how to reach them: sealed at once. `outside_id` is the sender's number."""

    source: str
    text: str
    claimed_type: str = ""
    amount_minor: int | None = None
    currency: str = "CNY"
    region: str = ""
    occurred_at_ms: int | None = None
    accounts: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    reporter: str = ""
    outside_id: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """The lead's id and the reporter's code, shown this once; a repeat has no code."""

    lead_id: str
    code: str
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead with everything its page shows. `trace` is the last one as plain values, None before it."""

    lead: LeadRow
    items: tuple[LeadItemRow, ...]
    verbs: tuple[str, ...]
    trace: dict[str, Any] | None
    related: tuple[tuple[str, str, str], ...]
    """(lead id, its case id or empty, the account or phone they share)"""
    has_reporter: bool = False
    files: tuple[EvidenceRow, ...] = field(default=())


def sealing_key(services: Services) -> bytes:
    """The key of sealed fields: the setting, else made once in the home folder."""
    return load_or_make(services.settings.home / "sealing.key", services.settings.sealing_key.get_secret_value())


def file(services: Services, actor: Actor, report: Report, channel: str = "form") -> Filed:
    """Take a lead in, read its text, start the trace. Raises BadInput naming the field, Conflict for a reused number."""
    _check(report)
    now, code = services.clock(), sealing.new_code()
    outside = f"{actor.name}/{report.outside_id}"[:128] if report.outside_id else None
    # keyed: a plain hash of the report would let whoever reads the table try names of reporters
    digest = sealing.mac(sealing_key(services), "report", repr(asdict(report)))
    with changing(services, actor, _P.LEADS_FILE, "lead.file", outside or "", source=report.source) as session:
        if outside is not None:
            there = session.scalar(select(LeadRow).where(LeadRow.outside_id == outside))
            if there is not None:
                if there.outside_sha256 != digest:
                    raise Conflict("this number was used for another report", code="id_reused")
                return Filed(there.id, "", True)
        row = _row(services, report, channel, now)
        row.outside_id, row.outside_sha256 = outside, digest
        row.code_mac = sealing.mac(sealing_key(services), "code", sealing.normal_code(code))
        session.add(row)
        session.flush()
        leads.add_items(session, row.id, _items(report, now, services.settings.timezone))
    trace(services, row.id)
    return Filed(row.id, code)


def trace(services: Services, lead_id: str, line: Line | None = None) -> None:
    """Trace the lead's money with what is known now; the outcome, or why there is none, is kept with the lead.

    `line` goes with it where a person asked for it.
    """
    with transaction(services.engine) as session:
        items = [item for item in leads.items(session, lead_id) if item.state != "rejected"]
        typed = leads.get(session, lead_id).amount_minor
    now, result, failed = services.clock(), "", ""
    try:
        found, why = _traced(services, items, typed, now)
        result = json.dumps({**asdict(found), "why": why[0], "unknown": list(why[1])}, ensure_ascii=False)
        failed = "" if found.seeds else why[0]
    except RingtraceError as error:
        failed = f"{error.code}: {error}"[:300]
    with recorded(services, line) if line is not None else transaction(services.engine) as session:
        row = leads.get(session, lead_id)
        row.trace_json, row.traced_at_ms, row.trace_failed = result or row.trace_json, now, failed


def trace_again(services: Services, actor: Actor, lead_id: str) -> None:
    """Trace again, after items were checked or time has passed. Raises NotFound, NotAllowed."""
    with audited(services, actor, _P.CASES_WORK, "lead.trace", lead_id) as said:
        trace(services, lead_id, said)


def source_of(services: Services) -> tracing.MoneySource:
    """Where chases read payments: the graph store, or the scenario of a drill."""
    found: tracing.MoneySource = services.money or tracing.GraphMoney(services.store)
    return found


def _traced(
    services: Services, items: Sequence[LeadItemRow], typed: int | None, now: int
) -> tuple[tracing.Trace, tuple[str, tuple[str, ...]]]:
    source = source_of(services)
    amounts = [int(item.value) for item in items if item.kind == "amount"] + ([typed] if typed else [])
    times = [int(item.value) for item in items if item.kind == "time"]
    accounts = [item.value for item in items if item.kind == "account"]
    found = seeding.find(source, accounts, amounts, times, now)
    return tracing.trace(source, found.payments, now), (found.why, found.unknown)


def one(services: Services, actor: Actor, lead_id: str) -> LeadView:
    """One lead. Raises NotFound, NotAllowed."""
    with looking(services, actor, _P.CASES_READ, "lead.read", lead_id) as session:
        row = leads.get(session, lead_id)
        items = leads.items(session, lead_id)
        related = _related(session, row, items)
        verbs = tuple(verb.value for verb in LEAD.verbs(LeadState(row.state)))
        files = session.scalars(
            select(EvidenceRow).where(EvidenceRow.lead_id == row.id).order_by(EvidenceRow.at_ms)
        ).all()
    told = json.loads(row.trace_json) if row.trace_json else None
    return LeadView(row, tuple(items), verbs, told, related, bool(row.reporter_sealed), files=tuple(files))


def listed(
    services: Services,
    actor: Actor,
    states: Sequence[str] = (),
    assignee: str = "",
    after: tuple[int, str] | None = None,
) -> list[LeadRow]:
    """A page of leads, newest first; `after` is (received_at_ms, id) of the last one seen."""
    with looking(services, actor, _P.CASES_READ, "lead.list", assignee, states=list(states)) as session:
        query = select(LeadRow).options(*(defer(column, raiseload=True) for column in _NOT_LISTED))
        if len(states) == 1:
            query = query.where(LeadRow.state == states[0])
        elif states:
            query = query.where(LeadRow.state.in_(states))
        if assignee:
            query = query.where(LeadRow.assignee_id == assignee)
        if after is not None:
            at, id = after
            query = query.where((LeadRow.received_at_ms <= at) & ((LeadRow.received_at_ms < at) | (LeadRow.id < id)))
        return list(session.scalars(query.order_by(LeadRow.received_at_ms.desc(), LeadRow.id.desc()).limit(MAX_PAGE)))


def assign(services: Services, actor: Actor, lead_id: str, user_name: str = "") -> None:
    """Give the lead to a person by sign-in name, or take it oneself. Raises NotFound, Conflict, NotAllowed."""
    with changing(services, actor, _P.CASES_WORK, "lead.assign", lead_id, to=user_name or actor.name) as session:
        to = person(actor)
        if user_name:
            found = users.by_name(session, user_name)
            to = Person(found.id, found.name)
        leads.assign(session, lead_id, to, person(actor), services.clock())


def verify(
    services: Services, actor: Actor, lead_id: str, checks: Mapping[int, str], added: Sequence[tuple[str, str]] = ()
) -> None:
    """Check what was read, add what the machine missed as (kind, value), and trace again."""
    with changing(services, actor, _P.CASES_WORK, "lead.verify", lead_id, checks=len(checks)) as session:
        leads.verify(session, lead_id, checks, person(actor), services.clock())
        own = [Item(kind, value.strip(), value.strip(), -1) for kind, value in added if value.strip()]
        if any(item.kind not in leads.KINDS or len(item.value) > 200 for item in own):
            raise BadInput(f"an item is one of {', '.join(leads.KINDS)}, at most 200 characters")
        if any(item.kind in ("amount", "time") and not _is_number(item.value) for item in own):
            raise BadInput("amounts are minor units and times epoch milliseconds, whole numbers")
        leads.add_items(session, lead_id, own, "confirmed", actor.name)
    trace(services, lead_id)


def propose(services: Services, actor: Actor, lead_id: str, said: Determination) -> None:
    """Determine the lead, for a second person to confirm."""
    if said.is_fraud and said.typology not in typology.LABELS:
        raise BadInput(f"the kind of fraud is one of {', '.join(typology.LABELS)}", code="unknown_typology")
    with changing(services, actor, _P.CASES_WORK, "lead.propose", lead_id, is_fraud=said.is_fraud) as session:
        leads.propose(session, lead_id, said, person(actor), services.clock())


def decide(services: Services, actor: Actor, lead_id: str, agrees: bool, why: str = "") -> None:
    """The second person's word; with it the reporter can read the outcome."""
    with changing(services, actor, _P.ORDERS_APPROVE, "lead.decide", lead_id, agrees=agrees, why=why) as session:
        row = leads.decide(session, lead_id, agrees, why, person(actor), services.clock())
        if agrees:
            row.feedback = row.state


def reject(services: Services, actor: Actor, lead_id: str, reason: str) -> None:
    """Do not take the lead up; the reporter reads that with the code."""
    with changing(services, actor, _P.CASES_WORK, "lead.reject", lead_id, reason=reason) as session:
        leads.reject(session, lead_id, reason, person(actor), services.clock()).feedback = "rejected"


def reporter(services: Services, actor: Actor, lead_id: str, why: str) -> str:
    """Who reported, unsealed, for a stated purpose; every look is on record and in the case's timeline."""
    if not why.strip():
        raise BadInput("looking at a reporter's identity needs a purpose", code="needs_reason")
    with changing(services, actor, _P.REPORTERS_READ, "reporter.read", lead_id, why=why) as session:
        row = leads.get(session, lead_id)
        if not row.reporter_sealed:
            raise NotFound("the report was anonymous")
        timeline.add(session, row.case_id, "reporter.read", actor.name, services.clock(), lead_id, why)
        return sealing.unseal(sealing_key(services), f"lead.reporter|{lead_id}", row.reporter_sealed)


def _is_number(text: str) -> bool:
    """What every later trace can reckon with: ASCII digits, at most MAX_MINOR."""
    return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAX_MINOR


def _row(services: Services, report: Report, channel: str, now: int) -> LeadRow:
    lead_id = fresh("lead")
    sealed = sealing.seal(sealing_key(services), f"lead.reporter|{lead_id}", report.reporter) if report.reporter else ""
    guess = typology.classify(report.text)
    return LeadRow(
        id=lead_id, source=report.source, channel=channel, state=LeadState.NEW, text=report.text,
        claimed_type=report.claimed_type, typology="" if guess.abstained else guess.label,
        typology_why="\n".join(reason.says for reason in guess.reasons)[:4000], amount_minor=report.amount_minor,
        currency=report.currency, region=report.region, occurred_at_ms=report.occurred_at_ms, received_at_ms=now,
        answer_due_ms=now + leads.ANSWER_MS, report_due_ms=now + leads.REPORT_MS, reporter_sealed=sealed,
    )  # fmt: skip


def _items(report: Report, now: int, zone: str) -> list[Item]:
    given = [Item("account", value, value, -1, "given") for value in report.accounts]
    given += [Item("phone", value, value, -1, "given") for value in report.phones]
    given += [Item("person", value, value, -1, "given") for value in report.persons]
    if report.occurred_at_ms is not None:
        given.append(Item("time", str(report.occurred_at_ms), iso(report.occurred_at_ms), -1, "given"))
    known = {(item.kind, item.value) for item in given}
    return given + [item for item in reading.read(report.text, now, zone) if (item.kind, item.value) not in known]


def _check(report: Report) -> None:
    if report.source not in SOURCES:
        raise BadInput(f"source must be one of {', '.join(SOURCES)}", code="lead_source")
    if not report.text.strip() or len(report.text) > reading.MAX_TEXT or "\x00" in report.text:
        raise BadInput(say("text must have 1 to {most:,} characters", most=reading.MAX_TEXT), code="lead_text")
    if report.currency not in EXPONENT or not 0 <= (report.amount_minor or 0) <= MAX_MINOR:
        raise BadInput("amount must be whole minor units from 0, in a known currency", code="lead_amount")
    for name, values in (("accounts", report.accounts), ("phones", report.phones), ("persons", report.persons)):
        if len(values) > 100 or any(not 1 <= len(value) <= 200 or not value.isprintable() for value in values):
            raise BadInput(f"{name}: at most 100 of 1 to 200 printable characters", code="lead_list")
    if len(report.reporter) > 1000 or len(report.region) > 64 or len(report.outside_id) > 60:
        raise BadInput("reporter, region or outside_id is too long", code="lead_length")


def _related(session: Session, row: LeadRow, items: Sequence[LeadItemRow]) -> tuple[tuple[str, str, str], ...]:
    values = [item.value for item in items if item.kind in ("account", "phone") and item.state != "rejected"][:100]
    if not values:
        return ()
    found = session.execute(
        select(LeadItemRow.lead_id, LeadRow.case_id, LeadItemRow.value)
        .join(LeadRow, LeadRow.id == LeadItemRow.lead_id)
        .where(LeadItemRow.kind.in_(("account", "phone")), LeadItemRow.value.in_(values), LeadItemRow.lead_id != row.id)
        .limit(20)
    ).all()
    return tuple((str(lead), str(case or ""), str(value)) for lead, case, value in found)
