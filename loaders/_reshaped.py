"""Tables seen through a change: some columns rewritten, or only some of the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from loaders._base import LoadContext
from loaders._flow import Table
from loaders._records import Chunk


@dataclass(slots=True)
class Reshaped:
    """A table with columns rewritten by `changes`, and only the rows where `keep` (given the frame) is true.

    Rows that were no rows are reported only with `report_bad`, so that a table read in two parts reports them once.
    `needs` are headings that `keep` looks at.
    """

    inner: Table
    changes: Mapping[str, Callable[[pl.Series], pl.Series]] = field(default_factory=dict)
    keep: Callable[[pl.DataFrame], pl.Series] | None = None
    needs: tuple[str, ...] = ()
    report_bad: bool = True

    @property
    def file(self) -> str:
        return self.inner.file

    @property
    def headings(self) -> list[str]:
        return self.inner.headings

    @property
    def notes(self) -> list[str]:
        return self.inner.notes

    @property
    def size(self) -> int:
        return self.inner.size

    def chunks(self, wanted: Sequence[str], context: LoadContext) -> Iterator[Chunk]:
        for chunk in self.inner.chunks(list(dict.fromkeys((*wanted, *self.needs))), context):
            frame, rows = chunk.frame, chunk.rows
            if self.keep is not None:
                chosen = self.keep(frame)
                frame, rows = frame.filter(chosen), rows.filter(chosen)
            frame = frame.with_columns(
                [change(frame[name]).alias(name) for name, change in self.changes.items() if name in frame.columns]
            )
            yield Chunk(frame, rows, chunk.rejected if self.report_bad else ())
