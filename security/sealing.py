"""Sealed fields: AES-256-GCM with the row's own name as associated data, so that a sealed value fits its row alone.

A sealed value is `v1.<base64 of nonce and ciphertext>`. `mac` finds a secret again without keeping it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import NotConfigured

_PREFIX = "v1."
_NONCE = 12
#: Crockford's base 32 without letters that look like digits: a code is read out over the phone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def seal(key: bytes, place: str, text: str) -> str:
    """`text` sealed for `place` (table.column|row id)."""
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(_part(key, "seal")).encrypt(nonce, text.encode(), place.encode())
    return _PREFIX + base64.b64encode(sealed).decode()


def unseal(key: bytes, place: str, sealed: str) -> str:
    """The text sealed for `place`. Raises NotConfigured when the key is another, or the value of another place."""
    try:
        raw = base64.b64decode(sealed.removeprefix(_PREFIX))
        return AESGCM(_part(key, "seal")).decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
    except (InvalidTag, ValueError):
        raise NotConfigured(
            "a sealed field does not open with this key: restore sealing.key", code="seal_broken"
        ) from None


def mac(key: bytes, purpose: str, text: str) -> str:
    """A keyed hash to find `text` by, 64 hex digits; looking it up tells nothing by its time."""
    return hmac.new(_part(key, purpose), text.encode(), hashlib.sha256).hexdigest()


def new_code() -> str:
    """A code of 80 random bits in four groups, for people."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def normal_code(typed: str) -> str:
    """A code as typed, in the form it is kept by: O is 0, I and L are 1, blanks and dashes do not count."""
    plain = "".join(char for char in typed.upper() if char.isalnum())[:32]
    return plain.translate(str.maketrans("OIL", "011"))


def _part(key: bytes, purpose: str) -> bytes:
    return hmac.new(key, f"ringtrace/{purpose}".encode(), hashlib.sha256).digest()
