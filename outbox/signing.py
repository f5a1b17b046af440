"""Signatures of messages that leave and arrive: HMAC-SHA256 over id, timestamp and body, as Standard Webhooks writes it.

The signed text is `<id>.<timestamp in seconds>.<body>`; headers are `webhook-id`, `webhook-timestamp` and
`webhook-signature: v1,<base64>` (https://www.standardwebhooks.com). A message older or newer than TOLERANCE_S is refused;
inside it, the receiver remembers ids (outbox/receiving.py).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from core.errors import RingtraceError

TOLERANCE_S = 300
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
MAX_ID = 128


class SignatureRefused(RingtraceError):
    """A message whose signature, time or id is not right; the reason is for the log, the sender learns only this."""

    status = 401
    code = "signature_refused"


def secret_of(master: bytes, endpoint: str, version: int, direction: str = "out") -> bytes:
    """The endpoint's 32-byte secret, derived from the installation's key: nothing to store, one version to raise.

    `direction` is out for what Ringtrace signs and in for what the endpoint signs, so that neither can be reflected.
    """
    return hmac.new(master, f"ringtrace/{direction}/{endpoint}/{version}".encode(), hashlib.sha256).digest()


def shown(secret: bytes) -> str:
    """The secret as the other side types it in: `whsec_<base64>`."""
    return "whsec_" + base64.b64encode(secret).decode()


def secrets_of(master: bytes, endpoint: str, version: int, direction: str = "out") -> list[bytes]:
    """The secret in use and the one before it: while the other side types the new one in, both are good."""
    versions = [version, version - 1] if version > 1 else [version]
    return [secret_of(master, endpoint, each, direction) for each in versions]


def sign(secret: bytes, message_id: str, at_ms: int, body: bytes, *before: bytes) -> dict[str, str]:
    """The three headers of a message, signed with `secret` and with those `before` it, parted by spaces."""
    seconds = str(at_ms // 1000)
    signed = " ".join(f"v1,{_mac(each, message_id, seconds, body)}" for each in (secret, *before))
    return {ID: message_id, TIMESTAMP: seconds, SIGNATURE: signed}


def verify(secrets: Iterable[bytes], headers: Mapping[str, str], body: bytes, now_ms: int) -> str:
    """The id of a message signed with one of `secrets` (several while a key is replaced). Raises SignatureRefused."""
    given = {name.lower(): value for name, value in headers.items()}
    message_id, seconds = given.get(ID, ""), given.get(TIMESTAMP, "")
    if not 1 <= len(message_id) <= MAX_ID or not message_id.isascii() or not message_id.isprintable():
        raise SignatureRefused(f"{ID} must be 1 to {MAX_ID} printable ASCII characters")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise SignatureRefused(f"{TIMESTAMP} must be seconds since 1970")
    if abs(now_ms // 1000 - int(seconds)) > TOLERANCE_S:
        raise SignatureRefused(f"{TIMESTAMP} is more than {TOLERANCE_S} s away from the clock here")
    offered = [part[3:] for part in given.get(SIGNATURE, "").split(" ") if part.startswith("v1,")]
    good = False
    for secret in secrets:
        right = _mac(secret, message_id, seconds, body).encode()
        for part in offered[:5]:
            good |= hmac.compare_digest(right, part.encode())
    if not good:
        raise SignatureRefused("the signature does not fit id, timestamp and body")
    return message_id


def _mac(secret: bytes, message_id: str, seconds: str, body: bytes) -> str:
    text = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
