"""Lists of accounts, phones, devices and addresses; close requests of illegal accounts; approved overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.clock import DAY_MS, now_ms
from core.db import changed, transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.ids import fresh
from core.message import say
from scoring import numbers
from scoring.tables import ListEntryRow, OverrideRow
from scoring.watch import KINDS, LISTS
from security.roles import Actor, Permission
from usecases import flight_network
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

MAX_OVERRIDE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Addition:
    """One value to put on a list; `days` 0 is without an end."""

    list: str
    kind: str
    value: str
    reason: str
    days: int = 0


def listed(services: Services, actor: Actor, name: str, limit: int, offset: int) -> tuple[list[ListEntryRow], int]:
    """Entries in force of a list, latest first; and how many. Raises NotAllowed."""
    with (
        audited(services, actor, Permission.ALERTS_READ, "list.read", name[:16]),
        transaction(services.engine) as session,
    ):
        query = select(ListEntryRow).where(ListEntryRow.list == name, ListEntryRow.removed_at_ms.is_(None), _lasting())
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        order = (ListEntryRow.added_at_ms.desc(), ListEntryRow.id)
        return list(session.scalars(query.order_by(*order).limit(limit).offset(offset))), int(total)


def add(services: Services, actor: Actor, wanted: Addition) -> ListEntryRow:
    """Put a value on a list; it counts from the next transfer on. Raises BadInput, Conflict when it stands there."""
    with audited(
        services, actor, Permission.LISTS_MANAGE, "list.add", wanted.value[:128], list=wanted.list[:16]
    ) as said:
        row = _entry(actor, wanted)
        with recorded(services, said) as session:
            gone = session.scalar(
                select(ListEntryRow).where(
                    ListEntryRow.list == row.list, ListEntryRow.kind == row.kind, ListEntryRow.value == row.value,
                    ListEntryRow.removed_at_ms.is_not(None) | ~_lasting(),
                )
            )  # fmt: skip
            if gone is not None:
                session.delete(gone)  # its history is in the audit log
                session.flush()
            session.add(row)
            try:
                session.flush()
            except IntegrityError as error:
                raise Conflict("it stands on this list already", code="listed") from error
        refresh(services)
        return row


def remove(services: Services, actor: Actor, entry_id: str, why: str) -> None:
    """Take an entry off its list. Raises NotFound, BadInput, NotAllowed."""
    with audited(services, actor, Permission.LISTS_MANAGE, "list.remove", entry_id[:64], why=why[:200]) as said:
        if len(why.strip()) < 5:
            raise BadInput("say why in at least 5 characters")
        with recorded(services, said) as session:
            in_force(session.get(ListEntryRow, entry_id))
            gone = {"removed_at_ms": now_ms(), "removed_by": actor.name}
            move(session, entry_id, ListEntryRow.removed_at_ms.is_(None), gone, "it was removed already")
        refresh(services)


def overrides(services: Services, actor: Actor) -> Sequence[OverrideRow]:
    """Overrides proposed or in force, latest first. Raises NotAllowed."""
    with audited(services, actor, Permission.ALERTS_READ, "override.list"), transaction(services.engine) as session:
        query = select(OverrideRow).where(OverrideRow.ended_at_ms.is_(None), OverrideRow.expires_at_ms > now_ms())
        return session.scalars(query.order_by(OverrideRow.proposed_at_ms.desc()).limit(200)).all()


def propose_override(services: Services, actor: Actor, payer: str, payee: str, reason: str, days: int) -> OverrideRow:
    """Propose to let a payer pay a payee whatever soft blocks and scores say. Raises BadInput, NotAllowed."""
    with audited(
        services, actor, Permission.LISTS_MANAGE, "override.propose", payer[:64], payee=payee[:64], days=days
    ) as said:
        if not payer.strip() or not payee.strip() or max(len(payer), len(payee)) > 128:
            raise BadInput("name the payer and the payee")
        if not 5 <= len(reason.strip()) <= 500 or not 1 <= days <= MAX_OVERRIDE_DAYS:
            raise BadInput(say("say why in 5 to 500 characters, for 1 to {most} days", most=MAX_OVERRIDE_DAYS))
        now = now_ms()
        row = OverrideRow(
            id=fresh("override"), payer=payer.strip(), payee=payee.strip(), reason=reason.strip(),
            proposed_by_id=actor.id, proposed_by=actor.name, proposed_at_ms=now, approved_by="", approved_at_ms=None,
            expires_at_ms=now + days * DAY_MS, ended_at_ms=None,
        )  # fmt: skip
        with recorded(services, said) as session:
            session.add(row)
        return row


def decide_override(services: Services, actor: Actor, override_id: str, approve: bool) -> None:
    """Approve another person's override, or end one. Raises NotFound, NotAllowed for the proposer, Conflict."""
    with audited(
        services, actor, Permission.RULES_APPROVE, "override.decide", override_id[:64], approve=approve
    ) as said:
        with recorded(services, said) as session:
            row = session.get(OverrideRow, override_id)
            if row is None or row.ended_at_ms is not None:
                raise NotFound("there is no such override")
            if approve and row.proposed_by_id == actor.id:
                raise NotAllowed("an override is approved by somebody other than its proposer")
            now = now_ms()
            if approve and (row.approved_at_ms is not None or row.expires_at_ms <= now):
                raise Conflict("this override is decided or has expired", code="decided")
            still = [OverrideRow.id == override_id, OverrideRow.ended_at_ms.is_(None)]
            if row.approved_at_ms is None:
                still.append(OverrideRow.approved_at_ms.is_(None))  # what one saw undecided must still be undecided
            values = {"approved_by": actor.name, "approved_at_ms": now} if approve else {"ended_at_ms": now}
            if changed(session, update(OverrideRow).where(*still).values(values)) != 1:
                raise Conflict("somebody else has just decided on it", code="decided")
        refresh(services)


