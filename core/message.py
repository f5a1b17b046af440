"""A sentence that remembers how it was made, so that a reader's language can be chosen when it is read.

`say` fills a template and returns a `Said`: a plain English string to whoever wants text (ids, exports, Cypher), which
also keeps its template and values. `pack` turns it into plain JSON types to be stored beside the text, `unpack` makes
it again, `render` says it with another language's template. Templates are looked up by their English text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral, Real
from string import Formatter
from typing import Any

import msgspec

from core.money import show

Translate = Callable[[str], str]
#: Ten times faster than `json.dumps`: every hit of a transfer in flight is packed.
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in a sentence: integer minor units and the currency's code."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return show(self.minor, self.currency)


#: Units a span is told in, largest first, with their length in seconds; one is used from twice its length on.
_UNITS = ((86_400, "{n:.0f} days"), (3_600, "{n:.0f} h"), (60, "{n:.0f} min"))


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in a sentence, in seconds: `45 s`, `12 min`, `3 h`, `120 days`."""

    seconds: float

    def said_by(self, translate: Translate) -> str:
        """The sentence's part."""
        for size, template in _UNITS:
            if self.seconds >= 2 * size:
                return translate(template).format(n=self.seconds / size)
        return translate("{n:.0f} s").format(n=self.seconds)

    def __str__(self) -> str:
        return self.said_by(_english)


class Said(str):
    """An English sentence with the template and values it was made from. Equal to, sorted and stored as its text."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Value]

    def __reduce__(self) -> tuple[Callable[..., Said], tuple[str, dict[str, Value]]]:
        return _make, (self.template, dict(self.values))


#: What may stand in a sentence. Plain text is data (an id, a name) and never translated; words are a `Said`; a list is joined by commas.
Value = str | Said | int | float | Amount | Span | Sequence["Value"]


def say(template: str, /, **values: Value) -> Said:
    """The English sentence of `template`, a `str.format` template with named fields, e.g. `say("{n:,} accounts", n=3)`.

    Raises KeyError where a field has no value, ValueError where a format does not fit its value or is more than a plain number format.
    """
    return _make(template, values)


def render(text: str, translate: Translate) -> str:
    """The sentence in the language of `translate` (English template to the reader's); plain text stays as it is."""
    if not isinstance(text, Said):
        return text
    return _fill(translate(text.template), text.values, translate)


def as_text(value: Any) -> str:
    """The English of a sentence as an exact string, for encoders that take no other: `Encoder(enc_hook=as_text)`.

    Raises NotImplementedError for anything else.
    """
    if isinstance(value, Said):
        return str.__str__(value)
    raise NotImplementedError(f"no text: {type(value).__name__}")


def pack(texts: Sequence[str]) -> str:
    """Sentences as compact JSON, to be stored beside their text; see `unpack`."""
    return _ENCODER.encode([_packed(text) for text in texts]).decode()


def unpack(stored: str | None, texts: Sequence[str]) -> tuple[str, ...]:
    """`texts` again with what `pack` stored about them.

    A sentence is taken only when its English is exactly the text beside it, so that a reader of another language never
    reads something else than the evidence says; where nothing fits (older or foreign data), the plain text stays.
    """
    try:
        known = [_unpacked(value) for value in json.loads(stored)] if stored else []
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        known = []
    if len(known) != len(texts):
        return tuple(texts)
    return tuple(
        said if isinstance(said, Said) and said == text else text for said, text in zip(known, texts, strict=True)
    )


def _make(template: str, values: Mapping[str, Value]) -> Said:
    made = Said(_fill(template, values, _english))
    made.template = template
    made.values = values
    return made


#: What fills a field without a second look; most values are of these.
_AS_IS = frozenset({str, int, float})
#: Formats a field may ask for: sign, thousands, at most two digits of precision, kind. No widths: a stored one could ask for a gigabyte.
_SPEC = re.compile(r"[+]?,?(\.\d\d?)?[dfg%]?")


@lru_cache(maxsize=4096)
def _checked(template: str) -> str:
    """The template itself; a stored one is foreign text, so it may name plain fields only, never attributes or items of them."""
    for _text, name, spec, conversion in Formatter().parse(template):
        if name is not None and (not name.isidentifier() or conversion or not _SPEC.fullmatch(spec or "")):
            raise ValueError(f"a sentence's field {{{name}:{spec}}}: expected a name with a plain number format")
    return template


def _english(text: str) -> str:
    return text


def _fill(template: str, values: Mapping[str, Value], translate: Translate) -> str:
    return _checked(template).format_map({name: _shown(value, translate) for name, value in values.items()})


def _shown(value: Value, translate: Translate) -> str | float:
    if type(value) in _AS_IS:
        return value  # type: ignore[return-value]
    if isinstance(value, Said):
        return str(value) if translate is _english else render(value, translate)
    if isinstance(value, Span):
        return value.said_by(translate)
    if isinstance(value, Amount):
        return str(value)
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Real):  # numpy's numbers
        return int(value) if isinstance(value, Integral) else float(value)
    return translate(", ").join(str(_shown(one, translate)) for one in value)


def _packed(value: Value) -> Any:
    if type(value) in (str, int):
        return value
    if isinstance(value, Said):
        return {"say": value.template, "of": {name: _packed(one) for name, one in value.values.items()}}
    if isinstance(value, Amount):
        return {"amount": int(value.minor), "currency": value.currency}
    if isinstance(value, Span):
        return {"span": _packed(value.seconds)}
    if isinstance(value, str | int):
        return str(value) if isinstance(value, str) else int(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, float | Real):
        return float(value) if math.isfinite(value) else str(value)
    return [_packed(one) for one in value]


def _unpacked(value: Any) -> Value:
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    if not isinstance(value, dict):
        if not isinstance(value, str | int | float):
            raise TypeError(f"a {type(value).__name__} in a stored sentence")
        return value
    if "say" in value:
        return _make(value["say"], {name: _unpacked(one) for name, one in value["of"].items()})
    if "amount" in value:
        return Amount(value["amount"], value["currency"])
    return Span(value["span"])
