"""Mule chains: ours over all transfers against a Cypher variable-length query from a few seeds, and growth with size.

`python -m bench.chains [--neo4j] [--sizes 100000,1000000] [--seconds 10]`. The Cypher peer is asked for less: the ids of
trails in a time frame (Ladybug, whose Cypher cannot compare neighbours: order is checked on what comes back) or in
order of time within the pass-through window (Neo4j); neither can say that the sum of the following payments explains
a payment. It starts from one hop and goes up until a query exceeds `--seconds`.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ladybug
import numpy as np
import pyarrow as pa

from algorithms import _chain_search as chains
from algorithms import _flow as fl
from algorithms._base import Task
from algorithms._money import Money, money
from algorithms._projection import picture
from algorithms.mule_chain import MuleChainParams, Seed, find, find_in
from core.settings import Settings
from evaluation.shelf import Shelf, read
from loaders.synthetic import reports
from loaders.town.generate import generate

HOPS, SEEDS_ASKED = 8, 40
WINDOW_MS = MuleChainParams().window_s * 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One seed: a reported payment, its payer and its time."""

    transfer: str
    payer: str
    at_ms: int


Ask = Callable[[Asked, int, float], int]
"""(seed, hops, seconds allowed) -> paths; raises when stopped at the limit."""


def load(size: int, scratch: Path) -> tuple[Any, list[str]]:
    """A generated town as (Shelf, the first reported transfer of every report)."""
    folder = scratch / f"town{size}"
    generate(folder, transfers=size, seed=7)
    named = [ids[0] for ids in reports(folder)["transfer_ids"].to_pylist() if ids]
    shelf, _ = read(folder, "synthetic")
    shutil.rmtree(folder)
    needed = {"Account", "TRANSFER", "Wallet", "EXCHANGED"}
    return Shelf(item for item in shelf._rowsets if item.type_name in needed), named


def warm(scratch: Path) -> None:
    """Compile (or load) the kernels on a tiny town, so that it is not counted: it takes some 10 s once per installation."""
    shelf, _ = load(1_000, scratch)
    params = MuleChainParams()
    flow = money(shelf).flow
    hub = fl.hubs(flow, params.hub_partners, int(params.hub_days * 86_400_000))
    chains.scores(flow, chains.search(flow, params.rules(), hub, params.merge_within_s * 1000), params.rules())
    find(Task(shelf), params)


def growth(size: int, scratch: Path) -> tuple[Money, list[str]]:
    """Print our times for all chains of a town of this size; returns the projection and the reported transfers."""
    shelf, named = load(size, scratch)
    params = MuleChainParams()
    with picture(shelf):
        started = time.perf_counter()
        projected = money(shelf)
        project_s = time.perf_counter() - started
        flow, rules = projected.flow, params.rules()
        started = time.perf_counter()
        hub = fl.hubs(flow, params.hub_partners, int(params.hub_days * 86_400_000))
        found = chains.search(flow, rules, hub, params.merge_within_s * 1000)
        chains.scores(flow, found, rules)
        kernel_s = time.perf_counter() - started
        started = time.perf_counter()
        rows = find(Task(shelf), params)
        all_s = time.perf_counter() - started
    print(
        f"  {size:>10,} transfers: project {project_s:6.2f} s, follow and score {kernel_s:6.2f} s "
        f"({1e9 * kernel_s / size:,.0f} ns a transfer), all chains with rows {all_s:6.2f} s; "
        f"{len(found.links.lot):,} links, {found.n_groups:,} groups, {len(rows)} findings",
        flush=True,
    )
    return projected, named


