"""The features of a transfer asked as Cypher queries on a store, and from the state: the same values, and how much sooner.

Where the definitions agree the values must be equal, else the bench ends with an error. They agree on accounts that deal in no
coins (the state counts those legs too) while a window holds at most the state's RING of transfers; beyond, the state's
number is a lower bound, which is checked. Distance to known-bad accounts and the habits in hours and devices are in the state's time
and in no query here.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from core.settings import Settings
from graph.port import GraphStore
from ledger.columns import Columns
from scoring.layout import RING, WIDTH, Features, account_bytes
from scoring.state import State
from scoring.transfer import Transfer, transfer_of
from usecases import bootstrap
from usecases.services import Services

DAY_MS, SOON_MS = 86_400_000, 7_200_000
PAIRS = 60
_OUT = "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE a.id = $payer"
_IN = "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE b.id = "
_DAY = " AND t.at_ms >= $since AND t.at_ms <= $at"
#: One question each; `n` is how many transfers the window holds.
QUESTIONS = {
    "the payer's habit": f"{_OUT} RETURN count(t) AS n, max(t.amount_minor) AS x",
    "known payee": f"{_OUT} AND b.id = $payee RETURN count(t) AS n",
    "the payer's day": f"{_OUT}{_DAY} RETURN count(t) AS n, sum(t.amount_minor) AS s",
    "payees of the payer's day": f"{_OUT}{_DAY} AND b.id <> $payee RETURN count(t) AS n, count(DISTINCT b.id) AS d",
    "payers of the payee's day": f"{_IN}$payee{_DAY} AND a.id <> $payer RETURN count(t) AS n, count(DISTINCT a.id) AS d",
    "the payee's day": f"{_IN}$payee{_DAY} RETURN count(t) AS n, sum(t.amount_minor) AS s",
    "received within two hours": f"{_IN}$payer AND t.at_ms >= $soon AND t.at_ms <= $at RETURN count(t) AS n, sum(t.amount_minor) AS s",
    "suspected company of the payee": "MATCH (f:Finding)-[i:INVOLVES]->(b:Account) WHERE b.id = $payee RETURN count(f) AS n, max(f.score) AS s",
}  # fmt: skip
_Answers = Mapping[str, tuple[Any, ...]]
#: Feature of the state, the question that tells whether its window is whole, and what the queries make it.
SAME: dict[str, tuple[str, Callable[[_Answers, int], float]]] = {
    "payer_out_n": ("", lambda a, _: a["the payer's habit"][0]),
    "amount_over_max": ("", lambda a, m: m / a["the payer's habit"][1] if a["the payer's habit"][0] else -1.0),
    "new_payee": ("", lambda a, _: float(a["known payee"][0] == 0)),
    "out_24h_n": ("the payer's day", lambda a, _: a["the payer's day"][0] + 1),
    "out_24h_sum": ("the payer's day", lambda a, m: (a["the payer's day"][1] or 0) + m),
    "fan_out_24h": ("the payer's day", lambda a, _: a["payees of the payer's day"][1] + 1),
    "fan_in_24h": ("the payee's day", lambda a, _: a["payers of the payee's day"][1] + 1),
    "payee_in_24h_sum": ("the payee's day", lambda a, _: a["the payee's day"][1] or 0),
    "pass_in_sum": ("received within two hours", lambda a, _: a["received within two hours"][1] or 0),
}


def compare(home: Path, store: str = "ladybug") -> None:
    """Ask both for the same transfers in one process and print values, times and the state's memory.

    Raises AssertionError where a value differs that must not.
    """
    settings = Settings(home=home, store=store)  # type: ignore[arg-type]
    if store == "neo4j":
        began = time.perf_counter()
        bootstrap.rebuild_store(settings)
        print(f"neo4j loaded in {time.perf_counter() - began:.0f} s", flush=True)
    from usecases.flight import Flight

    with bootstrap.running(settings) as services:
        flight = Flight(services)
        began = time.perf_counter()
        flight.start()
        state = flight.state
        print(f"state of {len(state):,} accounts from the ledger in {time.perf_counter() - began:.1f} s; {account_bytes():,} bytes of arrays an "
              f"account, {state.nbytes / 2**20:.0f} MiB of arrays with devices, addresses and room to grow", flush=True)  # fmt: skip
        try:
            asked = _asked(services, int(state.acc.last_ms.max()))
            features, ours_s = _from_state(state, asked)
            answers, theirs_s = _from_store(services.store, asked)
        finally:
            flight.stop()
    _check(asked, features, answers)
    print(f"features of one transfer on {store}: {1e6 * ours_s:.1f} µs from the state (all {WIDTH}), {1e3 * theirs_s:.2f} ms as {len(QUESTIONS)} Cypher "
          f"queries ({len(SAME)} of them): {theirs_s / ours_s:,.0f} times", flush=True)  # fmt: skip


def _asked(services: Services, at_ms: int) -> list[Transfer]:
    """Transfers to judge: payers and payees of the last day, every third payer with somebody else's payee."""
    columns, head = Columns(services.ledger), services.ledger.head_seq()
    coins = set(columns.rels("EXCHANGED", [], ("Account", "Wallet"), head)["from_id"].to_pylist())
    coins |= set(columns.rels("EXCHANGED", [], ("Wallet", "Account"), head)["to_id"].to_pylist())
    moves = columns.rels("TRANSFER", ["at_ms", "currency"], ("Account", "Account"), head)
    frame = pl.DataFrame(pl.from_arrow(moves)).filter(pl.col("at_ms") > at_ms - DAY_MS, pl.col("currency") == "CNY")
    ends = [
        (a, b)
        for a, b in frame.select("from_id", "to_id").unique().sort("from_id", "to_id").rows()
        if not {a, b} & coins
    ]
    dice = random.Random(1)
    chosen = dice.sample([pair for pair in ends if pair[0] != pair[1]], min(PAIRS, len(ends)))
    payees = [payee for _, payee in chosen]
    pairs = [(a, dice.choice(payees) if n % 3 == 2 else b) for n, (a, b) in enumerate(chosen)]
    return [transfer_of({"id": f"c{n}", "payer": a, "payee": b, "amount_minor": 100_001, "currency": "CNY", "at_ms": at_ms})
            for n, (a, b) in enumerate(pairs) if a != b]  # fmt: skip


