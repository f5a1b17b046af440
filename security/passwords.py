"""Passwords: argon2id hashes, the rule for new ones, and one-time ones."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import BadInput

MIN_LENGTH = 12
MAX_LENGTH = 128
_MIN_DISTINCT = 6
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
_COMMON = ("password", "qwertyuiop", "123456789", "iloveyou", "administrator", "letmein", "woaini1314", "5201314")
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Argon2id hash with its salt and cost parameters in the text."""
    return _HASHER.hash(_normal(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hashed one; `None` takes the same time and is false."""
    if len(password) > MAX_LENGTH:
        password = ""
    decoy = _decoy()  # asked for whoever signs in first, known or not: a third of a second, not spent at import
    try:
        return _HASHER.verify(password_hash or decoy, _normal(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """Verified for unknown names, so that an answer takes as long whether or not the person exists."""
    return _HASHER.hash(secrets.token_urlsafe(16))


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def check_new(password: str, *, name: str) -> None:
    """Raise BadInput `weak_password` with the reason unless the password may be used by this person."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(f"use a password of {MIN_LENGTH} to {MAX_LENGTH} characters", code="weak_password")
    folded = _normal(password).casefold()
    if name.casefold() in folded:
        raise BadInput("the password must not contain the sign-in name", code="weak_password")
    if len(set(folded)) < _MIN_DISTINCT or any(
        folded.startswith(word) and len(folded) - len(word) < 5 for word in _COMMON
    ):
        raise BadInput("this password is too easy to guess: use several unrelated words", code="weak_password")


def one_time() -> str:
    """A random password of 20 letters and digits (about 114 bits), without look-alikes, in groups of five."""
    letters = [secrets.choice(_ALPHABET) for _ in range(20)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))


def _normal(password: str) -> str:
    """The form that is hashed, so that composed and decomposed input methods give the same password."""
    return unicodedata.normalize("NFKC", password)
