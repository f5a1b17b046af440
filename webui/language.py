"""English and Chinese: which one a request gets."""

from __future__ import annotations

from flask import Flask, request, session
from flask_babel import Babel, get_translations

from webui.catalogue import compile_words
from webui.context import once_a_request, person

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
    # the environment's own way asks for the locale at every word: a queue of 50 rows says some 250
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=_translated, ngettext=_plural, newstyle=True
    )


def _translated(text: str) -> str:
    """The words in this request's language."""
    return once_a_request("", text, lambda english: str(get_translations().ugettext(english)))


def _plural(one: str, many: str, number: int) -> str:
    return str(get_translations().ungettext(one, many, number))
