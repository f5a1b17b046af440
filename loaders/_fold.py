"""Folds repeated sightings (an account signing in on a device again and again) into one state: first, last, how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pyarrow as pa

from graph.intake import Intake
from graph.model import RowSet, conform

#: Held in memory are the distinct pairs, not the sightings; beyond this many rows they are folded again.
_FOLD_AT = 2_000_000
_SLICE = 500_000


def folded(intakes: Iterator[Intake]) -> Iterator[Intake]:
    """The intakes of one state file with the facts of the same id made one; folded rows count as duplicates."""
    kept: list[RowSet] = []
    pending: list[pl.DataFrame] = []
    rows = 0
    for intake in intakes:
        for rowset in intake.facts:
            kept = kept or [rowset]
            pending.append(pl.DataFrame(pl.from_arrow(rowset.table)))
            rows += len(rowset)
            if sum(part.height for part in pending) > _FOLD_AT:
                pending = [_fold(pending)]
        yield replace(intake, facts=(), rows_read=intake.rows_read - sum(map(len, intake.facts)))
    if not kept:
        return
    whole, like = _fold(pending), kept[0]
    for start in range(0, whole.height, _SLICE):
        part = whole[start : start + _SLICE]
        table = conform(like.type_name, part.to_arrow(compat_level=pl.CompatLevel.oldest()))
        repeats = rows - whole.height if start == 0 else 0
        note = (f"{like.type_name}: {rows:,} sightings folded into {whole.height:,} pairs",) if repeats else ()
        yield Intake(
            facts=(replace(like, table=_same(table)),),
            rows_read=part.height + repeats,
            duplicates=repeats,
            warnings=note,
        )


def _fold(parts: list[pl.DataFrame]) -> pl.DataFrame:
    others = [name for name in parts[0].columns if name not in {"id", "first_seen_ms", "last_seen_ms", "count"}]
    return (
        pl.concat(parts)
        .group_by("id", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in others),
            pl.col("first_seen_ms").min(),
            pl.col("last_seen_ms").max(),
            pl.col("count").sum(),
        )
    )


def _same(table: pa.Table) -> pa.Table:
    return table.combine_chunks()
