"""Sentences as a Chinese reader gets them, and what of them is still English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from algorithms._base import Found
from core.message import Amount, Said, Span, Value, render, say
from graph.sentences import texts_of
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


def without_data(text: Said) -> Said:
    """The sentence with its data (ids, names, regions: what is never translated) left out."""
    return say(text.template, **{name: _blank(value) for name, value in text.values.items()})


def _blank(value: Value) -> Value:
    if isinstance(value, Said):
        return without_data(value)
    if isinstance(value, str):
        return ""
    return value if isinstance(value, int | float | Amount | Span) else [_blank(one) for one in value]


def sentences(found: Found) -> list[str]:
    """Every text of a finding that people read: title, for and against, members' reasons, sentences of the details."""
    members = [member.reason for member in found.members if member.reason]
    return [found.title, *found.reasons, *found.against, *members, *texts_of(found.details)]


def untold(found: Iterable[Found]) -> dict[str, list[str]]:
    """Texts of findings that a Chinese reader would not read in Chinese, with what of them is English."""
    texts = {text for item in found for text in sentences(item)}
    left = {str(text): english_left(without_data(text) if isinstance(text, Said) else text) for text in texts}
    return {text: words for text, words in left.items() if words}
