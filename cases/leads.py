"""Leads: take in, assign, check, determine by two. Works in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import timeline
from cases.lead_states import LEAD, LeadState, LeadVerb
from cases.lead_tables import LeadItemRow, LeadRow
from cases.orders import Person
from cases.reading import Item
from core.clock import HOUR_MS
from core.errors import BadInput, NotAllowed, NotFound

#: The rule: an answer to the reporter within an hour, a first report within two.
ANSWER_MS, REPORT_MS = HOUR_MS, 2 * HOUR_MS
CHECKS = ("confirmed", "rejected")
KINDS = ("account", "phone", "amount", "time", "person")


@dataclass(frozen=True, slots=True)
class Determination:
    """What one person says a lead is: kind of fraud, money, persons, and why."""

    is_fraud: bool
    typology: str
    amount_minor: int
    persons: str
    grounds: str


def get(session: Session, lead_id: str) -> LeadRow:
    """One lead. Raises NotFound."""
    row = session.get(LeadRow, lead_id)
    if row is None:
        raise NotFound("there is no such lead")
    return row


def items(session: Session, lead_id: str) -> list[LeadItemRow]:
    """What was read out of a lead, in the order of its text."""
    rows = session.scalars(select(LeadItemRow).where(LeadItemRow.lead_id == lead_id).order_by(LeadItemRow.seq))
    return list(rows)


def add_items(
    session: Session, lead_id: str, found: Sequence[Item], state: str = "proposed", by_name: str = ""
) -> None:
    """Keep what was read; `state` is proposed for a machine's reading, confirmed for a person's own."""
    for item in found:
        session.add(
            LeadItemRow(
                lead_id=lead_id, kind=item.kind, value=item.value[:200], raw=item.raw[:300], starts=item.starts,
                note=item.note[:200], state=state, checked_by_name=by_name,
            )
        )  # fmt: skip
    session.flush()


def assign(session: Session, lead_id: str, to: Person, by: Person, now_ms: int) -> LeadRow:
    """Give a lead to somebody; that is the first answer to the report."""
    row = get(session, lead_id)
    row.state = LEAD.after(LeadState(row.state), LeadVerb.ASSIGN)
    row.assignee_id, row.assignee_name = to.id, to.name
    row.answered_at_ms = row.answered_at_ms or now_ms
    timeline.add(session, row.case_id, "lead.assigned", by.name, now_ms, row.id, to.name)
    session.flush()
    return row


def verify(session: Session, lead_id: str, checks: Mapping[int, str], by: Person, now_ms: int) -> LeadRow:
    """A person has checked what was read: each item by its number confirmed or rejected. Raises BadInput for others."""
    row = get(session, lead_id)
    row.state = LEAD.after(LeadState(row.state), LeadVerb.VERIFY)
    known = {item.seq: item for item in items(session, lead_id)}
    for seq, said in checks.items():
        if seq not in known or said not in CHECKS:
            raise BadInput(f"item {seq} is not of this lead, or {said!r} is neither confirmed nor rejected")
        known[seq].state, known[seq].checked_by_name = said, by.name
    row.reported_at_ms = row.reported_at_ms or now_ms
    timeline.add(session, row.case_id, "lead.verified", by.name, now_ms, row.id)
    session.flush()
    return row


def propose(session: Session, lead_id: str, said: Determination, by: Person, now_ms: int) -> LeadRow:
    """One person determines the lead. Raises BadInput without grounds."""
    if not said.grounds.strip() or (said.is_fraud and not said.typology) or said.amount_minor < 0:
        raise BadInput("a determination needs grounds, an amount, and for fraud its kind", code="needs_grounds")
    row = get(session, lead_id)
    row.state = LEAD.after(LeadState(row.state), LeadVerb.PROPOSE)
    row.is_fraud, row.typology, row.amount_minor = said.is_fraud, said.typology or row.typology, said.amount_minor
    row.persons, row.grounds = said.persons[:4000], said.grounds[:8000]
    row.determined_by, row.determined_by_name, row.determined_at_ms = by.id, by.name, now_ms
    timeline.add(session, row.case_id, "lead.proposed", by.name, now_ms, row.id, said.grounds)
    session.flush()
    return row


def decide(session: Session, lead_id: str, agrees: bool, why: str, by: Person, now_ms: int) -> LeadRow:
    """The second person agrees, or sends it back with a reason. Raises NotAllowed for one's own determination."""
    row = get(session, lead_id)
    if row.determined_by == by.id:
        raise NotAllowed("nobody confirms their own determination: ask another person", code="own_approval")
    if not agrees and not why.strip():
        raise BadInput("sending back needs a reason", code="needs_reason")
    verb = (LeadVerb.ADOPT if row.is_fraud else LeadVerb.DISMISS) if agrees else LeadVerb.SEND_BACK
    row.state = LEAD.after(LeadState(row.state), verb)
    if agrees:
        row.confirmed_by_name, row.confirmed_at_ms = by.name, now_ms
    timeline.add(
        session, row.case_id, f"lead.{row.state}" if agrees else "lead.sent_back", by.name, now_ms, row.id, why
    )
    session.flush()
    return row


def reject(session: Session, lead_id: str, reason: str, by: Person, now_ms: int) -> LeadRow:
    """Do not take a lead up, with the reason."""
    if not reason.strip():
        raise BadInput("a rejection needs a reason", code="needs_reason")
    row = get(session, lead_id)
    row.state = LEAD.after(LeadState(row.state), LeadVerb.REJECT)
    row.reject_reason, row.answered_at_ms = reason[:2000], row.answered_at_ms or now_ms
    timeline.add(session, row.case_id, "lead.rejected", by.name, now_ms, row.id, reason)
    session.flush()
    return row
