"""Stable identifiers: derived ones are hashes of what they name, fresh ones sort by time."""

from __future__ import annotations

import hashlib
import os
import secrets
import time


def derived(*parts: object) -> str:
    """A 128-bit hex id that is the same for the same parts, whatever the machine or run."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


_SIZE, _AT_ONCE = 10, 256
_random: list[str] = []


def fresh(prefix: str) -> str:
    """A new unique id `<prefix>-<time><random>`; ids made later sort later. It is no secret."""
    try:
        random = _random.pop()
    except IndexError:
        random = _drawn()
    return f"{prefix}-{time.time_ns() // 1_000_000:011x}{random}"


def _drawn() -> str:
    """Randomness for many ids at once: each call to the system lets go of the interpreter, in the middle of somebody's work."""
    text = secrets.token_hex(_SIZE // 2 * _AT_ONCE)
    _random.extend(text[at : at + _SIZE] for at in range(_SIZE, len(text), _SIZE))
    return text[:_SIZE]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.clear)  # two processes never draw the same
