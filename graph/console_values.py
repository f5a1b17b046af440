"""What a parameter of a console query may be: checked here, because the drivers' own words name neither the parameter nor what they expected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.errors import QueryRefused
from graph.console import Dialect

_INT64 = range(-(1 << 63), 1 << 63)
MAX_NESTING = 10


def check_values(params: Mapping[str, Any], dialect: Dialect) -> None:
    """Raises QueryRefused naming the parameter and what was expected."""
    for name, value in params.items():
        _check(f"${name[:64]}", value, dialect, 0)


def _check(where: str, value: Any, dialect: Dialect, depth: int) -> None:
    if depth > MAX_NESTING:
        raise QueryRefused(f"parameter {where}: expected at most {MAX_NESTING} lists or maps inside each other")
    match value:
        case None | bool() | str():
            return
        case int() if value in _INT64:
            return
        case float() if math.isfinite(value):
            return
        case int() | float():
            raise QueryRefused(f"parameter {where}: expected a finite number, a whole one of 64 bits")
        case list() | tuple():
            if dialect == "ladybug":
                _check_alike(where, value)
            for item in value:
                _check(where, item, dialect, depth + 1)
        case Mapping():
            for name, item in value.items():
                _check(f"{where}.{name[:64]}", item, dialect, depth + 1)
        case _:
            raise QueryRefused(f"parameter {where}: expected a text, a number, true, false, null, a list or a map")


def _check_alike(where: str, items: list[Any] | tuple[Any, ...]) -> None:
    """Ladybug's lists have one type of items, found from the items."""
    kinds = {"number" if isinstance(item, int | float) and not isinstance(item, bool) else type(item).__name__
             for item in items if item is not None}  # fmt: skip
    if not kinds:
        raise QueryRefused(f"parameter {where}: expected a list with at least one value, its type is unknown otherwise")
    if len(kinds) > 1:
        raise QueryRefused(f"parameter {where}: expected a list of values of one type")
