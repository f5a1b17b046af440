"""English and Chinese: which one a request gets."""

from __future__ import annotations

from flask import Flask, request, session
from flask_babel import Babel

from webui.catalogue import compile_words
from webui.context import person

LANGUAGES = {"en": "English", "zh": "中文"}


def choose() -> str:
    """The person's own choice, else this browser session's, else what the browser asks for, else English."""
    found = person()
    if found is not None and found.language in LANGUAGES:
        return found.language
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    return request.accept_languages.best_match(list(LANGUAGES), "en") or "en"


def install(app: Flask, timezone: str) -> None:
    """Set up translation; messages are in webui/translations."""
    compile_words()
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, default_locale="en", default_timezone=timezone, locale_selector=choose)