def refresh(services: Services) -> None:
    """Let scoring see changed lists at once, where this process scores."""
    if services.flight is not None and services.flight.ready:
        services.flight.use_watch(flight_network.read_watch(services, now_ms()))


def _entry(actor: Actor, wanted: Addition) -> ListEntryRow:
    value = wanted.value.strip()
    if wanted.list not in LISTS or wanted.kind not in KINDS:
        raise BadInput(f"list is one of {', '.join(LISTS)}, kind one of {', '.join(KINDS)}")
    if wanted.kind == "phone":
        value = numbers.attribute(value).e164 or value
    if not 1 <= len(value) <= 128 or not value.isprintable():
        raise BadInput("the value has 1 to 128 printable characters")
    if not 5 <= len(wanted.reason.strip()) <= 500 or not 0 <= wanted.days <= 3_650:
        raise BadInput("say why in 5 to 500 characters, for at most 3650 days")
    now = now_ms()
    return ListEntryRow(
        id=fresh("entry"), list=wanted.list, kind=wanted.kind, value=value, reason=wanted.reason.strip(),
        added_by=actor.name, added_at_ms=now, expires_at_ms=now + wanted.days * DAY_MS if wanted.days else None,
        removed_at_ms=None, removed_by="", close_state="", close_institution="", close_asked_ms=None,
        close_ended_ms=None, close_note="",
    )  # fmt: skip


def _lasting() -> ColumnElement[bool]:
    """Entries without an end, and those whose end has not come."""
    return ListEntryRow.expires_at_ms.is_(None) | (ListEntryRow.expires_at_ms > now_ms())


def move(session: Session, entry_id: str, seen: ColumnElement[bool], values: Mapping[str, Any], otherwise: str) -> None:
    """Change an entry that still is as it was `seen`. Raises Conflict, saying `otherwise`."""
    still = (ListEntryRow.id == entry_id, ListEntryRow.removed_at_ms.is_(None), seen)
    if changed(session, update(ListEntryRow).where(*still).values(values)) != 1:
        raise Conflict(otherwise, code="decided")


def in_force(row: ListEntryRow | None) -> ListEntryRow:
    """The entry, unless it was removed. Raises NotFound."""
    if row is None or row.removed_at_ms is not None:
        raise NotFound("there is no such entry")
    return row
