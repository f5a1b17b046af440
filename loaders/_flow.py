"""From a file and its plan to intakes: the one way every loader of tables goes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa

from core.errors import FileRefused
from graph.intake import TRUTH_SCHEMA, Intake, Rejected
from graph.model import RowSet
from loaders._base import LoadContext
from loaders._files import admit
from loaders._judge import Notes
from loaders._plan import Plan
from loaders._records import Chunk, open_table
from loaders._rows import make_rows

Truth = Callable[[pl.DataFrame, RowSet], pa.Table | None]
"""Makes ground truth from the good rows of a chunk and the fact rows made of them."""


class Table(Protocol):
    """What a source of rows offers: its headings and its rows in chunks."""

    @property
    def file(self) -> str: ...
    @property
    def headings(self) -> list[str]: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def size(self) -> int: ...

    def chunks(self, wanted: Sequence[str], context: LoadContext) -> Iterator[Chunk]: ...


@dataclass(slots=True)
class Prepared:
    """A table checked against its plan: nothing of it is refused any more, but for damage further inside."""

    table: Table
    plan: Plan
    context: LoadContext
    truth: Truth | None = None
    notes: Notes = field(default_factory=Notes)

    def intakes(self) -> Iterator[Intake]:
        """Intakes of at most 500,000 input rows, then one that carries the file's warnings."""
        total = 0
        for chunk in self.table.chunks(self.plan.headings(), self.context):
            total += chunk.rows_read
            yield self._intake(chunk)
        if total == 0:
            self.notes.said.append(f"{self.table.file}: has headings but no rows")
        yield Intake(warnings=(*self.table.notes, *self.notes.lines(self.table.file)))

    def _intake(self, chunk: Chunk) -> Intake:
        zone = self.plan.zone or self.context.timezone
        (fact, derived), kept, rejected = make_rows(
            self.plan, chunk.frame, chunk.rows, self.table.file, zone, self.notes
        )
        return Intake(
            facts=(fact,),
            derived=derived,
            rejected=_in_order(chunk.rejected, rejected),
            truth=self.truth(kept, fact) if self.truth else None,
            rows_read=chunk.rows_read,
        )


def in_turn(tables: Sequence[Prepared]) -> None:
    """Make the progress of several tables one: each counts on from where the one before it ended."""
    total = sum(item.table.size for item in tables)
    done = 0
    for item in tables:
        item.context = replace(item.context, progress=_onwards(item.context.progress, done, item.table.size, total))
        done += item.table.size


def _onwards(report: Callable[[int, int], None], before: int, size: int, total: int) -> Callable[[int, int], None]:
    def progress(done: int, of: int) -> None:
        report(before + (size * done // of if of else 0), total)

    return progress


def prepare(
    path: Path,
    plan: Plan,
    context: LoadContext,
    truth: Truth | None = None,
    rename: Callable[[list[str]], list[str]] = list,
) -> Prepared:
    """Admit a text file and check its headings against the plan. Raises FileRefused; see also `prepare_table`."""
    return prepare_table(open_table(admit(path, context), plan.dialect, rename), plan, context, truth)


def prepare_table(table: Table, plan: Plan, context: LoadContext, truth: Truth | None = None) -> Prepared:
    """Check a table's headings against the plan: a missing one is an error that names it, an unknown one a warning."""
    by_form = {heading_form(name): name for name in reversed(table.headings)}
    for name in plan.headings():
        if name not in table.headings and heading_form(name) in by_form:
            table.headings[table.headings.index(by_form[heading_form(name)])] = name
    missing = [name for name in plan.headings() if name not in table.headings]
    if missing:
        raise FileRefused(
            f"{table.file}: no column {', '.join(map(repr, missing))}; the file has {', '.join(table.headings)}",
            code="missing_column",
        )
    unknown = [name for name in table.headings if name not in plan.headings() and name not in plan.ignored]
    if unknown:
        table.notes.append(f"{table.file}: column {', '.join(map(repr, unknown))} is not mapped and was left out")
    return Prepared(table, plan, context, truth)


def heading_form(name: str) -> str:
    """A heading for comparing: NFKC, lower case, without spaces, underlines and brackets' widths."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def truth_table(height: int, **columns: pa.Array | pl.Series | str | bool) -> pa.Table:
    """A ground-truth table of `height` rows; a single text or truth value stands in every row, what is not given is null."""
    arrays = []
    for item in TRUTH_SCHEMA:
        value = columns.get(item.name)
        if value is None:
            arrays.append(pa.nulls(height, item.type))
        elif isinstance(value, str | bool):
            arrays.append(pa.repeat(pa.scalar(value, item.type), height))
        else:
            arrow = value.to_arrow(compat_level=pl.CompatLevel.oldest()) if isinstance(value, pl.Series) else value
            arrays.append(arrow.cast(item.type))
    return pa.Table.from_arrays(arrays, schema=TRUTH_SCHEMA)


def _in_order(first: Sequence[Rejected], second: Sequence[Rejected]) -> tuple[Rejected, ...]:
    return tuple(sorted((*first, *second), key=lambda item: item.row))
