"""What a source hands to the ledger: rows in schema form, rows set aside, and ground truth kept apart."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from graph.model import RowSet

#: Ground truth of a labelled data set: never a fact of the graph, read only by evaluation.
#: `entity_type` is a label or relationship type, `entity_id` its id; the rest is what the data set says of it.
TRUTH_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("entity_type", "entity_id", "gang", "role", "chain", "typology")]
    + [("is_fraud", pa.bool_()), ("layer", pa.int64()), ("at_ms", pa.int64())]
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """One input row set aside: where it stands, which field, a stable code, the value (masked) and what was expected."""

    file: str
    row: int
    field: str
    code: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class Intake:
    """One part of a source, at most some 500,000 rows, so that memory stays bounded.

    `facts` has one row for each good input row; `derived` has rows that follow from them (the accounts named in a
    transfer file, the institution an account is kept at) and is merged without being counted as read.
    `rows_read == sum(len(facts)) + duplicates + len(rejected)`.
    """

    facts: tuple[RowSet, ...] = ()
    derived: tuple[RowSet, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    truth: pa.Table | None = None
    rows_read: int = 0
    duplicates: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a load comes from. `fingerprint` is a hash of content and options: the same one again is no new batch."""

    name: str
    format: str
    fingerprint: str
    options: dict[str, str] = field(default_factory=dict)
