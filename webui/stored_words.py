"""Words for what is stored: properties of the schema, values of a known vocabulary, who did something, what was measured on.

English readers get what is stored as it is; readers of another language get its word, found by a key that says what the
value is of (an account's status `open` is another word than a case's).
"""

from __future__ import annotations

import re
from http import HTTPStatus

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webui.sentences import translate

#: Properties, with the units in their names left out.
_PROPERTIES: dict[str, LazyString] = {
    "name": _l("property: name"), "id number": _l("property: id number"), "gender": _l("property: gender"),
    "birth date": _l("property: birth date"), "country": _l("property: country"), "region": _l("property: region"),
    "is blocked": _l("property: is blocked"), "source": _l("property: source"), "source row": _l("property: source row"),
    "load seq": _l("property: load seq"), "loaded at": _l("property: loaded at"), "number": _l("property: number"),
    "kind": _l("property: kind"), "institution": _l("property: institution"), "currency": _l("property: currency"),
    "status": _l("property: status"), "opening balance": _l("property: opening balance"), "opened at": _l("property: opened at"),
    "carrier": _l("property: carrier"), "activated at": _l("property: activated at"), "model": _l("property: model"),
    "category": _l("property: category"), "chain": _l("property: chain"), "platform": _l("property: platform"),
    "created at": _l("property: created at"), "registered at": _l("property: registered at"),
    "registrar": _l("property: registrar"), "title": _l("property: title"), "score": _l("property: score"),
    "reasons": _l("property: reasons"), "against": _l("property: against"), "evidence ids": _l("property: evidence ids"),
    "size": _l("property: size"), "amount": _l("property: amount"), "starts": _l("property: starts"), "ends": _l("property: ends"),
    "details": _l("property: details"), "run id": _l("property: run id"), "algorithm version": _l("property: algorithm version"),
    "parameters": _l("property: parameters"), "engine": _l("property: engine"), "data seq": _l("property: data seq"),
    "id": _l("property: id"), "since": _l("property: since"), "first seen": _l("property: first seen"), "last seen": _l("property: last seen"), "count": _l("property: count"), "at": _l("property: at"),
    "channel": _l("property: channel"), "received": _l("property: received"), "received currency": _l("property: received currency"), "memo": _l("property: memo"), "coin": _l("property: coin"),
    "duration s": _l("property: duration s"), "text": _l("property: text"), "role": _l("property: role"), "layer": _l("property: layer"), "reason": _l("property: reason"), "said": _l("property: said"),
}  # fmt: skip
#: Values of properties whose vocabulary is known; any other value is data.
_VALUES: dict[tuple[str, str], LazyString] = {
    ("kind", "bank"): _l("kind: bank"), ("kind", "payment"): _l("kind: payment"), ("kind", "merchant"): _l("kind: merchant"),
    ("kind", "exchange"): _l("kind: exchange"), ("kind", "cash"): _l("kind: cash"), ("kind", "mobile"): _l("kind: mobile"),
    ("kind", "fixed"): _l("kind: fixed"), ("kind", "iot"): _l("kind: iot"), ("kind", "voip"): _l("kind: voip"),
    ("kind", "short_code"): _l("kind: short_code"), ("kind", "phone"): _l("kind: phone"), ("kind", "computer"): _l("kind: computer"),
    ("kind", "pos"): _l("kind: pos"), ("kind", "goip"): _l("kind: goip"), ("kind", "other"): _l("kind: other"),
    ("kind", "home"): _l("kind: home"), ("kind", "office"): _l("kind: office"), ("kind", "public_wifi"): _l("kind: public_wifi"),
    ("kind", "vpn"): _l("kind: vpn"), ("kind", "proxy"): _l("kind: proxy"), ("kind", "hosting"): _l("kind: hosting"),
    ("kind", "carrier"): _l("kind: carrier"), ("kind", "platform"): _l("kind: platform"), ("kind", "company"): _l("kind: company"),
    ("kind", "private"): _l("kind: private"), ("kind", "mixer"): _l("kind: mixer"),
    ("status", "open"): _l("status: open"), ("status", "closed"): _l("status: closed"), ("status", "frozen"): _l("status: frozen"),
    ("status", "settled"): _l("status: settled"), ("status", "held"): _l("status: held"), ("status", "refused"): _l("status: refused"),
    ("status", "reversed"): _l("status: reversed"),
    ("channel", "transfer"): _l("channel: transfer"), ("channel", "payment"): _l("channel: payment"), ("channel", "wire"): _l("channel: wire"),
    ("channel", "card"): _l("channel: card"), ("channel", "pos"): _l("channel: pos"), ("channel", "atm"): _l("channel: atm"),
    ("channel", "cash"): _l("channel: cash"), ("channel", "cheque"): _l("channel: cheque"), ("channel", "crypto"): _l("channel: crypto"),
    ("channel", "payroll"): _l("channel: payroll"), ("channel", "utility"): _l("channel: utility"),
    ("gender", "f"): _l("gender: f"), ("gender", "m"): _l("gender: m"),
    ("engine", "local"): _l("engine: local"), ("outcome", "ok"): _l("outcome: ok"), ("outcome", "refused"): _l("outcome: refused"), ("loader", "synthetic"): _l("loader: synthetic"), ("loader", "detect"): _l("loader: detect"),
}  # fmt: skip
#: Who is no person.
_DOERS: dict[str | None, LazyString] = {
    "clock": _l("clock"),
    "bank": _l("bank"),
    "command line": _l("doer: command line"),
}
_LEVELS: dict[str, LazyString] = {"easy": _l("difficulty: easy"), "normal": _l("difficulty: normal"), "hard": _l("difficulty: hard")}  # fmt: skip
#: Titles of errors by HTTP status; English readers get the standard's phrase.
_ERRORS: dict[int, LazyString] = {
    400: _l("Bad Request"), 401: _l("Unauthorized"), 403: _l("Forbidden"), 404: _l("Not Found"), 405: _l("Method Not Allowed"),
    408: _l("Request Timeout"), 409: _l("Conflict"), 413: _l("Request Entity Too Large"), 415: _l("Unsupported Media Type"),
    422: _l("Unprocessable Entity"), 429: _l("Too Many Requests"), 500: _l("Internal Server Error"), 501: _l("Not Implemented"),
    503: _l("Service Unavailable"), 504: _l("Gateway Timeout"), 507: _l("Insufficient Storage"),
}  # fmt: skip
_TOWN = re.compile(r"generated town, ([\d,]+) transfers, (easy|normal|hard)")