def seeds_of(projected: Money, named: Sequence[str]) -> list[Asked]:
    """A fixed sample of reported payments, spread over the list."""
    flow = projected.flow
    chosen = [named[i] for i in np.linspace(0, len(named) - 1, SEEDS_ASKED).astype(int)]
    rows = np.flatnonzero(projected.rows_of(chosen))
    names = projected.names(flow.src[rows].tolist())
    return [
        Asked(event, payer, int(flow.at_ms[row]))
        for event, (_, payer), row in zip(projected.events(rows), names, rows.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Peer:
    """Seconds of each seed's query for all hops (the limit where it was stopped), and how many were stopped."""

    seconds: tuple[float, ...]
    stopped: int

    @property
    def mean(self) -> float:
        return float(np.mean(self.seconds))


def peer(name: str, ask: Ask, seeds: Sequence[Asked], limit: float) -> Peer:
    """Ask for every seed's paths of up to HOPS hops; where that is stopped, say how many hops finish."""
    taken, stopped = [], 0
    ask(seeds[0], 1, limit)
    for seed in seeds:
        paths, seconds = timed(ask, seed, HOPS, limit)
        taken.append(seconds)
        if paths is None:
            stopped += 1
            hops = HOPS
            while paths is None and hops > 1:
                hops -= 1
                paths, seconds = timed(ask, seed, hops, limit)
            print(
                f"    {name} {seed.transfer}: {HOPS} hops stopped after {taken[-1]:.1f} s; {hops} hops: {paths} paths in {seconds:.2f} s",
                flush=True,
            )
    return Peer(tuple(taken), stopped)


def timed(ask: Ask, seed: Asked, hops: int, limit: float) -> tuple[int | None, float]:
    """(paths, or None when stopped at the limit; seconds). Raises what is no stop."""
    started = time.perf_counter()
    try:
        return ask(seed, hops, limit), time.perf_counter() - started
    except Exception:  # each driver has its own way to say that a query was stopped
        seconds = time.perf_counter() - started
        if seconds < 0.5 * limit:
            raise
        return None, seconds


def columns(projected: Money) -> pa.Table:
    """Transfers as from, to, id, amount, time: what the peers are loaded with."""
    flow, rows = projected.flow, np.flatnonzero(projected.origin < len(projected.table))
    source, target = (pa.array(projected.table.accounts(side[rows])) for side in (flow.src, flow.dst))
    names = ["src", "dst", "id", "amount_minor", "at_ms"]
    values = [source, target, pa.array(projected.events(rows)), pa.array(flow.amount[rows]), pa.array(flow.at_ms[rows])]
    return pa.table(dict(zip(names, values, strict=True)))


def on_ladybug(projected: Money, seeds: Sequence[Asked], seconds: float, scratch: Path) -> Peer:
    """The peer on Ladybug: trails of the time frame from the seed on."""
    database = ladybug.Database(str(scratch / "chains.lbug"), buffer_pool_size=2 << 30, max_num_threads=2)
    link = ladybug.Connection(database)
    link.execute("CREATE NODE TABLE Account(id STRING PRIMARY KEY)")
    link.execute("CREATE REL TABLE TRANSFER(FROM Account TO Account, id STRING, amount_minor INT64, at_ms INT64)")
    accounts, rows = pa.table({"id": projected.table.account_ids}), columns(projected)
    link.execute("COPY Account FROM $rows", {"rows": accounts})
    link.execute("COPY TRANSFER FROM $rows", {"rows": rows})
    link.execute("CHECKPOINT")

    def ask(seed: Asked, hops: int, limit: float) -> int:
        link.set_query_timeout(int(limit * 1000))
        frame = f"e.at_ms >= {seed.at_ms:d} AND e.at_ms <= {seed.at_ms + HOPS * WINDOW_MS:d}"
        found = link.execute(
            f"MATCH (v:Account)-[r:TRANSFER* TRAIL 1..{hops:d} (e, n | WHERE {frame})]->(x:Account) WHERE v.id = $payer "
            "RETURN properties(rels(r), 'id') AS ids, properties(rels(r), 'at_ms') AS times",
            {"payer": seed.payer},
        )
        return in_order(found.get_as_arrow(100_000)["times"])

    try:
        return peer("Ladybug", ask, seeds, seconds)
    finally:
        link.close()
        database.close()


def in_order(times: pa.ChunkedArray) -> int:
    """How many of these lists of times are chains: each step no earlier than the one before, and within the window."""
    flat = times.combine_chunks()
    at, ends = flat.values.to_numpy(), flat.offsets.to_numpy()
    wait = np.diff(at, append=at[-1:])
    wrong = (wait < 0) | (wait > WINDOW_MS)
    wrong[ends[1:] - 1] = False
    return len(flat) - int((np.add.reduceat(wrong.astype(np.int64), ends[:-1]) > 0).sum()) if len(flat) else 0


def on_neo4j(projected: Money, seeds: Sequence[Asked], seconds: float, settings: Settings) -> Peer:
    """The peer on Neo4j, under labels of its own, which are removed afterwards: trails in order of time in the window."""
    import neo4j

    login = (settings.neo4j_username, settings.neo4j_password.get_secret_value())
    with neo4j.GraphDatabase.driver(settings.neo4j_uri, auth=login, notifications_min_severity="OFF") as driver:
        driver.execute_query(
            "CREATE CONSTRAINT bench_account IF NOT EXISTS FOR (a:BenchAccount) REQUIRE a.id IS UNIQUE"
        )
        ids = projected.table.account_ids.to_pylist()
        rows = columns(projected)
        for low in range(0, len(ids), 20_000):
            driver.execute_query("UNWIND $ids AS id MERGE (:BenchAccount {id: id})", ids=ids[low : low + 20_000])
        for low in range(0, len(rows), 20_000):
            driver.execute_query(
                "UNWIND $rows AS r MATCH (a:BenchAccount {id: r.src}) MATCH (b:BenchAccount {id: r.dst}) "
                "CREATE (a)-[:BENCH_PAID {id: r.id, amount_minor: r.amount_minor, at_ms: r.at_ms}]->(b)",
                rows=rows.slice(low, 20_000).to_pylist(),
            )

        def ask(seed: Asked, hops: int, limit: float) -> int:
            text = (
                f"MATCH (v:BenchAccount {{id: $payer}})-[r:BENCH_PAID*1..{hops:d}]->() "
                "WHERE all(e IN r WHERE e.at_ms >= $low AND e.at_ms <= $high) "
                "AND all(i IN range(1, size(r) - 1) WHERE r[i].at_ms >= r[i-1].at_ms AND r[i].at_ms - r[i-1].at_ms <= $window) "
                "RETURN [e IN r | e.id] AS ids"
            )
            query = neo4j.Query(text, timeout=limit)  # type: ignore[arg-type]
            with driver.session() as session:
                given = {
                    "payer": seed.payer,
                    "low": seed.at_ms,
                    "high": seed.at_ms + HOPS * WINDOW_MS,
                    "window": WINDOW_MS,
                }
                return sum(1 for _ in session.run(query, given))

        try:
            return peer("Neo4j", ask, seeds, seconds)
        finally:
            with driver.session() as session:
                session.run(
                    "MATCH (a:BenchAccount) CALL (a) { DETACH DELETE a } IN TRANSACTIONS OF 2000 ROWS"
                ).consume()
            driver.execute_query("DROP CONSTRAINT bench_account IF EXISTS")


def main() -> None:
    """Print growth, then the ratio to the Cypher peers at the largest size up to one million."""
    parser = argparse.ArgumentParser(prog="python -m bench.chains")
    parser.add_argument("--sizes", default="100000,1000000", help="transfers, with commas; 10000000 needs some 12 GiB")
    parser.add_argument("--seconds", type=float, default=10.0, help="when a peer's query is stopped")
    parser.add_argument("--neo4j", action="store_true", help="also ask the Neo4j of RINGTRACE_NEO4J_URI")
    parser.add_argument("--no-peer", action="store_true", help="only our growth")
    chosen = parser.parse_args()
    peers: tuple[Money, list[str]] | None = None
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        warm(scratch)
        print(f"mule chains up to {HOPS} hops, unseeded, everything:")
        for size in sorted(int(text) for text in chosen.sizes.split(",")):
            projected, named = growth(size, scratch)
            if size <= 1_000_000 and not chosen.no_peer:
                peers = (projected, named)
            del projected
        if peers:
            compare(*peers, chosen.seconds, scratch, Settings() if chosen.neo4j else None)


def compare(projected: Money, named: Sequence[str], seconds: float, scratch: Path, neo4j: Settings | None) -> None:
    """Print our time for all reported payments and for everything, the peers' for a sample, and the ratios."""
    every = tuple(Seed(id=name) for name in named)
    params = MuleChainParams()
    hub = fl.hubs(projected.flow, params.hub_partners, int(params.hub_days * 86_400_000))
    found = chains.search(projected.flow, params.rules(), hub, params.merge_within_s * 1000)
    heads = int((found.traced.hop == 0).sum())
    everything = clock(lambda: find_in(projected, params))
    seeded = clock(lambda: find_in(projected, MuleChainParams(seeds=every, limit=len(every))))
    one = clock(lambda: find_in(projected, MuleChainParams(seeds=every[:1])))
    print(f"ours over {len(projected.flow):,} movements, rows included: chains of everything ({heads:,} heads) {everything:.2f} s; "
          f"of all {len(every):,} reported payments {seeded:.2f} s; of a single one {one:.2f} s")  # fmt: skip
    seeds = seeds_of(projected, named)
    runs = [("Ladybug", on_ladybug(projected, seeds, seconds, scratch))]
    if neo4j:
        runs.append(("Neo4j", on_neo4j(projected, seeds, seconds, neo4j)))
    for name, made in runs:
        whole = made.mean * len(every)
        print(
            f"  {name}, {HOPS} hops, {len(seeds)} sampled seeds: median {np.median(made.seconds):.3f} s, mean {made.mean:.3f} s, "
            f"longest {max(made.seconds):.1f} s, {made.stopped} stopped at {seconds:.0f} s (counted as that)\n"
            f"    all {len(every):,} reported payments at that mean: {whole:,.1f} s; ours is {100 * seeded / whole:.1f}% of it\n"
            f"    all {heads:,} heads at that mean: {made.mean * heads:,.1f} s; ours is {100 * everything / (made.mean * heads):.2f}% of it\n"
            f"    a single seed: ours takes {one / made.mean:.2f} times the mean, {one / float(np.median(made.seconds)):.2f} times the median"
        )


def clock(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
