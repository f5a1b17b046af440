"""Asking the institution that keeps an illegal account to close it, and what it answers: by a person, or signed by its system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.db import transaction
from core.errors import BadInput, Conflict
from outbox import endpoints, queue
from outbox.model import Message, Outcome
from outbox.states import DeliveryState, DeliveryVerb
from outbox.tables import DeliveryRow
from scoring.tables import ListEntryRow
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services
from usecases.watch_lists import in_force, move

#: The message that asks, and the one that answers it.
KIND, ANSWER = "close_request", "close_answer"
OUTCOMES = ("closed", "refused", "not_found")
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class Institution:
    """One that can be asked by a signed message: the name of its endpoint and what people call it."""

    endpoint: str
    title: str


def institutions(services: Services, actor: Actor) -> list[Institution]:
    """Who can be asked by message, in order of name. Raises NotAllowed."""
    actor.need(Permission.LISTS_MANAGE)
    with transaction(services.engine) as session:
        return [Institution(item.name, item.title) for item in endpoints.everything(session) if item.is_enabled]


def ask(services: Services, actor: Actor, entry_id: str, institution: str, endpoint: str = "") -> None:
    """Record that the institution was asked to close an illegal account; with an endpoint it is sent the request.

    Raises NotFound (entry, endpoint), Conflict when it was asked already, BadInput, NotAllowed.
    """
    with audited(
        services, actor, Permission.LISTS_MANAGE, "list.ask_to_close", entry_id[:64], institution=institution[:64],
        endpoint=endpoint[:64],
    ) as said, recorded(services, said) as session:  # fmt: skip
        row, now = in_force(session.get(ListEntryRow, entry_id)), now_ms()
        if (row.list, row.kind) != ("illegal", "account"):
            raise BadInput("only an account on the list of illegal ones is asked to be closed")
        name = institution.strip() or (endpoints.get(session, endpoint).title if endpoint else "")
        if not 2 <= len(name) <= 128:
            raise BadInput("name the institution that keeps the account")
        asked = {
            "close_state": "asked", "close_institution": name, "close_asked_ms": now, "close_ended_ms": None,
            "close_note": "",
        }  # fmt: skip
        free = ListEntryRow.close_state.notin_(("asked", "closed"))
        move(session, entry_id, free, asked, "the institution was asked already")
        if endpoint:
            endpoints.get(session, endpoint)
            body = {"kind": KIND, "entry_id": row.id, "account": row.value, "reason": row.reason, "asked_at_ms": now}
            text = json.dumps(body, ensure_ascii=False, sort_keys=True)
            queue.enqueue(session, Message(endpoint, KIND, row.id, f"{row.id}/close/{now}", text), now)


def record(services: Services, actor: Actor, entry_id: str, outcome: str, note: str) -> None:
    """A person records what the institution answered. Raises NotFound, Conflict when it was not asked, BadInput."""
    with audited(
        services, actor, Permission.LISTS_MANAGE, "list.close_outcome", entry_id[:64], outcome=outcome[:16]
    ) as said:
        if outcome not in OUTCOMES or len(note) > MAX_NOTE:
            raise BadInput(f"the outcome is one of {', '.join(OUTCOMES)}")
        with recorded(services, said) as session:
            in_force(session.get(ListEntryRow, entry_id))
            _end(session, entry_id, outcome, note, now_ms())


def take_answer(session: Session, endpoint: str, said: Mapping[str, Any], now: int) -> str:
    """An institution's signed answer to the request it got last; returns `applied`, or `late` when no request is open.

    Raises BadInput naming the field, or for an entry this endpoint was not asked about.
    """
    entry_id, outcome, note = (_text(said, name) for name in ("entry_id", "outcome", "note"))
    if outcome not in OUTCOMES:
        raise BadInput(f"outcome must be one of {', '.join(OUTCOMES)}", code="bad_message")
    asked = session.scalar(
        select(DeliveryRow).where(DeliveryRow.kind == KIND, DeliveryRow.subject == entry_id)
        .order_by(DeliveryRow.created_at_ms.desc(), DeliveryRow.id.desc()).limit(1)
    )  # fmt: skip
    if asked is None or asked.endpoint != endpoint:
        # the same word for both: an institution does not learn of others' accounts
        raise BadInput("there is no such close request for this endpoint", code="unknown_entry")
    _arrived(session, asked.id, now)
    row = session.get(ListEntryRow, entry_id)
    if row is None or row.removed_at_ms is not None:
        return "late"
    try:
        _end(session, entry_id, outcome, note, now)
    except Conflict:
        return "late"
    return "applied"


def _end(session: Session, entry_id: str, outcome: str, note: str, now: int) -> None:
    ended = {"close_state": outcome, "close_ended_ms": now, "close_note": note.strip()}
    move(session, entry_id, ListEntryRow.close_state == "asked", ended, "no close request is open")


def _arrived(session: Session, delivery_id: str, now: int) -> None:
    """Who answers a request has got it, whatever was known of its delivery."""
    delivery = queue.get(session, delivery_id)
    if delivery.state is DeliveryState.UNKNOWN:
        queue.settle(session, delivery, Outcome(DeliveryVerb.FIND, "the institution answered"), now)
    elif delivery.state is DeliveryState.QUEUED:
        queue.cancel(session, delivery.id, now, "the institution answered already")


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name, "" if name == "note" else None)
    if not isinstance(found, str) or len(found) > MAX_NOTE:
        raise BadInput(f"{name} must be text of at most {MAX_NOTE} characters", code="bad_message")
    return found
