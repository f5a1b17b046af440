"""Cells of a CSV that a spreadsheet must not run."""

from __future__ import annotations

import re

#: Spreadsheets run a cell that starts so, also after blanks and in full width. Where the local list separator is `;`, a tab
#: or `|`, a cell is cut there even inside quotes of ours, so what follows one counts as a start too.
_AFTER = r"(?:[^\S\t]|[\"'])*"  # no tab: one opens a cell itself, and a text of tabs alone must not take quadratic time
_STARTER = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_LIVE = re.compile(rf"^[\s\"']*{_STARTER}|[;\t|]{_AFTER}{_STARTER}|^[\t\r\n]")
_SEPARATED = re.compile(rf"([;\t|]{_AFTER})(?={_STARTER})")


def live(text: str) -> bool:
    """Whether a spreadsheet might run `text`, or what follows a separator within it, as a formula."""
    return _LIVE.search(text) is not None


def inert(text: str) -> str:
    """`text` with an apostrophe wherever a spreadsheet could start a formula (OWASP CSV injection)."""
    if not live(text):
        return text
    return "'" + _SEPARATED.sub(r"\1'", text)
