"""Folds repeated sightings (an account signing in on a device again and again) into one state: first, last, how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pyarrow as pa

from graph.intake import Intake
from graph.model import RowSet, conform
from graph.schema import RELS

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
    """One row an id. A sighting with one time has it as first and last; one without a count counts once."""
    sightings = pl.concat(parts)
    others = [name for name in sightings.columns if name not in {"id", "first_seen_ms", "last_seen_ms", "count"}]
    return sightings.group_by("id", maintain_order=True).agg(
        *(pl.col(name).first() for name in others),
        pl.coalesce("first_seen_ms", "last_seen_ms").min().alias("first_seen_ms"),
        pl.coalesce("last_seen_ms", "first_seen_ms").max().alias("last_seen_ms"),
        pl.col("count").fill_null(1).sum(),
    )


def is_sighting(type_name: str) -> bool:
    """Whether rows of this type are sightings of a state, which a log gives again and again."""
    return type_name in RELS and RELS[type_name].is_sighting


def _same(table: pa.Table) -> pa.Table:
    return table.combine_chunks()
