"""Where reported money can have gone: ours (mule chains from the reported payments) beside raphtory's temporal reachability.

`python -m bench.chains_raphtory [--size 1000000] [--asked 10]`. raphtory (GPL-3.0, a peer of this bench alone) answers less:
all accounts that a chain of later and later payments leads to, whatever the sums, from one payer and one time. It gets
the same movements, the same accounts where money is not followed further, the longest chain (8 hops) and the longest time
(8 windows) of ours. Checked on every payment asked: its set equals a plain sweep by rounds of hops, and holds every
account that our chains name. Loading its graph is timed apart; so is ours.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from algorithms import _flow as fl
from algorithms._flow import Bools, Flow
from algorithms._money import Money, money
from algorithms._projection import picture
from algorithms.mule_chain import MuleChainParams, Seed, find_in
from bench.chains import HOPS, WINDOW_MS, load, warm
from bench.measure import machine


def graph_of(flow: Flow) -> tuple[Any, float]:
    """raphtory's graph of these movements, and the seconds it took to load it."""
    from raphtory import Graph

    columns = {"at_ms": flow.at_ms, "src": flow.src.astype(np.uint64), "dst": flow.dst.astype(np.uint64)}
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    started, graph = time.perf_counter(), Graph()
    graph.load_edges(table, time="at_ms", src="src", dst="dst")
    return graph, time.perf_counter() - started


def reached(graph: Any, payer: int, at_ms: int, stop: list[Any]) -> tuple[set[int], float]:
    """Accounts raphtory reaches from the payer from this time on (the payer itself left out), and the seconds of its answer.

    Reading the answer is not in them: node by node it takes ten times as long, so it goes through a file.
    """
    from raphtory import algorithms

    started = time.perf_counter()
    seen = graph.window(at_ms, at_ms + HOPS * WINDOW_MS + 1)
    told: Any = algorithms.temporally_reachable_nodes(seen, HOPS, at_ms - 1, [payer], stop)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        told.to_parquet(f"{folder}/told.parquet", "node")
        table = pq.read_table(f"{folder}/told.parquet")
    some = table.filter(pc.greater(pc.list_value_length(table["reachable_nodes"]), 0))
    return {int(str(name)) for name in some["node"].to_pylist()} - {payer}, seconds


def swept(flow: Flow, payer: int, at_ms: int, stop: Bools) -> set[int]:
    """The same by rounds: after each hop the earliest time at which an account can have been paid."""
    rows = np.flatnonzero((flow.at_ms >= at_ms) & (flow.at_ms <= at_ms + HOPS * WINDOW_MS))
    src, dst, when = flow.src[rows], flow.dst[rows], flow.at_ms[rows]
    never = np.iinfo(np.int64).max
    earliest = np.full(flow.n_nodes, never)
    earliest[payer] = at_ms - 1
    for _ in range(HOPS):
        follows = (when > earliest[src]) & ~stop[src]
        before = earliest.copy()
        np.minimum.at(earliest, dst[follows], when[follows])
        if np.array_equal(before, earliest):
            break
    return set(np.flatnonzero(earliest < never).tolist()) - {payer}


def stops(flow: Flow, params: MuleChainParams) -> Bools:
    """Where ours does not follow money further: hubs, cash points, wallets."""
    hub = fl.hubs(flow, params.hub_partners, int(params.hub_days * 86_400_000))
    stop: Bools = hub | np.isin(flow.kind, (fl.CASH, fl.WALLET))
    return stop


def named(projected: Money, params: MuleChainParams) -> set[int]:
    """Numbers of the accounts and wallets our chains name."""
    members = [member for found in find_in(projected, params) for member in found.members]
    accounts = projected.table.number_of(member.id for member in members if member.label == "Account").tolist()
    wallets = {name: projected.table.n_accounts + place for place, name in enumerate(projected.wallets)}
    return {*accounts, *(wallets[member.id] for member in members if member.label == "Wallet")}


def main() -> None:
    """Print both times, the checks and the ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.chains_raphtory", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="transfers of the generated town")
    parser.add_argument("--asked", type=int, default=10, help="reported payments raphtory is asked about")
    asked = parser.parse_args()
    print(machine())
    warm()
    with tempfile.TemporaryDirectory() as folder:
        shelf, ids = load(asked.size, Path(folder))
    with picture(shelf):
        started = time.perf_counter()
        projected = money(shelf)
        project_s = time.perf_counter() - started
    flow = projected.flow
    every = MuleChainParams(seeds=tuple(Seed(id=name) for name in ids), limit=len(ids), allow_equal_times=False)
    find_in(projected, every)  # compiled before the clock starts
    started = time.perf_counter()
    find_in(projected, every)
    ours_s = time.perf_counter() - started
    stop = stops(flow, every)
    stopping = [int(node) for node in np.flatnonzero(stop)]
    graph, load_s = graph_of(flow)
    seconds, equal, held = [], 0, 0
    chosen = [ids[i] for i in np.linspace(0, len(ids) - 1, asked.asked).astype(int)]
    for name in chosen:
        (row,) = np.flatnonzero(projected.rows_of([name])).tolist()
        payer, at_ms = int(flow.src[row]), int(flow.at_ms[row])
        found, took_s = reached(graph, payer, at_ms, stopping)
        seconds.append(took_s)
        plain = swept(flow, payer, at_ms, stop)
        one = named(projected, every.model_copy(update={"seeds": (Seed(id=name),)})) - {payer}
        equal += found == plain
        held += one <= found
        print(f"  {name}: raphtory {len(found):,} accounts in {seconds[-1]:.2f} s, the sweep {len(plain):,}; ours names {len(one)}, "
              f"{len(one - found)} of them not among raphtory's", flush=True)  # fmt: skip
    whole = float(np.mean(seconds)) * len(ids)
    print(f"{len(flow):,} movements: raphtory loads them in {load_s:.1f} s, ours projects them in {project_s:.2f} s")
    print(
        f"raphtory, one payment: mean {np.mean(seconds):.2f} s, median {np.median(seconds):.2f} s; all {len(ids):,} reported payments at that mean: {whole:,.0f} s"
    )
    print(
        f"ours, all {len(ids):,} at once, sums followed and findings described: {ours_s:.2f} s, {100 * ours_s / whole:.2f}% of it"
    )
    print(
        f"checks: raphtory equals the sweep for {equal} of {len(chosen)}, holds all that ours names for {held} of {len(chosen)}"
    )


if __name__ == "__main__":
    main()
