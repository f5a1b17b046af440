"""Sentences of findings, rules and limits in the reader's language. Scripts read them in English unless they ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import get_translations

from core.message import render
from graph.sentences import rendered
from webui.context import once_a_request

#: A request header of the JSON API: the reader's own language, not the English of scripts, for findings' sentences.
HEADER = "Ringtrace-Sentences"
READERS = "reader"


def translate(template: str) -> str:
    """A template in the language of this request's reader, itself where there are no words for it."""
    return once_a_request("sentence", template, lambda english: str(get_translations().ugettext(english)))


def said(text: Any) -> Any:
    """A text as its reader reads it; what is no sentence stays as it is."""
    return render(text, translate) if isinstance(text, str) else text


def asked(text: str) -> str:
    """A text of an API's answer: English, or in the reader's language where the request asks for that."""
    return str(said(text)) if _asks() else text


def asked_all(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties in an API's answer, see `asked`."""
    return rendered(properties, translate) if _asks() else dict(properties)


def _asks() -> bool:
    return request.headers.get(HEADER) == READERS
