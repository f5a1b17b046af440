"""A data set read straight into memory, with the two scans algorithms project from: no ledger, no store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from evaluation.truth import Truth, join
from graph.intake import Intake
from graph.model import RowSet, arrow_schema
from loaders._base import LoadContext, catalog


class Shelf:
    """Rows in memory behind `scan_nodes` and `scan_rels`, the part of GraphStore that projections use."""

    name = "memory"

    def __init__(self, rowsets: Iterable[RowSet], *, merge: bool = False) -> None:
        """`merge`: later rows of a node add to and change earlier ones, as a store does it; else the first row stands."""
        self._rowsets = tuple(rowsets)
        self._merge = merge

    def applied_seq(self) -> int:
        """Always 1: what is on the shelf does not change."""
        return 1

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        """All nodes of a label, one row an id (the first given), ordered by id."""
        parts = [item.table.select(list(columns)) for item in self._rowsets if item.type_name == label]
        table = pa.concat_tables([arrow_schema(label).empty_table().select(list(columns)), *parts])
        if self._merge:
            return _merged(table)
        place = pa.array(range(len(table)), pa.int64())
        first = table.select(["id"]).append_column("place", place).group_by("id").aggregate([("place", "min")])
        return table.take(first.sort_by("id")["place_min"])

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        """All relationships of a type and pair of labels."""
        names = ["from_id", "to_id", *columns]
        parts = [
            item.table.select(names) for item in self._rowsets
            if item.type_name == type_name and pair in (None, (item.from_label, item.to_label))
        ]  # fmt: skip
        return pa.concat_tables([arrow_schema(type_name).empty_table().select(names), *parts])


def _merged(table: pa.Table) -> pa.Table:
    """One row an id: of each column the last value that is not null."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    if frame["id"].is_unique().all():
        return table.sort_by("id")
    last = frame.group_by("id").agg(pl.exclude("id").drop_nulls().last()).sort("id").select(frame.columns)
    return last.to_arrow().cast(table.schema)


def read(path: Path, format_name: str, **options: str) -> tuple[Any, Truth]:
    """Read a source with its loader: (Shelf, Truth). Raises what the loader raises, KeyError for an unknown format."""
    loader = catalog()[format_name]
    intakes: list[Intake] = list(loader.read(path, options, LoadContext()))
    facts = [rows for intake in intakes for rows in intake.facts]
    derived = [rows for intake in intakes for rows in intake.derived]
    return Shelf([*facts, *derived]), join(intake.truth for intake in intakes)
