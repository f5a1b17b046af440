"""Signed messages from outside: verified, and taken once. Works inside the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.errors import Conflict
from outbox import signing
from outbox.signing import SignatureRefused
from outbox.tables import EndpointRow, ReceivedRow


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose sender is certain. `is_repeat` means it was taken before and must change nothing."""

    endpoint: str
    message_id: str
    is_repeat: bool


def take(
    session: Session, master: bytes, endpoint: str, headers: Mapping[str, str], body: bytes, now_ms: int
) -> Received:
    """Verify the endpoint's signature (of this key version or the one before) and remember the id.

    Raises SignatureRefused, also for an unknown endpoint; Conflict `id_reused` for a known id with another body.
    Ids are remembered for good, so that a message of any age counts once.
    """
    row = session.get(EndpointRow, endpoint)
    if row is None:
        raise SignatureRefused("unknown sender")
    message_id = signing.verify(signing.secrets_of(master, endpoint, row.key_version, "in"), headers, body, now_ms)
    digest = hashlib.sha256(body).hexdigest()
    # locked: two copies arriving at once are taken one after the other
    there = session.get(ReceivedRow, (endpoint, message_id), with_for_update=True)
    if there is not None:
        if there.body_sha256 != digest:
            raise Conflict(f"message id {message_id} was used for another message", code="id_reused")
        return Received(endpoint, message_id, True)
    session.add(ReceivedRow(endpoint=endpoint, message_id=message_id, at_ms=now_ms, body_sha256=digest, outcome=""))
    session.flush()
    return Received(endpoint, message_id, False)
