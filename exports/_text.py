"""Text made safe to show: what cannot be seen, or would reorder its neighbours, is written out as `\\uXXXX`."""

from __future__ import annotations

import unicodedata

from core.masking import escaped

#: Letters by Unicode class, yet drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_KEPT = frozenset("\t\n\r")
_ZERO_WIDTH_JOINER = "\u200d"


def visible(text: str) -> str:
    """`text` with control, zero-width, right-to-left and unpaired characters as `\\uXXXX`; emoji sequences stay whole.

    Tab and line ends are kept. The result is always valid UTF-8 and valid in XML 1.0.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        escaped(char) if _hidden(char) and not _joins_emoji(text, index) else char for index, char in enumerate(text)
    )


def _hidden(char: str) -> bool:
    if char in _KEPT:
        return False
    category = unicodedata.category(char)
    return category in {"Cc", "Cf", "Cs", "Zl", "Zp"} or char in _BLANK or (category == "Cn" and is_noncharacter(char))


def is_noncharacter(char: str) -> bool:
    """Whether Unicode will never assign this code point; other unassigned ones may be new rare Han and stay."""
    return 0xFDD0 <= ord(char) <= 0xFDEF or ord(char) & 0xFFFE == 0xFFFE


def _joins_emoji(text: str, index: int) -> bool:
    """Whether this is a joiner between two pictures, as in a family emoji."""
    if text[index] != _ZERO_WIDTH_JOINER or not 0 < index < len(text) - 1:
        return False
    before, after = unicodedata.category(text[index - 1]), unicodedata.category(text[index + 1])
    return before in {"So", "Sk", "Mn"} and after in {"So", "Sm"}
