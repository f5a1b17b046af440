"""Communities: ours end to end (project, weigh, Leiden, describe, write back) against the bare Leiden of the peers.

`python -m bench.communities [--transfers 1000000] [--neo4j] [--all]`. The peers get the finished edge list and only build their
graph and run; one thread, same resolution. `--neo4j` sends the same edges to the server of RINGTRACE_NEO4J_URI and its
like. Compilation and imports are left out on both sides (one small run first). Every peer has a process of its own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.measure import in_child, machine

Told = tuple[dict[str, float], dict[str, Any]]
SEED, REPEATS, LEIDENALG_UP_TO = 7, 3, 200_000


def ours(folder: str) -> Told:
    """Load a generated town into a fresh Ladybug, run communities `REPEATS` times; keeps the edge list for the peers."""
    from algorithms import community
    from algorithms._base import Task
    from algorithms._projection import picture
    from core.settings import Settings
    from graph.port import GraphStore
    from graph.stores.ladybug import LadybugStore

    home = Path(folder)
    store: GraphStore = LadybugStore.open(Settings(home=home / "home"))
    store.ensure_schema()
    _load(store, home / "town")
    _warm_up()
    runs = [_one_run(store, attempt) for attempt in range(REPEATS)]
    best = min(runs, key=lambda run: sum(run.values()))
    with picture(store):
        made = community.picture_of(Task(store), community.CommunityParams())
    edges = made.network.edges
    np.savez(home / "edges.npz", n=edges.n, a=edges.a, b=edges.b, weight=edges.weight)
    store.close()
    return best, {"edges": len(edges), "accounts": edges.n, "all_runs_s": [round(sum(run.values()), 2) for run in runs]}


def _load(store: Any, town: Path) -> None:
    from loaders._base import LoadContext
    from loaders.synthetic import LOADER

    rowsets = []
    for intake in LOADER.read(town, {}, LoadContext()):
        rowsets += [*intake.facts, *intake.derived]
    store.apply(1, sorted(rowsets, key=lambda rows: not rows.is_node))


def _warm_up() -> None:
    from algorithms.engines import local

    a, b = np.array([0, 1, 2, 3], np.int32), np.array([1, 2, 3, 0], np.int32)
    local.leiden(local.collapse(4, a, b, np.ones(4)))
    local.components(local.collapse(4, a, b, np.ones(4)))


def _one_run(store: Any, attempt: int) -> dict[str, float]:
    from algorithms import community
    from algorithms._identity import identities
    from algorithms._projection import accounts, picture, transfers
    from algorithms._run import run_one

    started = time.perf_counter()
    with picture(store):
        transfers(store), accounts(store), identities(store)
        projected = time.perf_counter()
        outcome = run_one(community.ALGORITHM, store, run_id=f"bench-{attempt}")
    computed = time.perf_counter()
    store.apply(store.applied_seq() + 1, outcome.rowsets)
    done = time.perf_counter()
    return {"project": projected - started, "compute": computed - projected, "write back": done - computed}


def _edges(folder: str) -> tuple[Any, float]:
    from algorithms.community import CommunityParams
    from algorithms.engines.local import Edges

    saved = np.load(Path(folder) / "edges.npz")
    edges = Edges(int(saved["n"]), saved["a"], saved["b"], saved["weight"])
    return edges, edges.n / CommunityParams().scope_accounts


def _told(edges: Any, resolution: float, build: float, run: float, membership: Any) -> Told:
    from algorithms.engines.local import modularity

    groups = np.asarray(membership, dtype=np.int32)
    quality = modularity(edges, groups, resolution=resolution)
    return {"build": build, "run": run}, {"communities": len(np.unique(groups)), "quality": round(quality, 5)}


def bare_ringtrace(folder: str) -> Told:
    """Our own Leiden from the edge list."""
    from algorithms.engines import local

    _warm_up()
    edges, resolution = _edges(folder)
    started = time.perf_counter()
    found = local.leiden(edges, resolution=resolution, seed=SEED)
    return _told(edges, resolution, 0.0, time.perf_counter() - started, found)


def bare_networkit(folder: str) -> Told:
    """networkit ParallelLeiden, one thread."""
    import networkit

    edges, resolution = _edges(folder)
    networkit.setNumberOfThreads(1)
    networkit.setSeed(SEED, False)
    started = time.perf_counter()
    ends = (edges.a.astype(np.uint64), edges.b.astype(np.uint64))
    graph = networkit.GraphFromCoo((edges.weight, ends), n=edges.n, weighted=True, directed=False)
    built = time.perf_counter()
    leiden = networkit.community.ParallelLeiden(graph, randomize=False, gamma=resolution)
    leiden.run()
    done = time.perf_counter()
    return _told(edges, resolution, built - started, done - built, leiden.getPartition().getVector())


def bare_igraph(folder: str) -> Told:
    """igraph community_leiden, two iterations (its default)."""
    import random

    import igraph

    edges, resolution = _edges(folder)
    random.seed(SEED)
    started = time.perf_counter()
    graph = igraph.Graph(n=edges.n, edges=np.stack([edges.a, edges.b], axis=1))
    built = time.perf_counter()
    found = graph.community_leiden("modularity", weights=edges.weight, resolution=resolution, n_iterations=2)
    return _told(edges, resolution, built - started, time.perf_counter() - built, found.membership)


def bare_leidenalg(folder: str) -> Told:
    """leidenalg with RBConfigurationVertexPartition, two iterations (its default)."""
    import igraph
    import leidenalg

    edges, resolution = _edges(folder)
    started = time.perf_counter()
    graph = igraph.Graph(n=edges.n, edges=np.stack([edges.a, edges.b], axis=1))
    built = time.perf_counter()
    kind = leidenalg.RBConfigurationVertexPartition
    found = leidenalg.find_partition(graph, kind, weights=edges.weight, resolution_parameter=resolution, seed=SEED)
    return _told(edges, resolution, built - started, time.perf_counter() - built, found.membership)


def on_gds(folder: str) -> Told:
    """GDS Leiden on the server: sending and projecting the edges, then the procedure and its stream."""
    from types import SimpleNamespace

    from algorithms.engines import gds
    from core.settings import Settings

    to = Settings()
    server = SimpleNamespace(
        uri=to.neo4j_uri, username=to.neo4j_username, password=to.neo4j_password, database=to.neo4j_database
    )
    store: Any = SimpleNamespace(name="neo4j", connection=lambda: server)
    edges, resolution = _edges(folder)
    small = type(edges)(4, edges.a[:0], edges.b[:0], edges.weight[:0])
    gds.leiden(store, small)  # imports
    clock: dict[str, float] = {}
    found = gds.leiden(store, edges, resolution=resolution, seed=SEED, clock=clock)
    return _told(edges, resolution, clock["project"], clock["run"], found)


PEERS: dict[str, Callable[[str], Told]] = {
    "ringtrace bare": bare_ringtrace, "networkit": bare_networkit, "igraph": bare_igraph, "leidenalg": bare_leidenalg,
}  # fmt: skip


def main() -> None:
    """Print every peer and the ratios of ours to them."""
    from loaders.town.generate import generate

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=1_000_000)
    parser.add_argument("--neo4j", action="store_true", help="also GDS, at RINGTRACE_NEO4J_URI")
    parser.add_argument("--all", action="store_true", help="also leidenalg, which takes minutes at this size")
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch) / "town", transfers=asked.transfers, seed=SEED)
        mine = in_child("bench.communities", "ours", scratch)
        total = sum(mine.seconds.values())
        steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in mine.seconds.items())
        print(f"{asked.transfers:,} transfers, {mine.figures['accounts']:,} accounts, {mine.figures['edges']:,} edges")
        print(
            f"ringtrace end to end {total:.2f} s ({steps}); runs {mine.figures['all_runs_s']}; peak {mine.peak_mib:.0f} MiB"
        )
        peers = dict(PEERS) | ({"GDS": on_gds} if asked.neo4j else {})
        if asked.transfers > LEIDENALG_UP_TO and not asked.all:
            del peers["leidenalg"]
            print(f"leidenalg left out above {LEIDENALG_UP_TO:,} transfers (minutes); --all runs it")
        fastest = float("inf")
        for name, peer in peers.items():
            told = in_child("bench.communities", peer.__name__, scratch)
            seconds = sum(told.seconds.values())
            if name in ("networkit", "igraph", "leidenalg"):
                fastest = min(fastest, seconds)
            print(
                f"{name:15} {seconds:7.2f} s (graph {told.seconds['build']:.2f}, Leiden {told.seconds['run']:.2f}), "
                f"{told.figures['communities']:,} communities, quality {told.figures['quality']:.4f}; "
                f"ours end to end is {total / seconds:.2f}x of it"
            )
        print(f"ours end to end / fastest bare peer: {total / fastest:.2f} (wanted: at most 1.5)")


if __name__ == "__main__":
    main()
