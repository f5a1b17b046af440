"""Stable identifiers: derived ones are hashes of what they name, fresh ones sort by time."""

from __future__ import annotations

import hashlib
import secrets
import time


def derived(*parts: object) -> str:
    """A 128-bit hex id that is the same for the same parts, whatever the machine or run."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def fresh(prefix: str) -> str:
    """A new unique id `<prefix>-<time><random>`; ids made later sort later."""
    return f"{prefix}-{time.time_ns() // 1_000_000:011x}{secrets.token_hex(5)}"
