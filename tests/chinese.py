"""Sentences as a Chinese reader gets them, and what of them is still English."""

from __future__ import annotations

import re
from functools import cache

from core.message import Said, render
from webui.catalogue import read_words

#: Latin words that stand in Chinese sentences as they are: currencies and names of technical things.
NAMES = frozenset({"CNY", "USD", "SIM", "IP", "GoIP", "POS"})
_LATIN = re.compile(r"[A-Za-z][A-Za-z_]+")


@cache
def _words() -> dict[str, str]:
    return {message.id: message.string for message in read_words() if isinstance(message.id, str)}


def translate(template: str) -> str:
    """The Chinese template. Raises KeyError for one without Chinese words."""
    return _words()[template] if template != ", " else _words().get(template, template)


def english_left(text: str, data: frozenset[str] = frozenset()) -> list[str]:
    """Latin words of a sentence rendered in Chinese that are neither NAMES nor `data`; all words of a text that is no sentence."""
    shown = render(text, translate) if isinstance(text, Said) else f"not a sentence: {text}"
    return [word for word in _LATIN.findall(shown) if word not in NAMES and word not in data]
