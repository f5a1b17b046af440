"""Node rows made ready for an upsert: one row a key, and which rows say anything new."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph.model import conform
from graph.schema import NODES


def one_row_a_key(label: str, table: pa.Table) -> pa.Table:
    """`table` with rows of the same id folded into one: the last non-null value of each column wins."""
    if pc.count_distinct(table["id"]).as_py() == table.num_rows:
        return table
    frame = pl.DataFrame(pl.from_arrow(table))
    folded = frame.group_by("id", maintain_order=True).agg(pl.all().drop_nulls().last())
    return conform(label, folded.select(table.column_names).to_arrow())


def telling_rows(label: str, table: pa.Table) -> pa.Table:
    """Rows with a value in one of the label's own properties.

    A stub (key and provenance alone) says nothing of a node that exists, so it does not replace its provenance.
    """
    tells = pc.is_null(table["id"])
    for prop in NODES[label].properties:
        if table[prop.name].null_count < table.num_rows:
            tells = pc.or_(tells, pc.is_valid(table[prop.name]))
    return table.filter(tells)


def split_by(table: pa.Table, existing: pa.Array | pa.ChunkedArray) -> tuple[pa.Table, pa.Table]:
    """(rows with a new key, rows whose key is in `existing`)."""
    if len(existing) == 0:
        return table, table.slice(0, 0)
    known = pc.is_in(
        table["id"], value_set=pa.chunked_array([existing]) if isinstance(existing, pa.Array) else existing
    )
    return table.filter(pc.invert(known)), table.filter(known)


def by_id(table: pa.Table) -> pa.Table:
    """`table` in the order of its `id` column, by UTF-8 bytes: the same on every store."""
    return table.take(pc.sort_indices(table["id"]))


def positions(offsets: pa.ChunkedArray, ids: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int64]]:
    """(ids in order, for each store offset the position of its id in that order; -1 for offsets not in use)."""
    order = pc.sort_indices(ids)
    sorted_ids = pa.concat_arrays(ids.take(order).chunks) if len(ids) else pa.array([], pa.string())
    places = offsets.to_numpy()[order.to_numpy()]
    ranks = np.full(int(places.max()) + 1 if len(places) else 0, -1, dtype=np.int64)
    ranks[places] = np.arange(len(places))
    return sorted_ids, ranks
