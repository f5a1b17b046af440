"""Reads a source with a loader and sums up its intakes, checking what every intake promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.intake import TRUTH_SCHEMA, Rejected
from graph.model import arrow_schema
from loaders._base import LoadContext, Loader

TRANSFER_MAPPING = """
target: TRANSFER
zone: Asia/Shanghai
prefix: t
columns:
  id: "t:{id}"
  from_id: "b:{from}"
  to_id: "b:{to}"
  amount_minor: {heading: amount, unit: yuan}
  currency: currency
  at_ms: at
  memo: memo
"""
HEADER = "id,from,to,amount,currency,at,memo"
GOOD = "1,A1,A2,12.50,CNY,2024-03-01 10:00:00,rent"


@dataclass
class Loaded:
    """Everything a loader gave, by type name."""

    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    derived: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    truth: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows_read: int = 0
    duplicates: int = 0

    @property
    def codes(self) -> list[str]:
        return [item.code for item in self.rejected]

    def warned(self, text: str) -> bool:
        return any(text in warning for warning in self.warnings)


def load(loader: Loader, path: Path, options: Mapping[str, str] | None = None, **context: Any) -> Loaded:
    """All of a source; every intake must add up and every table must be exactly the schema's."""
    out = Loaded()
    for intake in loader.read(path, options or {}, LoadContext(**context)):
        assert intake.rows_read == sum(map(len, intake.facts)) + intake.duplicates + len(intake.rejected)
        assert intake.rows_read <= 600_000
        for into, rowsets in ((out.facts, intake.facts), (out.derived, intake.derived)):
            for rowset in rowsets:
                assert rowset.table.schema == arrow_schema(rowset.type_name)
                rowset.table.validate(full=True)
                into.setdefault(rowset.type_name, []).extend(rowset.table.to_pylist())
        if intake.truth is not None:
            assert intake.truth.schema == TRUTH_SCHEMA
            out.truth += intake.truth.to_pylist()
        out.rejected += intake.rejected
        out.warnings += intake.warnings
        out.rows_read += intake.rows_read
        out.duplicates += intake.duplicates
    return out


def mapping_file(folder: Path, text: str = TRANSFER_MAPPING) -> dict[str, str]:
    """Options that use this mapping text, written beside the data."""
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return {"mapping": str(path)}


def load_transfers(folder: Path, content: bytes | str, name: str = "transfers.csv", **context: Any) -> Loaded:
    """Load transfer rows written as they stand into a file."""
    from loaders.delimited import LOADER

    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load(LOADER, path, mapping_file(folder), **context)


def rows(*lines: str, header: str = HEADER, end: str = "\n") -> str:
    """A file's text from its lines."""
    return end.join((header, *lines)) + end


def parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    """A Parquet file of these columns."""
    import pyarrow.parquet as pq

    pq.write_table(pa.table(dict(columns)), path)
    return path
