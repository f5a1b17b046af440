"""How values look to people: money, times, odd characters. Registered as Jinja filters."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import get_locale
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from core import money
from core.message import unpack
from graph.schema import NODES, RELS, Kind
from webui.context import may, person, services
from webui.explorer_words import explorer_words
from webui.language import LANGUAGES
from webui.sentences import said
from webui.stored_words import measured_on, property_name, stored, told, who
from webui.threshold_words import threshold, threshold_value
from webui.words import word

_LAYOUT = {"\n", "\t"}


def install(app: Flask, timezone: str) -> None:
    """Register filters and what every template may use."""
    zone = ZoneInfo(timezone)

    def when(at_ms: int | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
        if _absent(at_ms):
            return ""
        try:
            return datetime.fromtimestamp((at_ms or 0) / 1000, UTC).astimezone(zone).strftime(form)
        except (ValueError, OverflowError, OSError):  # the last hours of 9999 in a zone ahead, and what no calendar has
            return f"{at_ms} ms"

    def value(given: Any, type_name: str = "", name: str = "", currency: str = "") -> str:
        return _value(given, _kind(type_name, name), currency, when)

    # Jinja must not be set up before its options are: `finalize` sees every printed value
    app.jinja_options = {**app.jinja_options, "finalize": visible, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.filters.update(
        when=when, money=amount, value=value, word=_word, visible=visible, number=number, said=_said
    )
    app.jinja_env.filters.update(threshold=_threshold, threshold_value=_threshold_value)
    app.jinja_env.filters.update(property=_property, stored=_stored, who=_who, measured_on=_measured_on, told=_told)
    app.jinja_env.globals.update(explorer_words=explorer_words, may=may, languages=LANGUAGES, time_zone=timezone)
    app.context_processor(_everywhere)


@pass_context
def _word(_context: Context, name: str, subject: str) -> str:
    """`word` at each request: a constant's translation would be computed once, in the language of whoever came first."""
    return word(name, subject)


@pass_context
def _said(_context: Context, text: Any, packed: str | None = None) -> Any:
    """A sentence in the reader's language; `packed` is what is stored beside its English text."""
    if packed:
        (text,) = unpack(packed, [text])
    return said(text)


@pass_context
def _threshold(_context: Context, name: str) -> str:
    return threshold(name)


@pass_context
def _threshold_value(_context: Context, value: Any, name: str) -> str:
    return threshold_value(value, name)


@pass_context
def _property(_context: Context, name: str) -> str:
    return property_name(name)


@pass_context
def _stored(_context: Context, given: Any, name: str) -> Any:
    return stored(given, name)


@pass_context
def _who(_context: Context, name: str | None) -> str | None:
    return who(name)


@pass_context
def _measured_on(_context: Context, setting: str) -> str:
    return measured_on(setting)


@pass_context
def _told(_context: Context, text: str) -> str:
    return told(text)


def visible(given: Any) -> Any:
    """Text with control, zero-width and direction-changing characters written out, so that none can mislead."""
    if given is None:
        return ""
    if not isinstance(given, str) or isinstance(given, Markup) or given.isprintable():
        return given
    # a form sends the line ends of what was typed as CR LF: that is layout; a CR alone overwrites a line
    lines = given.replace("\r\n", "\n")
    return "".join(f"⟨U+{ord(char):04X}⟩" if _misleads(char) else char for char in lines)


def _misleads(char: str) -> bool:
    return char not in _LAYOUT and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def amount(amount_minor: int | None, currency: str | None) -> str:
    """Money with separators and currency; nothing for no amount."""
    return "" if _absent(amount_minor) else money.show(int(amount_minor or 0), currency or "XXX").replace(" XXX", "")


def number(given: float | int | None) -> str:
    """A number with thousands separators."""
    return "" if _absent(given) else f"{given:,}"


def _absent(given: Any) -> bool:
    """None, or a property the node does not have."""
    return given is None or isinstance(given, Undefined)


def _value(given: Any, kind: Kind | None, currency: str, when: Any) -> str:
    if _absent(given):
        return ""
    if kind is Kind.TIME_MS:
        return str(when(int(given)))
    if kind is Kind.MONEY:
        return amount(given, currency)
    if isinstance(given, bool):
        return "✓" if given else "—"
    if isinstance(given, float):
        return f"{given:.3f}".rstrip("0").rstrip(".")
    if isinstance(given, list | tuple):
        return ", ".join(str(item) for item in given)
    return str(given)


def _kind(type_name: str, name: str) -> Kind | None:
    """The schema's kind of a property, None for an unknown one."""
    known = NODES.get(type_name) or RELS.get(type_name)
    for prop in known.columns if known else ():
        if prop.name == name:
            return prop.kind
    return None


def _everywhere() -> dict[str, Any]:
    found = person()
    return {
        "store_name": services().store.name if services().has_store else "",
        "me": found,
        "locale": str(get_locale() or "en"),
        "theme": found.theme if found else "auto",
    }
