"""Changes of endpoints by two persons: one proposes, another approves what they have seen. Works in the caller's transaction.

Until the approval everything goes where it went. Of the two secrets the proposer takes the one the other side signs with, the
approver the one Ringtrace signs with, each once: nobody alone can speak for both.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.db import changed
from core.errors import Conflict, NotAllowed, NotFound
from core.ids import fresh
from outbox import endpoints, queue
from outbox.endpoint_proposal import Change, Wanted, change_of, check, seen, values_of
from outbox.model import Endpoint, Message
from outbox.states import DeliveryState
from outbox.tables import DeliveryRow, EndpointChangeRow

#: Tells the place an endpoint has left, and the place it is at now.
LEFT, NOTICE = "endpoint_left", "endpoint_notice"
_UNDER_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNKNOWN)


def propose(session: Session, wanted: Wanted, by_id: str, by: str, now_ms: int) -> Change:
    """Propose, or edit one's own proposal that waits, which raises its version.

    Raises BadInput naming the field, NotFound, Conflict `change_waits` while somebody else's waits for this endpoint.
    """
    now = endpoints.find(session, wanted.endpoint)
    check(wanted, now)
    row = session.scalar(
        select(EndpointChangeRow).where(
            EndpointChangeRow.endpoint == wanted.endpoint, EndpointChangeRow.state == "proposed"
        )
    )
    if row is not None and row.expires_at_ms <= now_ms:
        _decide(session, row, "expired", "", "", now_ms, "nobody decided in time")
        row = None
    values = values_of(wanted, now, now_ms)
    if row is None:
        row = EndpointChangeRow(
            id=fresh("change"), endpoint=wanted.endpoint, state="proposed", proposed_by_id=by_id, proposed_by=by, **values
        )  # fmt: skip
        session.add(row)
        session.flush()
    elif row.proposed_by_id != by_id:
        raise Conflict(
            f"a change of {wanted.endpoint} by {row.proposed_by} waits already: decide on it first", code="change_waits"
        )
    else:
        _swap(session, row, {**values, "version": row.version + 1})
    return change_of(row)


def approve(session: Session, change_id: str, version: int, by_id: str, by: str, now_ms: int) -> Change:
    """Carry the change out as a second person who saw this `version` of it; the places concerned are told.

    Raises NotFound; NotAllowed for the proposer; Conflict when it was edited, decided or has expired, when the endpoint
    is no longer as the proposer saw it, or when deliveries to an endpoint to be removed are under way.
    """
    row = _row(session, change_id)
    if row.proposed_by_id == by_id:
        raise NotAllowed("somebody else must decide on your proposal", code="own_proposal")
    _need_open(row, now_ms)
    if row.version != version:
        raise Conflict("the proposal was edited after you looked at it: look again", code="change_edited")
    there = endpoints.find(session, row.endpoint)
    if seen(there) != (row.was_title, row.was_channel, row.was_address, row.was_key_version):
        raise Conflict("the endpoint has changed since this was proposed: propose it again", code="change_outdated")
    _decide(session, row, "approved", by_id, by, now_ms, "")
    row.key_version = _carry_out(session, row, now_ms)
    session.flush()
    _tell(session, row, now_ms)
    return change_of(row)


def reject(session: Session, change_id: str, by_id: str, by: str, now_ms: int, note: str) -> Change:
    """Refuse somebody else's proposal, or withdraw one's own. Raises NotFound, Conflict."""
    row = _row(session, change_id)
    _need_open(row, now_ms)
    state = "withdrawn" if row.proposed_by_id == by_id else "rejected"
    _decide(session, row, state, by_id, by, now_ms, note.strip()[:500])
    return change_of(row)


def take_secret(session: Session, change_id: str, by_id: str, now_ms: int) -> tuple[Change, str]:
    """The change and the direction of the secret this person takes with it: once.

    Raises NotFound; NotAllowed for anybody but proposer and approver; Conflict when it was shown, or is no longer in use.
    """
    row = _row(session, change_id)
    if by_id not in (row.proposed_by_id, row.decided_by_id) or row.state != "approved":
        raise NotAllowed("only who proposed and who approved this change may see a secret of it", code="not_allowed")
    direction = change_of(row).secret_for(by_id)
    there = endpoints.find(session, row.endpoint)
    if direction is None or there is None or there.key_version != row.key_version:
        raise Conflict("this secret was shown already or is no longer in use: propose new ones", code="secret_shown")
    column = EndpointChangeRow.shown_out_at_ms if direction == "out" else EndpointChangeRow.shown_in_at_ms
    taken = update(EndpointChangeRow).where(EndpointChangeRow.id == row.id, column.is_(None)).values({column: now_ms})
    if changed(session, taken) != 1:
        raise Conflict("this secret was shown already or is no longer in use: propose new ones", code="secret_shown")
    session.refresh(row)
    return change_of(row), direction


def latest(session: Session, limit: int = 30) -> list[Change]:
    """Those that wait first, then the latest."""
    waits = EndpointChangeRow.state == "proposed"
    query = select(EndpointChangeRow).order_by(waits.desc(), EndpointChangeRow.id.desc()).limit(limit)
    return [change_of(row) for row in session.scalars(query)]


def place_left(session: Session, change_id: str) -> Endpoint | None:
    """Where the endpoint was before a change, as a place to tell so; None for an unknown change."""
    row = session.get(EndpointChangeRow, change_id)
    if row is None or not row.was_address:
        return None
    return Endpoint(row.endpoint, row.was_title, row.was_channel, row.was_address, row.was_key_version, True)


def _need_open(row: EndpointChangeRow, now_ms: int) -> None:
    if row.state != "proposed":
        raise Conflict(f"this change is {row.state} already", code="change_decided")
    if row.expires_at_ms <= now_ms:
        raise Conflict("nobody decided on this change in time: propose it again", code="change_expired")


def _decide(session: Session, row: EndpointChangeRow, state: str, by_id: str, by: str, now_ms: int, note: str) -> None:
    _swap(
        session, row,
        {"state": state, "decided_by_id": by_id, "decided_by": by, "decided_at_ms": now_ms, "decision_note": note},
    )  # fmt: skip


def _swap(session: Session, row: EndpointChangeRow, values: dict[str, Any]) -> None:
    """Compare and swap on state and version: of two who decide, or one who decides and one who edits, one is first."""
    still = (
        EndpointChangeRow.id == row.id, EndpointChangeRow.state == "proposed", EndpointChangeRow.version == row.version,
    )  # fmt: skip
    if changed(session, update(EndpointChangeRow).where(*still).values(values)) != 1:
        raise Conflict("somebody else has just changed this proposal: look again", code="change_decided")
    session.refresh(row)


def _carry_out(session: Session, row: EndpointChangeRow, now_ms: int) -> int:
    """Returns the version of the secrets from now on."""
    if row.action == "rotate":
        return endpoints.raise_key(session, row.endpoint).key_version
    if row.action == "remove":
        _need_quiet(session, row.endpoint)
        endpoints.remove(session, row.endpoint)
        return row.was_key_version
    last = session.scalar(
        select(func.max(EndpointChangeRow.key_version)).where(EndpointChangeRow.endpoint == row.endpoint)
    )
    # a name that comes back has secrets of its own: neither those of the removed endpoint nor the ones beside them
    first = last + 2 if last else 1
    return endpoints.put(
        session, row.endpoint, row.title, row.channel, row.address, now_ms, first_version=first
    ).key_version


def _need_quiet(session: Session, endpoint: str) -> None:
    query = (
        select(func.count())
        .select_from(DeliveryRow)
        .where(
            DeliveryRow.endpoint == endpoint, DeliveryRow.state.in_(_UNDER_WAY), DeliveryRow.kind.not_in((LEFT, NOTICE))
        )
    )
    count = session.scalar(query) or 0
    if count:
        raise Conflict(f"{count} deliveries to {endpoint} are under way: wait for their end", code="deliveries_open")


def _tell(session: Session, row: EndpointChangeRow, now_ms: int) -> None:
    """The old place and the place from now on both learn of the change, so that a redirection nobody wanted is noticed."""
    if row.action == "new":
        return  # its secrets are not typed in yet
    body = json.dumps(
        {
            "kind": NOTICE, "change_id": row.id, "endpoint": row.endpoint, "action": row.action,
            "was": {"channel": row.was_channel, "address": row.was_address},
            "now": None if row.action == "remove" else {
                "channel": row.channel or row.was_channel, "address": row.address or row.was_address
            },
            "at_ms": now_ms,
        },
        ensure_ascii=False,
    )  # fmt: skip
    moved = row.action == "move" and (row.channel, row.address) != (row.was_channel, row.was_address)
    if moved or row.action == "remove":
        queue.enqueue(session, Message(row.endpoint, LEFT, row.id, f"{row.id}-left", body), now_ms)
    if row.action != "remove":
        queue.enqueue(session, Message(row.endpoint, NOTICE, row.id, f"{row.id}-now", body), now_ms)


def _row(session: Session, change_id: str) -> EndpointChangeRow:
    row = session.get(EndpointChangeRow, change_id)
    if row is None:
        raise NotFound("there is no such change")
    return row
