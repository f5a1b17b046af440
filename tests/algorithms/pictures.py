"""The hand-made picture of every algorithm, as batches any graph store can hold, with whom its first finding must name.

The rows are those of the algorithms' own test files. Here they only become whole: a store keeps no tie whose ends it has not got.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import test_bipartite
import test_call_then_pay
import test_changed_accounts
import test_community
import test_crypto_round_trip
import test_dormant_burst
import test_gather_scatter
import test_key_account
import test_learned_risk
import test_lookalike
import test_new_account_burst
import test_pass_through
import test_random_walk
import test_risk
import test_roles
import test_scatter_gather
import test_shared_device
import test_sim_farm
import test_stack
import test_structuring
from memory_store import MemoryStore, nodes, payments, town

from graph.model import RowSet
from graph.schema import NODES

HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Picture:
    """`batches` are applied as ledger sequences 1, 2 ...; `members` are ids the first finding names, with their roles."""

    algorithm: str
    batches: tuple[tuple[RowSet, ...], ...]
    members: Mapping[str, str]
    params: Mapping[str, Any] = field(default_factory=dict)


def memory(picture: Picture) -> MemoryStore:
    """The picture on the rows themselves."""
    return MemoryStore(item for batch in picture.batches for item in batch)


def pictures(models: Path) -> dict[str, Picture]:
    """All pictures by name; `models` is an empty folder in which the risk model of the picture is fitted."""
    made = [*_money(), *_accounts(), *_ties(), *_groups(), _loads(), _risk(), _learned(models)]
    named = {f"{item.algorithm}-{index}": item for index, item in enumerate(made)}
    return named


def _money() -> Iterable[Picture]:
    ring = [("A", "B", 1_000, 0), ("B", "C", 980, HOUR), ("C", "A", 950, 2 * HOUR), ("C", "D", 5, 3 * HOUR)]
    yield _one("cycle", town(ring), dict.fromkeys("ABC", "cycle_member"))
    payers = [(f"P{i}", "C", 1_000 + i, i * HOUR) for i in range(8)] + [("C", "X", 8_000, 9 * HOUR)]
    yield _one("fan_in", town(payers), {"C": "collector", "P0": "payer"})
    payees = [("V", "D", 80_000, 0)] + [("D", f"M{i}", 9_000 + 100 * i, (i + 1) * HOUR) for i in range(8)]
    yield _one("fan_out", town(payees), {"D": "distributor", "M0": "payee"})
    yield _one(
        "gather_scatter", town(test_gather_scatter.IN + test_gather_scatter.OUT), {"C": "collector", "Q0": "payee"}
    )
    yield _one(
        "scatter_gather",
        town(test_scatter_gather.OUT + test_scatter_gather.BACK),
        {"S": "distributor", "M0": "mule", "Z": "collector"},
    )
    yield _one("bipartite", town(test_bipartite.LAYER), {"P0": "mule", "Q0": "payee"})
    yield _one("stack", town(test_stack.stack(2, 3, 2)), {"A0": "payer", "B0": "mule", "C0": "payee"})
    yield _one("random_walk", town(test_random_walk.WALK), {"A": "payer", "C": "mule", "F": "recipient"})
    chain = [("V", "A", 10_000, 0), ("A", "B", 9_800, 300_000), ("B", "C", 9_700, 540_000)]
    yield _one("mule_chain", town(chain), {"V": "victim", "A": "mule", "B": "mule", "C": "recipient"})
    yield _one("structuring", town(test_structuring.UNDER), {"A": "structurer"})
    yield _one("pass_through", town(test_pass_through.RELAY), {"M": "mule"})
    yield _one("key_account", town(test_key_account.BROKER), {"K": "mule"})
    coin = test_crypto_round_trip
    yield _one("crypto_round_trip", coin.store(coin.BUY, coin.MOVES, coin.SELL), {"A": "exchanger", "W2": "wallet"})


def _accounts() -> Iterable[Picture]:
    sleeper = test_dormant_burst
    yield _one("dormant_burst", town(sleeper.LIFE + sleeper.BEFORE + sleeper.WAKE), {"A": "mule"})
    burst = test_new_account_burst.BURST
    ends = sorted({end for row in burst for end in row[:2]})
    opened = pa.array([48 * 24 * HOUR if end == "A" else None for end in ends], pa.int64())
    yield _one(
        "new_account_burst", MemoryStore([nodes("Account", ends, opened_at_ms=opened), payments(burst)]), {"A": "mule"}
    )
    changed = test_changed_accounts
    yield _one(
        "changed_accounts", changed.place(), {"OLD": "vanished", "NEW": "new"}, turn_ms=changed.TURN, min_units=0
    )


def _ties() -> Iterable[Picture]:
    shared = test_shared_device
    sharers = {"A": "sharer", "B": "sharer", "C": "sharer", "D": "shared_identifier"}
    yield _one("shared_device", shared.place(shared.HANDSET), sharers, min_units=0.5)
    yield _one("sim_farm", test_sim_farm.place(), {"D": "sim_box", "S1": "caller"})
    yield _one("call_then_pay", test_call_then_pay.place(), {"Q": "payee", "V1": "victim", "G": "caller"})
    yield _one("lookalike", test_lookalike.place(), {"A": "sharer", "B": "sharer"})


def _groups() -> Iterable[Picture]:
    gang = town([*test_community.everyday(), *test_community.gang()])
    members = {"m0": "collector", "m3": "cash_out", "mvictim0": "victim"}
    yield _one("community", gang, members, min_score=0.5)
    yield _one("community", gang, members, min_score=0.5, method="louvain")
    yield _one("component", gang, members, min_score=0.5, ties="all")
    yield _one("component", test_roles.gang_town(), {"m0": "mule", "c": "mule", "D": "shared_identifier"})
    yield _one("roles", test_roles.gang_town(), {"m1": "mule"})
    yield _one(
        "gang", test_roles.gang_town(), {"m0": "mule", "c": "cash_out", "e0": "victim", "D": "shared_identifier"}
    )


def _loads() -> Picture:
    """Changed accounts between two loads, told by the ledger sequence each row carries."""
    changed = test_changed_accounts
    loads = [[row for row in changed.ROWS if (row[3] < changed.TURN) == early] for early in (True, False)]
    first, second = (
        payments(rows, id=[f"t{seq}.{i}" for i in range(len(rows))], load_seq=pa.array([seq] * len(rows), pa.int64()))
        for seq, rows in enumerate(loads, 1)
    )
    people = [item for item in changed.place()._rowsets if item.type_name != "TRANSFER"]
    return Picture(
        "changed_accounts",
        (_whole([*people, first]), (second,)),
        {"OLD": "vanished", "NEW": "new"},
        {"before_load": 1, "after_load": 2, "min_units": 0},
    )


def _risk() -> Picture:
    """Risk reads what earlier runs of other algorithms left in the store."""
    risk = test_risk
    rows = [
        nodes("Account", ["A", "B"], kind=["merchant", "bank"]),
        *risk.finding("mule_chain", risk.mule("A")),
        *risk.finding("cycle", risk.mule("B"), risk.mule("A", 0.2, "victim")),
    ]
    return _one("risk", MemoryStore(rows), {"A": "mule"})


def _learned(models: Path) -> Picture:
    rows = [(f"A{i % 5}", f"B{i % 7}", 900_000 if i == 20 else 1_000, (2_000 + i) * HOUR) for i in range(30)]
    given = {"models": test_learned_risk.fitted(models), "min_probability": 0}
    return _one("learned_risk", town(rows), {"A0": "payer", "B6": "payee"}, **given)


def _one(algorithm: str, store: MemoryStore, members: Mapping[str, str], **params: Any) -> Picture:
    return Picture(algorithm, (_whole(store._rowsets),), members, params)


def _whole(rowsets: Iterable[RowSet]) -> tuple[RowSet, ...]:
    """Nodes first, then ties, with a bare node for every end that no row describes."""
    given = list(rowsets)
    known = {
        (item.type_name, name) for item in given if item.type_name in NODES for name in item.table["id"].to_pylist()
    }
    ends = {
        (label, name)
        for item in given
        if item.type_name not in NODES
        for label, column in ((item.from_label, "from_id"), (item.to_label, "to_id"))
        for name in item.table[column].to_pylist()
    }
    bare = [
        nodes(label, sorted(name for of, name in ends - known if of == label))
        for label in sorted({str(label) for label, _ in ends - known})
    ]
    return tuple(sorted([*given, *bare], key=lambda item: item.type_name not in NODES))
