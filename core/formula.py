"""Cells of a CSV that a spreadsheet must not run."""

from __future__ import annotations

_LIVE = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """A leading quote keeps a spreadsheet from running a cell as a formula (OWASP CSV injection)."""
    return "'" + text if text.startswith(_LIVE) else text
