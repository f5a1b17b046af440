"""What the ledger says of its batches and loads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of a batch. `new` rows add a node or relationship, the others change one that is there.

    Changed relationships are in parts of their own (`new` is 0) and hold all their values.
    """

    type_name: str
    from_label: str
    to_label: str
    file: str
    rows: int
    new: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a committed batch with its file, the batch's number and time."""

    part: Part
    path: Path
    seq: int
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch as recorded: `rows_read == rows_loaded + rows_duplicate + rows_rejected`."""

    seq: int
    source: str
    format: str
    created_at_ms: int
    created_by: str
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    parts: tuple[Part, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """How one load ended.

    `seq` is the batch it became, 0 when nothing new came in; `new` counts added nodes and relationships by type,
    `changed` nodes that got other values; `report` is the rejected-row file, None when every row was good.
    """

    seq: int
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    new: dict[str, int]
    changed: dict[str, int]
    report: Path | None
    warnings: tuple[str, ...]
    already: int = 0
    """Batch that held exactly this source before; 0 when it is new."""
