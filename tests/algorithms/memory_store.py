"""A graph store in memory with the two scans algorithms project from, for small hand-made pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from graph.model import RowSet, arrow_schema, conform


class MemoryStore:
    """Holds RowSets; scans them back in the order they came (relationships) or by id (nodes, first one wins)."""

    name = "memory"

    def __init__(self, rowsets: Iterable[RowSet] = ()) -> None:
        self._rowsets: list[RowSet] = list(rowsets)
        self._seq = 1 if self._rowsets else 0

    def applied_seq(self) -> int:
        return self._seq

    def apply(self, seq: int, rowsets: Iterable[RowSet], progress: Any = None) -> None:
        self._rowsets += list(rowsets)
        self._seq = seq

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        tables = [item.table for item in self._rowsets if item.type_name == label]
        rows: dict[str, dict[str, Any]] = {}
        for row in pa.concat_tables([arrow_schema(label).empty_table(), *tables]).to_pylist():
            rows.setdefault(row["id"], row)
        whole = pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=arrow_schema(label))
        return whole.select(list(columns))

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        tables = [
            item.table
            for item in self._rowsets
            if item.type_name == type_name and pair in (None, (item.from_label, item.to_label))
        ]
        whole = pa.concat_tables([arrow_schema(type_name).empty_table(), *tables])
        return whole.select(["from_id", "to_id", *columns])


def nodes(label: str, ids: Iterable[str], **columns: Any) -> RowSet:
    """Nodes of a label; each keyword is a column given as a list."""
    return RowSet(label, conform(label, pa.table({"id": pa.array(list(ids), pa.string()), **columns})))


def ties(type_name: str, pair: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> RowSet:
    """State relationships of one pair of labels, e.g. (account, phone) for REGISTERED_WITH."""
    rows = list(pairs)
    table = pa.table(
        {
            "from_id": pa.array([a for a, _ in rows], pa.string()),
            "to_id": pa.array([b for _, b in rows], pa.string()),
            "id": pa.array([f"{type_name}:{a}:{b}" for a, b in rows], pa.string()),
        }
    )
    return RowSet(type_name, conform(type_name, table), *pair)


def payments(rows: Sequence[tuple[str, str, int, int]], currency: str | list[str] = "CNY", **columns: Any) -> RowSet:
    """TRANSFER rows of (from, to, amount in minor units, at_ms); ids are t0, t1 ... unless given as `id=[...]`."""
    table = {
        "from_id": pa.array([row[0] for row in rows], pa.string()),
        "to_id": pa.array([row[1] for row in rows], pa.string()),
        "amount_minor": pa.array([row[2] for row in rows], pa.int64()),
        "at_ms": pa.array([row[3] for row in rows], pa.int64()),
        "id": [f"t{index}" for index in range(len(rows))],
        "currency": currency if isinstance(currency, list) else [currency] * len(rows),
        **columns,
    }
    return RowSet("TRANSFER", conform("TRANSFER", pa.table(table)), "Account", "Account")


def town(rows: Sequence[tuple[str, str, int, int]], *others: RowSet, **columns: Any) -> MemoryStore:
    """A store of these payments with every account they name, and whatever else is given."""
    ids = sorted({end for row in rows for end in row[:2]})
    return MemoryStore([nodes("Account", ids), payments(rows, **columns), *others])
