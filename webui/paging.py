"""Numbers and times that come in an address: out of range is 422, never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request, url_for

from core.errors import BadInput
from core.message import say

MAX_OFFSET = 1_000_000
_OWN = re.compile(r"_|endpoint$|values$|self$")
_LOCAL = re.compile(r"(19[789]\d|2[01]\d\d)-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a list stands: `start` and `end` count from 1; the addresses are empty at the ends."""

    start: int
    end: int
    total: int
    earlier: str
    later: str


def number(name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query string. Raises BadInput outside [low, high]."""
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.lstrip("-").isdigit() or len(text) > 12 or not low <= int(text) <= high:
        raise BadInput(say("{name} must be a whole number from {low} to {high}", name=name, low=low, high=high))
    return int(text)


def share(name: str) -> float | None:
    """A number from 0 to 1 of the query string, None when absent. Raises BadInput."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise BadInput(say("{name} must be a number from 0 to 1", name=name))
    return found


def choice(name: str, known: tuple[str, ...], default: str) -> str:
    """One of a fixed list. Raises BadInput."""
    found = request.args.get(name) or default
    if found not in known:
        raise BadInput(say("{name} must be one of {known}", name=name, known=list(known)))
    return found


def local_ms(name: str, zone: str, given: Mapping[str, str] | None = None) -> int | None:
    """A `YYYY-MM-DDTHH:MM` of the query string, or of the form `given`, in the installation's zone as epoch milliseconds. Raises BadInput."""
    text = (request.args if given is None else given).get(name, "")
    if not text:
        return None
    try:
        if not _LOCAL.fullmatch(text):
            raise ValueError(text)
        return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    except ValueError as error:
        raise BadInput(
            say("{name} must be a date and time from 1970 to 2199, like 2024-05-01T12:00", name=name)
        ) from error


def pages(offset: int, limit: int, shown: int, total: int) -> Pages:
    """Addresses of the pages before and after this one, all other parameters kept."""
    return Pages(
        min(offset + 1, total), offset + shown, total,
        _at(max(offset - limit, 0)) if offset else "", _at(offset + limit) if offset + shown < total else "",
    )  # fmt: skip


def again(**changed: str | int) -> str:
    """The address of this page with some parameters changed and the others kept.

    Names that `url_for` has a meaning of its own for are left out: who makes the address chooses neither scheme nor host.
    """
    kept = {name: value for name, value in request.args.items() if value and not _OWN.match(name)}
    return url_for(request.endpoint or "", **{**kept, **(request.view_args or {}), **changed})


def _at(offset: int) -> str:
    return again(offset=offset)
