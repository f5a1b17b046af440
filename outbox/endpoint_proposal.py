"""One proposed change of an endpoint: what may be asked for, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.clock import HOUR_MS
from core.errors import BadInput, Conflict, NotFound
from outbox import endpoints
from outbox.model import Endpoint
from outbox.tables import EndpointChangeRow

ACTIONS = ("new", "move", "rotate", "remove")
#: Nobody remembers for longer why it was proposed; it is proposed again.
OPEN_MS = 72 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a proposer wants. `action` is one of ACTIONS; title, channel and address count for new and move only."""

    endpoint: str
    action: str
    why: str
    title: str = ""
    channel: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One proposal as it stands. `state` is proposed, approved, rejected, withdrawn or expired."""

    id: str
    endpoint: str
    action: str
    title: str
    channel: str
    address: str
    why: str
    was_title: str
    was_channel: str
    was_address: str
    version: int
    state: str
    proposed_by_id: str
    proposed_by: str
    proposed_at_ms: int
    expires_at_ms: int
    decided_by_id: str
    decided_by: str
    decided_at_ms: int | None
    decision_note: str
    key_version: int
    shown_out_at_ms: int | None
    shown_in_at_ms: int | None

    def secret_for(self, person_id: str) -> str | None:
        """The direction of the secret this person may still take, None for nobody's and for one taken."""
        if self.state != "approved" or self.action not in ("new", "rotate"):
            return None
        if person_id == self.decided_by_id:
            return "out" if self.shown_out_at_ms is None else None
        return "in" if person_id == self.proposed_by_id and self.shown_in_at_ms is None else None


def check(wanted: Wanted, now: Endpoint | None) -> None:
    """Raises BadInput naming what is wrong, NotFound, or Conflict, for what cannot be proposed with the endpoint as it is."""
    if wanted.action not in ACTIONS:
        raise BadInput(f"action must be one of {', '.join(ACTIONS)}")
    if not 5 <= len(wanted.why.strip()) <= 500:
        raise BadInput("say in 5 to 500 characters why")
    if wanted.action in ("new", "move"):
        endpoints.check(wanted.endpoint, wanted.channel, wanted.address)
    if wanted.action == "new":
        if now is not None:
            raise Conflict(f"there is an endpoint {wanted.endpoint!r} already: change it", code="endpoint_taken")
        return
    if now is None:
        raise NotFound(f"there is no endpoint {wanted.endpoint[:64]!r}")
    same = (endpoints.titled(wanted.title, now.name), wanted.channel, wanted.address)
    if wanted.action == "move" and same == (now.title, now.channel, now.address):
        raise BadInput("nothing would change: the endpoint has this title, channel and address", code="nothing_changes")


def values_of(wanted: Wanted, now: Endpoint | None, now_ms: int) -> dict[str, Any]:
    """The columns of a proposal: what is wanted, and the endpoint as the proposer saw it."""
    placed = wanted.action in ("new", "move")
    was_title, was_channel, was_address, was_key_version = seen(now)
    return {
        "action": wanted.action, "why": wanted.why.strip(),
        "title": endpoints.titled(wanted.title, wanted.endpoint) if placed else "",
        "channel": wanted.channel if placed else "", "address": wanted.address if placed else "",
        "was_title": was_title, "was_channel": was_channel, "was_address": was_address,
        "was_key_version": was_key_version, "proposed_at_ms": now_ms, "expires_at_ms": now_ms + OPEN_MS,
    }  # fmt: skip


def seen(endpoint: Endpoint | None) -> tuple[str, str, str, int]:
    """(title, channel, address, key version) by which it is told whether an endpoint has changed since."""
    if endpoint is None:
        return "", "", "", 0
    return endpoint.title, endpoint.channel, endpoint.address, endpoint.key_version


def change_of(row: EndpointChangeRow) -> Change:
    """The row as a frozen value."""
    return Change(
        row.id, row.endpoint, row.action, row.title, row.channel, row.address, row.why, row.was_title, row.was_channel,
        row.was_address, row.version, row.state, row.proposed_by_id, row.proposed_by, row.proposed_at_ms,
        row.expires_at_ms, row.decided_by_id, row.decided_by, row.decided_at_ms, row.decision_note, row.key_version,
        row.shown_out_at_ms, row.shown_in_at_ms,
    )  # fmt: skip
