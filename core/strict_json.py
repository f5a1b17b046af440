"""JSON read strictly: no duplicate keys, no NaN or Infinity, no bottomless nesting, no NUL, no half characters."""

from __future__ import annotations

import json
import re
from typing import Any

#: Escapes that may stand for what no store keeps: NUL, and halves of UTF-16 pairs.
_SUSPECT = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_HALF = re.compile("[\ud800-\udfff]")


def loads(text: str | bytes, *, any_text: bool = False, **kwargs: Any) -> Any:
    """Parse one JSON text (bytes: UTF-8, UTF-16 or UTF-32). Raises ValueError for what the standard leaves open.

    `any_text` takes NUL and half characters: a file of ours holds the texts of others as they came.
    """
    whole = text if isinstance(text, str) else text.decode(json.detect_encoding(text))
    try:
        found = json.loads(whole, object_pairs_hook=_unique, parse_constant=_refuse, **kwargs)
        if not any_text and _SUSPECT.search(whole):
            _check_texts(found, None)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ArithmeticError as error:  # a parse_float of the caller's, as Decimal
        raise ValueError("a number is larger than any that can be kept") from error
    return found


def storable(text: str) -> bool:
    """Whether every store can keep it: no NUL, no half characters."""
    return "\0" not in text and not _HALF.search(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"the key {_twice(pairs)[:64]!a} stands twice in one object")
    return found


def _twice(pairs: list[tuple[str, Any]]) -> str:
    """The first key that stands twice; each is looked at once, for a body may have 200,000."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


#: Where a value stands: its key or place, and where that holder stands. Written out for an error alone: keys may be long.
_Place = tuple[Any, str] | None


def _check_texts(value: Any, where: _Place) -> None:
    """A half has no UTF-8 form (RFC 8259, 8.2), and PostgreSQL keeps no NUL."""
    if isinstance(value, dict):
        for name, item in value.items():
            _check_texts(name, (where, name))
            _check_texts(item, (where, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, dict | list | str):
                _check_texts(item, (where, f"[{place}]"))
    elif isinstance(value, str):
        if "\0" in value:
            raise ValueError(f"{_written(where)}: expected a text without NUL characters")
        if _HALF.search(value):
            raise ValueError(f"{_written(where)}: expected whole characters, this is half of a surrogate pair")


def _written(where: _Place) -> str:
    """`rows[3].name`, at most 100 characters of it."""
    steps: list[str] = []
    while where is not None:
        where, step = where
        steps.append(step[:100])
    text = "".join(step if step.startswith("[") else f".{step}" for step in reversed(steps))
    return ascii(text.lstrip("."))[1:-1][:100] or "the text"
