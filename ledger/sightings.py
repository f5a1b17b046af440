"""Sightings of a state (an account on a device, a device at an address) that come again: first, last, how often.

A later load neither replaces nor repeats what is known: the first time becomes the smaller, the last time the larger.
The counts are added when both time spans are apart; where they overlap, or times are missing, the same sightings may be
in both, so the larger count stands: never counted twice, at worst too low. The order of loads does not matter for times.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ledger.model import Part
from ledger.parts import rowset_of, write_part

FIRST, LAST, COUNT = "first_seen_ms", "last_seen_ms", "count"
_PAIR = ["_from", "_to"]


def folded(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one load as one row an id: they are lines of logs, so their counts are added (one where none is given)."""
    others = [name for name in rows.columns if name not in ("id", FIRST, LAST, COUNT)]
    return rows.group_by("id", maintain_order=True).agg(
        *(pl.col(name).first() for name in others),
        pl.coalesce(FIRST, LAST).min().alias(FIRST),
        pl.coalesce(LAST, FIRST).max().alias(LAST),
        pl.when(pl.len() > 1).then(pl.col(COUNT).fill_null(1).sum()).otherwise(pl.col(COUNT).first()).alias(COUNT),
    )


def latest(known: list[pl.DataFrame], like: pl.DataFrame) -> pl.DataFrame:
    """What earlier batches say of each id, in the columns of `like`: their last row, which holds all before it."""
    whole = pl.concat([like.clear(), *known], how="diagonal")
    return whole.unique("id", keep="last", maintain_order=True).select(like.columns)


def joined(incoming: pl.DataFrame, state: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows of ids not known, rows of known ids as they are from now on); ids about which nothing changes are in neither."""
    before = state.select("id", *(pl.col(name).cast(pl.Int64).alias(f"_{name}") for name in (FIRST, LAST, COUNT)))
    new = incoming.join(before, on="id", how="anti", maintain_order="left")
    apart = (pl.col(FIRST) > pl.col(f"_{LAST}")) | (pl.col(LAST) < pl.col(f"_{FIRST}"))
    added = pl.col(COUNT).fill_null(1) + pl.col(f"_{COUNT}").fill_null(1)
    again = incoming.join(before, on="id", how="inner", maintain_order="left").with_columns(
        pl.min_horizontal(FIRST, f"_{FIRST}").alias(FIRST),
        pl.max_horizontal(LAST, f"_{LAST}").alias(LAST),
        pl.when(apart.fill_null(False)).then(added).otherwise(pl.max_horizontal(COUNT, f"_{COUNT}")).alias(COUNT),
    )
    differs = pl.any_horizontal(*(pl.col(name).ne_missing(pl.col(f"_{name}")) for name in (FIRST, LAST, COUNT)))
    return new, again.filter(differs).select(incoming.columns)


def write(type_name: str, rows: pl.DataFrame, folder: Path, number: int, *, is_new: bool) -> list[Part]:
    """Parts of rows that carry their end labels in `_from` and `_to`, one a pair, numbered from `number` on."""
    made: list[Part] = []
    for (start, end), part in sorted(rows.partition_by(_PAIR, as_dict=True).items()):
        made.append(
            write_part(
                folder,
                rowset_of(type_name, part.drop(_PAIR), str(start), str(end)),
                number + len(made),
                None if is_new else 0,
            )
        )
    return made
