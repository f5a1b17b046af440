"""Parquet parts of a batch: written once with a hash, checked when read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import StoreDamaged
from graph.model import RowSet, conform
from graph.schema import RELS
from ledger.model import Part

#: Filled in when a batch is read, because they are known only once it is committed.
LATE = ("load_seq", "loaded_at_ms")


def write_part(folder: Path, rows: RowSet, number: int, new: int | None = None) -> Part:
    """Write rows as one Parquet file in `folder`; `new` defaults to all of them."""
    stem = ".".join(text for text in (rows.type_name, rows.from_label, rows.to_label) if text)
    path = folder / f"{stem}.{number:05d}.parquet"
    pq.write_table(rows.table.drop_columns(list(LATE)), path, compression="lz4")
    return Part(
        rows.type_name, rows.from_label, rows.to_label, path.name, len(rows),
        len(rows) if new is None else new, file_hash(path),
    )  # fmt: skip


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_part(folder: Path, part: Part, seq: int, loaded_at_ms: int) -> RowSet:
    """One part as a RowSet with its batch number and time. Raises StoreDamaged when the file is not what was written."""
    path = folder / part.file
    if not path.is_file() or file_hash(path) != part.sha256:
        raise StoreDamaged(f"ledger file {path} is missing or changed since it was written: restore it from a backup")
    table = pq.read_table(path)
    for name, value in zip(LATE, (seq, loaded_at_ms), strict=True):
        table = table.append_column(name, pa.array(np.full(table.num_rows, value, dtype=np.int64)))
    table = conform(part.type_name, table)  # a part written before a column was added lacks it
    changes = part.type_name in RELS and not part.new
    return RowSet(part.type_name, table, part.from_label, part.to_label, changes)


def frame_of(rows: RowSet) -> pl.DataFrame:
    """The rows as a polars frame without the columns that are filled in later."""
    frame = pl.from_arrow(rows.table.drop_columns(list(LATE)))
    assert isinstance(frame, pl.DataFrame)
    return frame


def rowset_of(type_name: str, frame: pl.DataFrame, from_label: str = "", to_label: str = "") -> RowSet:
    """A polars frame as a RowSet of this type."""
    return RowSet(type_name, conform(type_name, frame.to_arrow()), from_label, to_label)
