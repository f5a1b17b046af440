"""The small town with two runs of gangs: one grew, its wording is known, and a name in it tries to run in a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import small_town
from small_town import ACCOUNTS, HOSTILE, MINUTE, NOON_MS, rows

from algorithms._base import Found, Member, catalog
from algorithms._run import Stamp, to_rowsets
from graph.intake import Intake, Source
from ledger.projection import catch_up
from usecases.services import Services

GANG, OTHER = "gang-0123456789", "gang-abcdef0123"
CARD = "4111 1111 1111 1111"
TEXT = f"在家点赞做任务，每单返5元，卡号{CARD}，{HOSTILE}"
_HOURS = [[0] * 24 for _ in range(7)]
_HOURS[2][12], _HOURS[2][13] = 4, 1
DETAILS: dict[str, Any] = {
    "gang_id": GANG, "status": "grew", "parents": [GANG], "joined": ["A-collector"], "left": [], "gone": [], "accounts": 3, "victims": 1,
    "things": 1, "callers": 1, "currency": "CNY", "taken_minor": 5_000_000, "kept_minor": 300_000, "hours": _HOURS, "timezone": "Asia/Shanghai",
    "days": [{"day": "2024-05-01", "in_minor": 5_000_000, "out_minor": 4_700_000, "kept_minor": 300_000},
             {"day": "2024-05-03", "in_minor": 0, "out_minor": 100_000, "kept_minor": 200_000}],
    "regions": {"members": {"东湖区": 2, HOSTILE: 1}, "victims": {"unknown": 1}}, "ages": {"60 and over": 1},
    "scripts": [{"messages": 3, "similarity": 0.97, "example_id": "S1", "words": ["任务", HOSTILE]}],
    "typology": {"label": "task_scam", "hint": "task_scam", "probability": 0.91, "reasons": ["says: 任务 (+2.0)"], "version": "1"},
    "timeline": [{"account": "A-mule1", "first_ms": NOON_MS, "last_ms": NOON_MS + MINUTE, "role": "mule"}], "omitted": [],
}  # fmt: skip


def _run(name: str, at_ms: int, found: list[Found]) -> list[Any]:
    algorithm = catalog()["gang"]
    stamp = Stamp(name, "gang", algorithm.version, "local", 1, at_ms)
    return list(to_rowsets(found, [f"F-{name}-{i}" for i in range(len(found))], stamp, algorithm.params()))


def build(home: Path, **settings: Any) -> Services:
    """Services over the small town with its phones' messages, regions, and gangs of two runs."""
    services = small_town.build(home, **settings)
    members = (
        Member("Account", "A-mule1", "mule", 1, 0.9, "90%: passes money on"), Member("Account", "A-mule2", "mule", 2, 0.8, HOSTILE),
        Member("Account", "A-collector", "unclear", None, 0.6, "41%"), Member("Account", "A-victim", "victim", 0, 0.0, "paid"),
        Member("Phone", "+8613800138000", "caller", None, 0.7, "called"), Member("Device", "D1", "shared_identifier", None, 0.7, "used by several"),
    )  # fmt: skip
    now = Found("3 accounts, 1 likely victims, 50,000.00 CNY taken", 0.9, members, ("roles by the scorecard: 2 mule",), ("the role of 1 accounts is unclear",),
                ("T1", "T2"), 5_000_000, "CNY", NOON_MS, NOON_MS + 45 * MINUTE, DETAILS)  # fmt: skip
    young = replace(
        now, members=members[:2], details={**DETAILS, "status": "born", "joined": ["A-mule1", "A-mule2"], "accounts": 2}
    )
    gone = replace(now, members=members[3:4], details={"gang_id": OTHER, "status": "born"})
    text = {"from_id": "+8613800138000", "to_id": "+8613900139000", "id": "S1", "at_ms": NOON_MS, "text": TEXT}
    facts = [
        rows("Phone", [{"id": "+8613900139000", "carrier": "CMCC"}]),
        rows("Account", [{"id": id, "region": "东湖区" if id != "A-clean" else "西岭区"} for id in ACCOUNTS]),
        rows("TEXTED", [text], ("Phone", "Phone")),
    ]
    for key, found in (
        ("gang-facts", facts),
        ("gang-1", _run("run-g1", NOON_MS + 10**8, [young, gone])),
        ("gang-2", _run("run-g2", NOON_MS + 2 * 10**8, [now])),
    ):
        intake = Intake(facts=tuple(found), rows_read=sum(map(len, found)))
        services.ledger.append(Source(key, "detect", key), [intake], by="test")
    catch_up(services.ledger, services.store)
    assert json.loads(json.dumps(DETAILS)) == DETAILS
    return services
