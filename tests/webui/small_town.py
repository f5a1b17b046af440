"""A town small enough to know by heart: one mule chain, a shared device, and names that try to run in a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.db import make_engine
from core.settings import Settings
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from graph.stores import open_store
from ledger.book import Ledger
from ledger.projection import catch_up
from usecases import bootstrap as _every_table  # noqa: F401  (registers the tables of every package)
from usecases import schema_version
from usecases.services import Services

NOON_MS = 1_714_536_000_000  # 2024-05-01 12:00 in Shanghai
MINUTE = 60_000
HOSTILE = "<script>window.ran=1</script><img src=x onerror=window.ran=1>"
FORMULA = '=HYPERLINK("http://evil.example","x")'
BIDI = "invoice‮fdp.exe"
CARD = "4111 1111 1111 1111"
CHAIN = "F-chain"
COMMUNITY = "F-community"

ACCOUNTS = {
    "A-victim": "王芳", "A-mule1": HOSTILE, "A-mule2": FORMULA, "A-collector": BIDI, "A-cash": "ATM 0012",
    "A-clean": "Corner shop", "6222020200012345678": "李伟",
}  # fmt: skip
TRANSFERS = [
    ("T1", "A-victim", "A-mule1", 5_000_000, 0, "rent, card " + CARD),
    ("T2", "A-mule1", "A-mule2", 2_900_000, 7, HOSTILE),
    ("T3", "A-mule1", "A-collector", 2_000_000, 9, None),
    ("T4", "A-mule2", "A-collector", 2_800_000, 20, None),
    ("T5", "A-collector", "A-cash", 4_700_000, 45, None),
    ("T6", "A-clean", "A-victim", 800_000, -1440, "salary"),
]
ROLES = {"A-victim": ("victim", 0), "A-mule1": ("mule", 1), "A-mule2": ("mule", 2), "A-collector": ("collector", 3),
         "A-cash": ("cash_out", 4)}  # fmt: skip


def rows(type_name: str, items: list[dict[str, Any]], pair: tuple[str, str] = ("", "")) -> RowSet:
    """A RowSet of plain dictionaries."""
    names = list(items[0])
    table = pa.table({name: [item[name] for item in items] for name in names})
    return RowSet(type_name, conform(type_name, table), *pair)


def facts() -> list[RowSet]:
    """Nodes first, then relationships."""
    return [
        rows("Account", [{"id": id, "name": name, "kind": "bank", "currency": "CNY"} for id, name in ACCOUNTS.items()]),
        rows("Person", [{"id": "P1", "name": "张敏", "id_number": "11010119900307803X"}]),
        rows("Phone", [{"id": "+8613800138000", "carrier": "CMCC"}]),
        rows("Device", [{"id": "D1", "kind": "phone"}]),
        rows("OWNS", [_tie("P1", "A-mule1"), _tie("P1", "A-mule2")], ("Person", "Account")),
        rows("USED_DEVICE", [_tie("A-mule1", "D1"), _tie("A-mule2", "D1")], ("Account", "Device")),
        rows("REGISTERED_WITH", [_tie("A-collector", "+8613800138000")], ("Account", "Phone")),
        rows(
            "TRANSFER",
            [
                {"id": id, "from_id": start, "to_id": end, "amount_minor": amount, "currency": "CNY",
                 "at_ms": NOON_MS + minutes * MINUTE, "channel": "transfer", "status": "settled", "memo": memo}
                for id, start, end, amount, minutes, memo in TRANSFERS
            ],
            ("Account", "Account"),
        ),
    ]  # fmt: skip


def findings() -> list[RowSet]:
    """One mule chain and one community, as an algorithm would write them."""
    common = {"run_id": "run-1", "algorithm_version": "1.0", "parameters": json.dumps({"window_s": 3600, "seed": 7}),
              "engine": "local", "data_seq": 1, "created_at_ms": NOON_MS + 86_400_000, "currency": "CNY"}  # fmt: skip
    chain = {"id": CHAIN, "kind": "mule_chain", "title": f"Chain through {HOSTILE}", "score": 0.91, "size": 5,
             "reasons": ["50,000.00 CNY left the victim and 94 % went on within 45 minutes", HOSTILE],
             "against": ["A-mule2 kept 100,000 fen"], "evidence_ids": ["T1", "T2", "T3", "T4", "T5"],
             "amount_minor": 5_000_000, "starts_ms": NOON_MS, "ends_ms": NOON_MS + 45 * MINUTE, **common}  # fmt: skip
    group = {**chain, "id": COMMUNITY, "kind": "community", "title": "Two accounts on one device", "score": 0.42, "size": 2,
             "reasons": ["They share device D1"], "against": [], "evidence_ids": [], "amount_minor": None}  # fmt: skip
    return [
        rows("Finding", [chain, group]),
        rows(
            "INVOLVES",
            [_tie(CHAIN, id) | {"role": role, "layer": layer, "reason": f"{role} by flow"} for id, (role, layer) in ROLES.items()]
            + [_tie(COMMUNITY, id) | {"role": "member", "layer": None, "reason": ""} for id in ("A-mule1", "A-mule2")],
            ("Finding", "Account"),
        ),
    ]  # fmt: skip


def build(home: Path, **settings: Any) -> Services:
    """Services over a fresh installation that holds the town, through ledger and store as in real life."""
    chosen = Settings(home=home, buffer_pool_mb=256, store_threads=1, timezone="Asia/Shanghai", **settings)
    engine = make_engine(chosen.sql_url)
    schema_version.bring_up_to_date(engine)
    ledger = Ledger(engine, chosen.ledger_dir)
    count = sum(len(rowset) for rowset in facts())
    ledger.append(Source("small_town.csv", "csv", "town-1"), [Intake(facts=tuple(facts()), rows_read=count)], by="test")
    found = findings()
    ledger.append(
        Source("run-1", "findings", "run-1"), [Intake(facts=tuple(found), rows_read=sum(map(len, found)))], by="test"
    )
    store = open_store(chosen)
    catch_up(ledger, store)
    return Services(chosen, engine, ledger, store)


def _tie(start: str, end: str) -> dict[str, Any]:
    return {"id": f"{start}|{end}", "from_id": start, "to_id": end}
