"""Judgement of rows: who is set aside, for which field and why; one reason a row, values masked by privacy class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from core.masking import mask
from graph.intake import Rejected
from graph.schema import Privacy


@dataclass(slots=True)
class Notes:
    """Warnings of one file, each said once with how many rows it is about."""

    counts: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)

    def add(self, text: str, rows: int) -> None:
        if rows:
            self.counts[text] += rows

    def lines(self, file: str) -> tuple[str, ...]:
        return (*self.said, *(f"{file}: {text}: {rows:,} rows" for text, rows in self.counts.items()))


@dataclass(slots=True)
class Judge:
    """Collects the rejected rows of one chunk. Positions are those in the chunk."""

    file: str
    rows: pl.Series
    notes: Notes
    found: dict[int, Rejected] = field(default_factory=dict)

    def reject(self, bad: pl.Series, values: pl.Series, of: Field, code: str, expected: str) -> None:
        """Set aside the rows where `bad` is true; a row already set aside keeps its first reason."""
        if not bad.any():
            return
        for place in bad.arg_true().to_list():
            if place not in self.found:
                value = values[place]
                shown = "" if value is None else mask(str(value), of.privacy.value)
                self.found[place] = Rejected(self.file, self.rows[place], of.heading, code, shown, expected)

    def kept(self) -> pl.Series | None:
        """Positions that stay, or None when all do."""
        if not self.found:
            return None
        places = pl.Series(range(len(self.rows)), dtype=pl.UInt32)
        return places.filter(~places.is_in(pl.Series(list(self.found), dtype=pl.UInt32).implode()))


@dataclass(frozen=True, slots=True)
class Field:
    """The input column a value came from, as the report names it, and how closely it is kept."""

    heading: str
    privacy: Privacy
    required: bool
