"""Turns closed journal segments into ledger batches: transfers that are settled or refused become part of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from core.db import transaction
from core.ids import derived
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from ledger.journal import Journal, Segment
from scoring import book
from scoring.journaled import Record, Resolved, Scored, decode
from scoring.transfer import Transfer
from usecases.services import Services

FORMAT = "flight"
SOURCE = "transfers in flight"


def seal(services: Services, journal: Journal) -> int:
    """Every closed segment becomes one batch, then goes; returns how many. A crash at any point repeats, never doubles.

    First the tables have its records, then the ledger its batch (the segment's first number is the fingerprint), then
    the file is removed. Raises what the system database and the ledger raise; the segment stays.
    """
    segments = journal.rotate()
    for segment in segments:
        seal_one(services, segment)
        journal.remove(segment)
    return len(segments)


def seal_one(services: Services, segment: Segment) -> None:
    """Tables and ledger take one segment; again changes nothing."""
    records = [(number, decode(payload)) for number, payload in segment.records()]
    if not records:
        return
    with transaction(services.engine) as session:
        book.write(session, records)
    rowsets, links = _rows(records)
    if not rowsets:
        return
    source = Source(f"{SOURCE} {segment.first}", FORMAT, f"journal-{segment.first:016d}", {"last": str(records[-1][0])})
    intake = Intake(facts=(rowsets,), derived=tuple(links), rows_read=len(rowsets))
    services.ledger.append(source, [intake], by="scoring", max_reject_share=1.0)


def _rows(records: Sequence[tuple[int, Record]]) -> tuple[RowSet | None, list[RowSet]]:
    final: list[tuple[int, Transfer, str]] = []
    for number, record in records:
        if isinstance(record, Resolved) or record.final:
            final.append((number, record.transfer, record.final))
    if not final:
        return None, []
    table = pa.table({
        "from_id": [t.payer for _, t, _ in final], "to_id": [t.payee for _, t, _ in final],
        "id": [t.id for _, t, _ in final], "amount_minor": pa.array([t.amount_minor for _, t, _ in final], pa.int64()),
        "currency": [t.currency for _, t, _ in final], "at_ms": pa.array([t.at_ms for _, t, _ in final], pa.int64()),
        "channel": [t.channel for _, t, _ in final], "status": [status for _, _, status in final],
        "source": [SOURCE] * len(final), "source_row": pa.array([number for number, _, _ in final], pa.int64()),
    })  # fmt: skip
    scored = [record.transfer for _, record in records if isinstance(record, Scored)]
    devices = _links("USED_DEVICE", "Device", ((t.payer, t.device) for t in scored if t.device))
    addresses = _links("CONNECTED_FROM", "IP", ((t.payer, t.ip) for t in scored if t.ip))
    return RowSet("TRANSFER", conform("TRANSFER", table), "Account", "Account"), [*devices, *addresses]


def _links(type_name: str, label: str, pairs: Iterable[tuple[str, str]]) -> list[RowSet]:
    ends = sorted(set(pairs))
    if not ends:
        return []
    table = pa.table({
        "from_id": [a for a, _ in ends], "to_id": [b for _, b in ends],
        "id": [derived(type_name, "Account", label, a, b) for a, b in ends], "source": [SOURCE] * len(ends),
        "source_row": pa.array([0] * len(ends), pa.int64()),
    })  # fmt: skip
    return [RowSet(type_name, conform(type_name, table), "Account", label)]