def _from_state(state: State, asked: list[Transfer]) -> tuple[list[Features], float]:
    """The features of each, and seconds for one: the median of twenty rounds over all."""
    found, took = [state.look(item) for item in asked], []
    for _ in range(20):
        began = time.perf_counter()
        for item in asked:
            state.look(item)
        took.append((time.perf_counter() - began) / len(asked))
    return found, sorted(took)[len(took) // 2]


def _from_store(store: GraphStore, asked: list[Transfer]) -> tuple[list[dict[str, tuple[Any, ...]]], float]:
    """The answers to each, and seconds for one: the median, everything having been asked once before."""
    took: list[float] = []
    for _ in range(2):
        found, took = [], []
        for item in asked:
            told = {
                "payer": item.payer,
                "payee": item.payee,
                "at": item.at_ms,
                "since": item.at_ms - DAY_MS,
                "soon": item.at_ms - SOON_MS,
            }
            began = time.perf_counter()
            found.append({
                name: tuple(store.query(cypher, {key: told[key] for key in told if f"${key}" in cypher}).rows[0])
                for name, cypher in QUESTIONS.items()
            })  # fmt: skip
            took.append(time.perf_counter() - began)
    return found, sorted(took)[len(took) // 2]


def _check(asked: list[Transfer], features: list[Features], answers: list[dict[str, tuple[Any, ...]]]) -> None:
    """Equal where the definitions agree, a lower bound where the state's ring is full; prints how often which."""
    told: Counter[str] = Counter()
    for item, ours, theirs in zip(asked, features, answers, strict=True):
        for name, (window, made) in SAME.items():
            mine, other = getattr(ours, name), float(made(theirs, item.amount_minor))
            whole = not window or theirs[window][0] < RING
            right = abs(mine - other) <= 1e-9 * max(1.0, abs(other)) if whole else mine <= other
            assert right, f"{name} of {item.payer} to {item.payee}: {mine} from the state, {other} from the store"
            told["equal" if whole else "bound"] += 1
            told["nothing"] += whole and other in (0.0, 1.0, -1.0)
    print(f"values of {len(asked)} transfers: {told['equal']} equal ({told['equal'] - told['nothing']} of them more than 'none' or 'one'), "
          f"{told['bound']} of windows with {RING} transfers or more, where the state's is a lower bound; none wrong", flush=True)  # fmt: skip
