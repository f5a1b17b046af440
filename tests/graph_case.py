"""A small case both stores are asked about: a victim, three mules, a cash-out, a shared phone, two findings."""

from __future__ import annotations

import json

import pyarrow as pa

from core.ids import derived
from graph.model import RowSet, conform

T0 = 1_700_000_000_000
MINUTE = 60_000


def _table(rows: list[dict]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _nodes(label: str, *rows: dict) -> RowSet:
    return RowSet(label, conform(label, _table([{**row, "source": "sample"} for row in rows])))


def _rels(rel: str, pair: tuple[str, str], *rows: dict) -> RowSet:
    filled = [{"id": derived(rel, *pair, row["from_id"], row["to_id"]), **row} for row in rows]
    return RowSet(rel, conform(rel, _table(filled)), *pair)


def _transfer(id: str, start: str, end: str, amount: int, minute: int) -> dict:
    return {
        "id": id, "from_id": start, "to_id": end, "amount_minor": amount, "currency": "CNY",
        "at_ms": T0 + minute * MINUTE, "channel": "transfer", "status": "settled",
    }  # fmt: skip


def _finding(id: str, kind: str, score: float, **more: object) -> dict:
    return {
        "id": id, "kind": kind, "title": f"{kind} of {id}", "score": score, "run_id": "R1", "algorithm_version": "1",
        "engine": "local", "parameters": json.dumps({"k": 1}), "data_seq": 1, "created_at_ms": T0 + 9 * MINUTE, **more,
    }  # fmt: skip


def rowsets() -> list[RowSet]:
    """Nodes first, then relationships."""
    return [
        _nodes(
            "Account",
            {"id": "ICBC-Victim", "number": "6222000000000001", "name": "王敏", "kind": "bank"},
            {"id": "CCB-M1", "number": "6227000000000002", "name": "Zhang Wei", "kind": "bank"},
            {"id": "CCB-M2", "number": "6227000000000003", "name": "Li Na", "kind": "bank"},
            {"id": "ABC-M3", "number": "6228000000000004", "name": "100%_real", "kind": "bank"},
            {"id": "ATM-1", "name": "ATM", "kind": "cash"},
        ),
        _nodes("Person", {"id": "P-1", "name": "Zhang Wei", "id_number": "11010119900307001X"}),
        _nodes("Phone", {"id": "+8613800138000", "kind": "mobile"}, {"id": "+8613900139000"}),
        _nodes("Device", {"id": "imei-A1"}),
        _nodes(
            "Finding",
            _finding("F-chain", "mule_chain", 0.9, evidence_ids=["t1", "t2", "t3", "t5"], amount_minor=1_000_000,
                     currency="CNY", reasons=["passes money on within minutes"]),
            _finding("F-group", "community", 0.4),
        ),
        _rels(
            "TRANSFER", ("Account", "Account"),
            _transfer("t1", "ICBC-Victim", "CCB-M1", 600_000, 0), _transfer("t2", "ICBC-Victim", "CCB-M2", 400_000, 1),
            _transfer("t3", "CCB-M1", "ABC-M3", 590_000, 5), _transfer("t4", "CCB-M1", "CCB-M1", 7, 6),
            _transfer("t5", "ABC-M3", "ATM-1", 580_000, 10), _transfer("t6", "CCB-M1", "ABC-M3", 3, 90),
        ),
        _rels("OWNS", ("Person", "Account"), {"from_id": "P-1", "to_id": "CCB-M1"}),
        _rels("OWNS", ("Person", "Phone"), {"from_id": "P-1", "to_id": "+8613800138000"}),
        _rels("REGISTERED_WITH", ("Account", "Phone"), {"from_id": "CCB-M1", "to_id": "+8613800138000"},
              {"from_id": "CCB-M2", "to_id": "+8613800138000"}),
        _rels("USED_DEVICE", ("Account", "Device"),
              {"from_id": "CCB-M1", "to_id": "imei-A1", "first_seen_ms": T0, "last_seen_ms": T0 + MINUTE, "count": 3}),
        _rels("INVOLVES", ("Finding", "Account"),
              {"from_id": "F-chain", "to_id": "ICBC-Victim", "role": "victim", "layer": 0},
              {"from_id": "F-chain", "to_id": "CCB-M1", "role": "mule", "layer": 1, "score": 0.8, "reason": "forwards 98%"},
              {"from_id": "F-chain", "to_id": "CCB-M2", "role": "mule", "layer": 1, "score": 0.6},
              {"from_id": "F-chain", "to_id": "ABC-M3", "role": "mule", "layer": 2, "score": 0.7},
              {"from_id": "F-group", "to_id": "CCB-M1", "role": "member"}),
        _rels("INVOLVES", ("Finding", "Phone"), {"from_id": "F-group", "to_id": "+8613800138000", "role": "hub"}),
    ]  # fmt: skip


def load(store) -> None:
    """The case as ledger batch 1."""
    store.apply(1, rowsets())
