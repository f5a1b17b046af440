"""Which incoming rows are new, the same again, or in conflict: pure functions over polars frames."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from graph.schema import PROVENANCE

PROVENANCE_NAMES = [prop.name for prop in PROVENANCE]


def content_columns(frame: pl.DataFrame) -> list[str]:
    """Columns that say something of the row itself, not of where it came from."""
    return [name for name in frame.columns if name not in PROVENANCE_NAMES]


@dataclass(frozen=True, slots=True)
class Folded:
    """`kept` rows have unique ids; `duplicates` counts equal repeats; `conflicts` are later rows with other content."""

    kept: pl.DataFrame
    duplicates: int
    conflicts: pl.DataFrame


def first_of_each(frame: pl.DataFrame) -> Folded:
    """The first row of each id; repeats with the same content are counted, others set aside as conflicts."""
    if frame.height == frame["id"].n_unique():
        return Folded(frame, 0, frame.clear())
    content = content_columns(frame)
    kept = frame.unique("id", keep="first", maintain_order=True)
    rest = frame.with_row_index("_at").join(
        kept.select("id", *[pl.col(name).alias(f"_first_{name}") for name in content if name != "id"]),
        on="id",
        how="left",
    )
    first_at = rest.group_by("id").agg(pl.col("_at").min().alias("_first_at"))
    rest = rest.join(first_at, on="id").filter(pl.col("_at") > pl.col("_first_at")).sort("_at")
    same = pl.all_horizontal(
        pl.lit(True), *[pl.col(name).eq_missing(pl.col(f"_first_{name}")) for name in content if name != "id"]
    )
    return Folded(kept, int(rest.select(same.sum()).item()), rest.filter(~same).select(frame.columns))


def merged(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """One row an id: for each column the last value that is not null, in the order of the frames."""
    whole = pl.concat(frames)
    if whole.height == whole["id"].n_unique():
        return whole
    return whole.group_by("id", maintain_order=True).agg(pl.all().drop_nulls().last()).select(whole.columns)


def against_state(incoming: pl.DataFrame, state: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Split node rows by what is known of their ids: (new, changed, same).

    `state` has at most one row an id. A row is the same when none of its non-null values differs from the state.
    """
    content = [name for name in content_columns(incoming) if name != "id"]
    new = incoming.join(state, on="id", how="anti", maintain_order="left")
    known = incoming.join(state, on="id", how="inner", suffix="_state", maintain_order="left")
    differs = pl.any_horizontal(
        pl.lit(False),
        *[pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_state")) for name in content],
    )
    return new, known.filter(differs).select(incoming.columns), known.filter(~differs).select(incoming.columns)
