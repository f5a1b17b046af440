"""Keyset paging: the address of the next page names the last row seen, so that page 1,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from core.errors import BadInput
from webui.paging import again


def after() -> tuple[int, str] | None:
    """The last row seen as (time, id), from `after=<ms>.<id>`; None on the first page. Raises BadInput."""
    text = request.args.get("after", "")
    if not text:
        return None
    at, _, id = text.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 15 and 1 <= len(id) <= 64):
        raise BadInput("after must be what the page before said")
    return int(at), id


def mark(at_ms: int, id: str) -> str:
    """What the next page is asked with, after a row of this time and id."""
    return f"{at_ms}.{id}"


def later(rows: Sequence[tuple[int, str]], full: int) -> str:
    """The address of the next page, empty on the last."""
    if len(rows) < full:
        return ""
    return again(after=mark(*rows[-1]))