def property_name(name: str) -> str:
    """A property in words; its unit is left out, since the value is shown with it."""
    plain = name.replace("_ms", "").replace("_minor", "").replace("_", " ")
    return plain if _english() or plain not in _PROPERTIES else str(_PROPERTIES[plain])


def stored(value: object, name: str) -> object:
    """A stored value in words where `name` (a property, `engine` or `loader`) has a known vocabulary, else as it is."""
    if _english() or not isinstance(value, str):
        return value
    found = _VALUES.get((name, value))
    return value if found is None else str(found)


def vocabulary() -> dict[tuple[str, str], str]:
    """The words of all values whose vocabulary is known, by property and value; none for English readers."""
    return {} if _english() else {key: str(text) for key, text in _VALUES.items()}


def who(name: str | None) -> str | None:
    """Who did something: a person's name as it is, a word for what is no person."""
    return str(_DOERS[name]) if name in _DOERS and not _english() else name


def told(text: str) -> str:
    """A fixed text of ours that is kept elsewhere (the schema's, a report's limits), where there are words for it."""
    return translate(text) if text else text


def error_title(status: int) -> str:
    """An error's title by its HTTP status."""
    found = None if _english() else _ERRORS.get(status)
    return HTTPStatus(status).phrase if found is None else str(found)


def measured_on(setting: str) -> str:
    """What an error rate was measured on: a generated town in words, a data set of one's own by its title."""
    found = _TOWN.fullmatch(setting)
    if found is None or _english():
        return setting
    return str(_("generated town, %(n)s transfers, %(level)s", n=found[1], level=str(_LEVELS[found[2]])))


def _english() -> bool:
    return str(get_locale() or "en").startswith("en")
