"""Turns a closed journal segment into ledger batches: transfers that are settled or refused become part of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
import polars as pl
import pyarrow as pa

from core.ids import derived
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from ledger.journal import Segment
from scoring.journaled import Record, Scored, decode
from usecases.services import Services

FORMAT = "flight"
SOURCE = "transfers in flight"
#: Records taken from the journal's file at a time.
_PIECE = 2_000
_ENDS = pa.schema([("from_id", pa.string()), ("to_id", pa.string())])
T = TypeVar("T")


def seal_one(services: Services, segment: Segment) -> None:
    """The ledger takes a closed segment as one batch, whose fingerprint is the segment's first number: again changes nothing.

    The tables must have its records. Raises what the ledger raises.
    """
    moves: list[pa.Table] = []
    ends: dict[str, list[pa.Table]] = {"device": [], "ip": []}
    last = 0
    for piece in batched(segment.records(), _PIECE):
        records = [(number, decode(payload)) for number, payload in piece]
        last = records[-1][0]
        moves.append(_moves(records))
        scored = [record.transfer for _, record in records if isinstance(record, Scored)]
        for name, tables in ends.items():
            pairs = [(t.payer, getattr(t, name)) for t in scored if getattr(t, name)]
            tables.append(pa.table({"from_id": [a for a, _ in pairs], "to_id": [b for _, b in pairs]}, _ENDS))
    if not sum(table.num_rows for table in moves):
        return
    rowset = RowSet("TRANSFER", conform("TRANSFER", pa.concat_tables(moves)), "Account", "Account")
    links = [*_links("USED_DEVICE", "Device", ends["device"]), *_links("CONNECTED_FROM", "IP", ends["ip"])]
    source = Source(f"{SOURCE} {segment.first}", FORMAT, f"journal-{segment.first:016d}", {"last": str(last)})
    intake = Intake(facts=(rowset,), derived=tuple(links), rows_read=len(rowset))
    services.ledger.append(source, [intake], by="scoring", max_reject_share=1.0)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter (itertools has it from Python 3.12 on)."""
    left = iter(items)
    while piece := list(islice(left, size)):
        yield piece


def _moves(records: Sequence[tuple[int, Record]]) -> pa.Table:
    """Transfers that are settled or refused by now."""
    final = [(number, item.transfer, item.final) for number, item in records if item.final]
    return pa.table({
        "from_id": pa.array([t.payer for _, t, _ in final], pa.string()),
        "to_id": pa.array([t.payee for _, t, _ in final], pa.string()),
        "id": pa.array([t.id for _, t, _ in final], pa.string()),
        "amount_minor": pa.array([t.amount_minor for _, t, _ in final], pa.int64()),
        "currency": pa.array([t.currency for _, t, _ in final], pa.string()),
        "at_ms": pa.array([t.at_ms for _, t, _ in final], pa.int64()),
        "channel": pa.array([t.channel for _, t, _ in final], pa.string()),
        "status": pa.array([status for _, _, status in final], pa.string()),
        "source": pa.array([SOURCE] * len(final), pa.string()),
        "source_row": pa.array([number for number, _, _ in final], pa.int64()),
    })  # fmt: skip


def _links(type_name: str, label: str, parts: Sequence[pa.Table]) -> list[RowSet]:
    """Distinct ends, in order, as relationships."""
    ends = pl.DataFrame(pl.from_arrow(pa.concat_tables(parts))).unique().sort("from_id", "to_id")
    if not ends.height:
        return []
    ids = [derived(type_name, "Account", label, a, b) for a, b in ends.iter_rows()]
    table = ends.to_arrow().cast(_ENDS)
    table = table.append_column("id", pa.array(ids, pa.string()))
    table = table.append_column("source", pa.array([SOURCE] * len(ids), pa.string()))
    table = table.append_column("source_row", pa.array(np.zeros(len(ids), np.int64)))
    return [RowSet(type_name, conform(type_name, table), "Account", label)]
