"""Rows made ready for a store: how big a batch is, one row a key, which rows say anything new, integer positions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import BadInput
from graph.model import RowSet, conform
from graph.schema import NODES


class DanglingEnd(BadInput):
    """A relationship names a node that is not in the store."""

    code = "dangling_end"


def dangling(rows: RowSet, label: str, key: str) -> DanglingEnd:
    """The error for a relationship without its node."""
    return DanglingEnd(
        f"{rows.type_name} names {label} {key}, which is not in the store: load its row first, or run `ringtrace rebuild`"
    )


def peek(rowsets: Iterable[RowSet], small_rows: int) -> tuple[bool, Iterator[RowSet]]:
    """Whether the batch is small, and all its row sets (those read to find out come first)."""
    source, head, rows = iter(rowsets), list[RowSet](), 0
    for rowset in source:
        head.append(rowset)
        rows += len(rowset)
        if rows >= small_rows:
            return False, chain(head, source)
    return True, iter(head)


def one_row_a_key(label: str, table: pa.Table) -> pa.Table:
    """`table` with rows of the same id folded into one: the last non-null value of each column wins."""
    if pc.count_distinct(table["id"]).as_py() == table.num_rows:
        return table
    frame = pl.DataFrame(pl.from_arrow(table))
    folded = frame.group_by("id", maintain_order=True).agg(pl.all().drop_nulls().last())
    return conform(label, folded.select(table.column_names).to_arrow())


def telling_mask(label: str, table: pa.Table) -> pa.ChunkedArray:
    """Which rows have a value in one of the label's own properties.

    A stub (key and provenance alone) says nothing of a node that exists, so it does not replace its provenance.
    """
    tells = pc.is_null(table["id"])
    for prop in NODES[label].properties:
        if table[prop.name].null_count < table.num_rows:
            tells = pc.or_(tells, pc.is_valid(table[prop.name]))
    return tells


def telling_rows(label: str, table: pa.Table) -> pa.Table:
    """The rows of `telling_mask`."""
    return table.filter(telling_mask(label, table))


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


def place_of(keys: pa.ChunkedArray, ids: pa.Array) -> pa.ChunkedArray:
    """Position of each key in `ids`, INT64."""
    return pc.index_in(keys, value_set=ids).cast(pa.int64())
