"""GDS engine, directed and bipartite networks: what algorithms/engines/network.py computes, on the store's own server."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.engines.gds import groups_of, projected, stream
from algorithms.engines.local import Edges, Float64, Int32
from algorithms.engines.network import Alike, Arcs, pairs_of
from graph.port import GraphStore


def page_rank(
    store: GraphStore, of: Arcs, *, damping: float = 0.85, rounds: int = 40, tolerance: float = 1e-6
) -> Float64:
    """See `network.page_rank`. Raises BadInput, NotConfigured, TooLarge like every GDS run."""
    score = np.full(of.n, 1.0 - damping)
    with projected(store, _edges(of), directed=True) as (gds, name):
        if name:
            options = {"dampingFactor": damping, "maxIterations": rounds, "tolerance": tolerance}
            rows = stream(gds, name, "pageRank", options | {"relationshipWeightProperty": "weight"})
            score[rows["nodeId"].to_numpy()] = rows["score"].to_numpy()
    return score


def betweenness(store: GraphStore, of: Arcs, *, sources: int | None = None, seed: int = 7) -> Float64:
    """See `network.betweenness`; GDS draws its sources by degree, so estimates of the two engines differ."""
    total = np.zeros(of.n)
    with projected(store, _edges(of), directed=True) as (gds, name):
        if name:
            options: dict[str, Any] = {"samplingSeed": seed}
            if sources is not None:
                options["samplingSize"] = min(sources, of.n)
            rows = stream(gds, name, "betweenness", options)
            total[rows["nodeId"].to_numpy()] = rows["score"].to_numpy()
    starts = len(np.unique(of.src))
    return total if sources is None or sources >= starts else total * (starts / sources)


def strong_components(store: GraphStore, of: Arcs) -> Int32:
    """See `network.strong_components`."""
    with projected(store, _edges(of), directed=True) as (gds, name):
        if not name:
            return np.arange(of.n, dtype=np.int32)
        rows = stream(gds, name, "scc", {})
        return groups_of(of.n, rows["nodeId"].to_numpy(), rows["componentId"].to_numpy())


def core_numbers(store: GraphStore, edges: Edges) -> Int32:
    """See `network.core_numbers`."""
    core = np.zeros(edges.n, dtype=np.int32)
    with projected(store, edges) as (gds, name):
        if name:
            rows = stream(gds, name, "kcore", {})
            core[rows["nodeId"].to_numpy()] = rows["coreValue"].to_numpy()
    return core


def similarity(
    store: GraphStore, n: int, node: Int32, thing: Int32, *, cap: int, least: float = 0.5, most: int = 10
) -> Alike:
    """See `network.similarity`; things used by more than `cap` nodes are not sent."""
    rare = np.bincount(thing, minlength=1)[thing] <= cap
    entries = Edges(n + int(thing.max(initial=-1)) + 1, node[rare], thing[rare] + n, np.ones(int(rare.sum())))
    with projected(store, entries, directed=True) as (gds, name):
        if not name:
            return pairs_of([])
        rows = stream(gds, name, "nodeSimilarity", {"similarityCutoff": least, "topK": most, "degreeCutoff": 1})
    size = np.bincount(node[rare], minlength=n)
    found = []
    for one, two, share in rows[["node1", "node2", "similarity"]].itertuples(index=False):
        # Jaccard = common / (sizes - common), solved for what is common.
        found.append((int(one), int(two), float(share), round(share * (size[one] + size[two]) / (1 + share))))
    return pairs_of(found)


def _edges(of: Arcs) -> Edges:
    return Edges(of.n, of.src, of.dst, of.weight)
