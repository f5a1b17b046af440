"""JSON read strictly: no duplicate keys, no NaN or Infinity, no bottomless nesting."""

from __future__ import annotations

import json
from typing import Any


def loads(text: str | bytes, **kwargs: Any) -> Any:
    """Parse one JSON text. Raises ValueError for what the standard leaves open."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, **kwargs)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
