"""What earlier batches say of some ids, read from their Parquet parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ledger.model import Part


class History:
    """The parts of all committed batches, oldest first, with their full paths."""

    def __init__(self, parts: Sequence[tuple[Path, Part]]) -> None:
        self._parts = parts

    def _scan(self, type_name: str) -> list[tuple[Part, pl.LazyFrame]]:
        return [(part, pl.scan_parquet(path)) for path, part in self._parts if part.type_name == type_name]

    def node_state(self, label: str, ids: pl.DataFrame, empty: pl.DataFrame) -> pl.DataFrame:
        """Current values of these nodes (column `id`), one row each: the last non-null value of each column."""
        found = [scan.join(ids.lazy(), on="id", how="semi").collect() for _, scan in self._scan(label)]
        whole = pl.concat([empty.clear(), *found], how="diagonal")
        return whole.group_by("id", maintain_order=True).agg(pl.all().drop_nulls().last()).select(empty.columns)

    def node_ids(self, label: str) -> pl.DataFrame:
        """Ids of every known node of a label, column `id`."""
        scans = [scan.select("id") for part, scan in self._scan(label) if part.new]
        return pl.concat(scans).collect() if scans else pl.DataFrame(schema={"id": pl.String})

    def rel_clashes(self, type_name: str, ids: pl.LazyFrame) -> pl.DataFrame:
        """Which of these ids (column `id`) earlier batches already have."""
        scans = [scan.select("id") for _, scan in self._scan(type_name)]
        if not scans:
            return pl.DataFrame(schema={"id": pl.String})
        return pl.concat(scans).join(ids, on="id", how="semi").collect()

    def rel_rows(self, type_name: str, ids: pl.DataFrame) -> list[pl.DataFrame]:
        """Earlier relationships with these ids, with their end labels in `_from` and `_to`."""
        return [
            scan.join(ids.lazy(), on="id", how="semi")
            .with_columns(_from=pl.lit(part.from_label), _to=pl.lit(part.to_label))
            .collect()
            for part, scan in self._scan(type_name)
        ]
