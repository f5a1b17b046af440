"""What a verifier is: it says what the bank must do, and judges what the bank brings back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from core.registry import catalog as find


@dataclass(frozen=True, slots=True)
class Task:
    """One verification: `told` is for the bank (once), `expected` is what is kept: never the secret itself."""

    told: dict[str, str]
    expected: str


@dataclass(frozen=True, slots=True)
class Verifier:
    """`begin()` makes a task, `accepts(expected, answer)` judges an answer of at most 200 characters."""

    name: str
    title: str
    begin: Callable[[], Task]
    accepts: Callable[[str, str], bool]
    tries: int = 3
    good_for_s: int = 600
    for_tests: bool = False


@cache
def catalog() -> dict[str, Verifier]:
    """All verifiers by name, the one for tests too."""
    from scoring import verifiers

    return find(verifiers, "VERIFIER")


def sealed(secret: str) -> str:
    """A salted hash of a short secret; tries and time are limited, so that it cannot be guessed through."""
    salt = secrets.token_hex(16)
    return f"{salt}:{_hash(salt, secret)}"


def opens(expected: str, secret: str) -> bool:
    """Whether this is the sealed secret."""
    salt, _, kept = expected.partition(":")
    return hmac.compare_digest(kept, _hash(salt, secret))


def _hash(salt: str, secret: str) -> str:
    return hashlib.scrypt(secret.encode(), salt=salt.encode(), n=1024, r=8, p=1).hex()[:64]
