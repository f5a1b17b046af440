"""How results leave the command line: data on stdout as table, CSV or JSON; everything else on stderr."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table

from core.formula import inert

#: Progress and messages; data never goes here.
notes = Console(stderr=True, highlight=False, soft_wrap=True)


class Format(StrEnum):
    """Output formats of commands that return rows."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def plain(value: Any) -> Any:
    """A value as JSON can hold it: dataclasses become dictionaries, sets and tuples lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(item) for name, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def show(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: Format, title: str = "") -> None:
    """Print rows on stdout in the chosen format. Control characters in a terminal table are shown escaped."""
    if form is Format.JSON:
        print(
            json.dumps([dict(zip(columns, map(plain, row), strict=True)) for row in rows], ensure_ascii=False, indent=1)
        )
        return
    if form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([inert(_cell(value)) for value in row] for row in rows)
        return
    table = Table(title=title or None)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*[_visible(_cell(value)) for value in row])
    # A pipe or a log has no width of its own: wide enough not to break words.
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def _visible(text: str) -> str:
    shown = "".join(char if char.isprintable() or char == "\n" else f"\\u{ord(char):04x}" for char in text)
    return shown.replace("[", r"\[")
