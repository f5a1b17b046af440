"""JSON as the API takes it: no duplicate keys, no NaN or Infinity, no bottomless nesting."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask.json.provider import DefaultJSONProvider

from core.strict_json import loads


class StrictJSON(DefaultJSONProvider):
    """Reads strictly (ValueError, which becomes 400) and writes UTF-8 in the order given."""

    ensure_ascii = False
    sort_keys = False
    compact = True

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse one JSON text. Raises ValueError for what the standard leaves open."""
        return loads(s, **kwargs)

    @staticmethod
    def default(value: Any) -> Any:
        """Sets as sorted lists and dataclasses as objects; the rest as Flask has it."""
        if isinstance(value, frozenset | set):
            return sorted(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return str(value)
