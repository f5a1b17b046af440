"""What of a value may be shown: masked by its privacy class, with invisible characters made visible."""

from __future__ import annotations

import unicodedata

LONGEST_SHOWN = 80


def visible(text: str, limit: int = LONGEST_SHOWN) -> str:
    r"""`text` on one line with control, zero-width and direction characters written as `\u200b`, cut at `limit`."""
    shown = "".join(
        char if unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} else escaped(char)
        for char in text[:limit]
    )
    return shown + "…" if len(text) > limit else shown


def mask(text: str, privacy: str) -> str:
    """`text` as it may be shown for a privacy class (`public`, `internal`, `personal`, `sensitive`).

    Personal values keep their ends when long enough to stay unguessable (`6222*********0123`), sensitive ones only
    their length. Anything else is shown whole; the result is always `visible`.
    """
    if not text or privacy in {"public", "internal"}:
        return visible(text)
    if privacy == "personal" and len(text) >= 12:
        return visible(f"{text[:4]}{'*' * min(len(text) - 8, 24)}{text[-4:]}")
    if privacy == "personal":
        return visible(f"{text[:1]}{'*' * (len(text) - 1)}")
    return f"({len(text)} characters)"


def escaped(char: str) -> str:
    """A character by its number, like `\\u202e`."""
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
