"""Changes of endpoints: proposed by one administrator, approved by another, and each one's secret taken once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from core.clock import now_ms
from core.errors import Conflict
from outbox import endpoint_changes, signing
from outbox.endpoint_proposal import Change, Wanted
from scoring.tables import BankWebhookRow
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.deliveries import master_key
from usecases.services import Services

_P = Permission.DELIVERIES_MANAGE


@dataclass(frozen=True, slots=True)
class Secret:
    """One of an endpoint's two secrets, to type in on the other side. `direction` out: Ringtrace signs with it."""

    change: Change
    direction: str
    text: str


def propose(services: Services, actor: Actor, wanted: Wanted) -> Change:
    """Propose a change, or edit one's own that waits. See outbox.endpoint_changes.propose. Raises NotAllowed."""
    with audited(
        services, actor, _P, "endpoint.propose", wanted.endpoint[:64], action=wanted.action, channel=wanted.channel,
        address=wanted.address[:500], why=wanted.why[:200],
    ) as said:  # fmt: skip
        with recorded(services, said) as session:
            made = endpoint_changes.propose(session, wanted, actor.id, actor.name, now_ms())
            said.update(change=made.id, version=made.version)
        return made


def approve(services: Services, actor: Actor, change_id: str, version: int) -> Change:
    """Carry out somebody else's proposal as seen in this version. See outbox.endpoint_changes.approve.

    Raises Conflict `endpoint_used` for the removal of an endpoint that hold outcomes of a key go to.
    """
    with audited(services, actor, _P, "endpoint.approve", change_id[:64], version=version) as said:
        with recorded(services, said) as session:
            made = endpoint_changes.approve(session, change_id, version, actor.id, actor.name, now_ms())
            if made.action == "remove":
                key = session.scalar(select(BankWebhookRow.key_id).where(BankWebhookRow.endpoint == made.endpoint))
                if key is not None:
                    raise Conflict(
                        f"outcomes of {key} go to {made.endpoint}: send them elsewhere first", code="endpoint_used"
                    )
            said.update(
                endpoint=made.endpoint, action=made.action, was=made.was_address, address=made.address,
                key_version=made.key_version,
            )  # fmt: skip
        return made


def reject(services: Services, actor: Actor, change_id: str, note: str = "") -> Change:
    """Refuse somebody else's proposal, or withdraw one's own. Raises NotFound, Conflict, NotAllowed."""
    with audited(services, actor, _P, "endpoint.reject", change_id[:64], note=note[:200]) as said:
        with recorded(services, said) as session:
            made = endpoint_changes.reject(session, change_id, actor.id, actor.name, now_ms(), note)
            said.update(endpoint=made.endpoint, state=made.state)
        return made


def take_secret(services: Services, actor: Actor, change_id: str) -> Secret:
    """The one secret this person may see of an approved change, once. Raises NotFound, NotAllowed, Conflict."""
    with audited(services, actor, _P, "endpoint.secret", change_id[:64]) as said:
        with recorded(services, said) as session:
            change, direction = endpoint_changes.take_secret(session, change_id, actor.id, now_ms())
            said.update(endpoint=change.endpoint, direction=direction, key_version=change.key_version)
        secret = signing.secret_of(master_key(services), change.endpoint, change.key_version, direction)
        return Secret(change, direction, signing.shown(secret))
