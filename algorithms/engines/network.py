"""Local engine, directed and bipartite networks: PageRank, betweenness, strongly connected parts, cores, likeness.

Definitions are those of Neo4j's Graph Data Science, so that both engines answer alike (algorithms/engines/gds_network.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
import numpy.typing as npt

from algorithms._bounds import equally_long, not_negative, within
from algorithms.engines.local import Edges, Float64, Int32, Int64, first_seen

Heard = Callable[[float], None]
#: Sources followed, and nodes compared, between two words of progress: about a second's work on a large network.
SOURCES_A_STEP, NODES_A_STEP = 8, 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Directed weighted arcs over nodes 0..n-1, each ordered pair once, no loops, weights above zero.

    Raises BadInput for a node number out of range and columns of different length.
    """

    n: int
    src: Int32
    dst: Int32
    weight: Float64

    def __post_init__(self) -> None:
        equally_long("arcs", src=self.src, dst=self.dst, weight=self.weight)
        within("arcs", self.n, src=self.src, dst=self.dst)

    def __len__(self) -> int:
        return len(self.src)


@cache
def _kernels() -> ModuleType:
    from algorithms.engines import _centrality

    return _centrality


def _deaf(_share: float) -> None:
    pass


def arcs(n: int, src: Int32, dst: Int32, weight: Float64 | None = None) -> Arcs:
    """Arcs of many rows: weights of an ordered pair are added (rows counted when none are given), loops dropped."""
    equally_long("arcs", src=src, dst=dst)
    within("arcs", n, src=src, dst=dst)
    apart = src != dst
    key = src[apart].astype(np.int64) * max(n, 1) + dst[apart]
    pairs, row = np.unique(key, return_inverse=True)
    total = np.bincount(row, weights=None if weight is None else weight[apart], minlength=len(pairs)).astype(np.float64)
    keep = total > 0
    pairs = pairs[keep]
    return Arcs(n, (pairs // max(n, 1)).astype(np.int32), (pairs % max(n, 1)).astype(np.int32), total[keep])


def page_rank(
    of: Arcs, *, damping: float = 0.85, rounds: int = 40, tolerance: float = 1e-6, heard: Heard = _deaf
) -> Float64:
    """PageRank of each node, weighted, not normalised: 1 - damping for a node that nobody pays (Brin and Page 1998)."""
    out = np.bincount(of.src, weights=of.weight, minlength=of.n)
    indptr, indices, entry = _kernels().rows(of.n, of.dst, of.src)
    shares = (of.weight / out[of.src])[entry]
    score = np.full(of.n, 1.0 - damping)
    for step in range(rounds):
        score, change = _kernels().rank(indptr, indices, shares, score, damping)
        heard((step + 1) / rounds)
        if change < tolerance:
            break
    return score


def betweenness(of: Arcs, *, sources: int | None = None, seed: int = 7, heard: Heard = _deaf) -> Float64:
    """Shortest paths through each node, of all ordered pairs; estimated from so many `sources` when given.

    Sampled sources are drawn without replacement with a fixed seed and the sum is scaled to all nodes (Brandes and Pich 2007).
    """
    indptr, indices, _ = _kernels().rows(of.n, of.src, of.dst)
    starts = np.flatnonzero(np.diff(indptr)).astype(np.int32)  # nothing leaves the others
    scale = 1.0
    if sources is not None and sources < len(starts):
        scale = len(starts) / sources
        starts = np.sort(np.random.default_rng(seed).choice(starts, sources, replace=False))
    total = np.zeros(of.n)
    for low in range(0, len(starts), SOURCES_A_STEP):
        _kernels().between(indptr, indices, starts[low : low + SOURCES_A_STEP], total)
        heard(min(1.0, (low + SOURCES_A_STEP) / len(starts)))
    return total * scale


def strong_components(of: Arcs) -> Int32:
    """Strongly connected part of each node (money can come back within it), numbered from 0 by first node."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    matrix = csr_array((np.ones(len(of), np.int8), (of.src, of.dst)), shape=(of.n, of.n))
    return first_seen(connected_components(matrix, directed=True, connection="strong")[1])


def core_numbers(edges: Edges) -> Int32:
    """The largest k for which each node is in a part where everybody has k partners; 0 without edges."""
    ends, others = np.concatenate([edges.a, edges.b]), np.concatenate([edges.b, edges.a])
    indptr, indices, _ = _kernels().rows(edges.n, ends, others)
    found: Int32 = _kernels().cores(indptr, indices).astype(np.int32)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Pairs of nodes by how much they have in common: `share` (Jaccard, 0 to 1) and `common` things, `first < second`."""

    first: Int64
    second: Int64
    share: Float64
    common: Int64


def similarity(
    n: int, node: Int32, thing: Int32, *, cap: int, least: float = 0.5, most: int = 10, heard: Heard = _deaf
) -> Alike:
    """Which nodes share their things, by Jaccard; things used by more than `cap` nodes count for nobody.

    Entries (node, thing) must be distinct. `most` limits the partners looked at of one node, so that pairs are bounded.
    Raises BadInput for a node out of range or a thing below 0.
    """
    equally_long("entries", node=node, thing=thing)
    within("entries", n, node=node)
    not_negative("entries", thing=thing)
    kernels = _kernels()
    things = int(thing.max(initial=-1)) + 1
    things_of, listed, _ = kernels.rows(n, node, thing)
    users_of, users, _ = kernels.rows(things, thing, node)
    found: list[tuple[int, int, float, int]] = []
    for low in range(0, n, NODES_A_STEP):
        high = min(n, low + NODES_A_STEP)
        found += kernels.alike(things_of, listed, users_of, users, low, high, cap, least, most)
        heard(high / n)
    return pairs_of(found)


def pairs_of(found: list[tuple[int, int, float, int]]) -> Alike:
    """Both directions of (node, other, share, in common) as pairs, each once, most alike first."""
    pairs = {(min(a, b), max(a, b)): (share, common) for a, b, share, common in found}
    ranked = sorted(pairs.items(), key=lambda item: (-item[1][0], item[0]))
    columns: list[npt.NDArray[np.float64]] = [
        np.array([row[i] for row in ((*pair, *value) for pair, value in ranked)], dtype=np.float64) for i in range(4)
    ]
    return Alike(columns[0].astype(np.int64), columns[1].astype(np.int64), columns[2], columns[3].astype(np.int64))
