"""Local engine: undirected weighted graphs as arrays, Leiden and connected components compiled with numba.

Leiden after Traag, Waltman and van Eck, "From Louvain to Leiden" (2019), for modularity with a resolution: queue-driven
moves, refinement inside each community (merging greedily and only well-connected parts), aggregation of the refined
parts. A seeded visiting order, and threads only where they cannot meet (whole communities and parts), so that the same arrays
always give the same communities.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from algorithms._at_once import ONE_THREAD, at_once
from algorithms._bounds import equally_long, within

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Graph = tuple[Int64, Int32, Float64, Float64]
"""Compressed rows: where each begins, neighbours, weights; and the strength of each node."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Undirected weighted edges over nodes 0..n-1: each pair once, `a < b`, weights above zero.

    Raises BadInput for a node number out of range and columns of different length.
    """

    n: int
    a: Int32
    b: Int32
    weight: Float64

    def __post_init__(self) -> None:
        equally_long("edges", a=self.a, b=self.b, weight=self.weight)
        within("edges", self.n, a=self.a, b=self.b)

    def __len__(self) -> int:
        return len(self.a)


@cache
def _kernels() -> ModuleType:
    # numba takes a second to import: only when something is computed.
    from algorithms.engines import _leiden

    return _leiden


def leiden(edges: Edges, *, resolution: float = 1.0, seed: int = 7, passes: int = 2) -> Int32:
    """Community of each node, numbered from 0 by first node. Nodes without edges are communities of their own.

    `passes` repeats the whole procedure from its own result; the second usually adds less than 0.1% modularity.
    """
    community = np.arange(edges.n, dtype=np.int32)
    if not len(edges):
        return community
    kernels = _kernels()
    indptr, indices, weights, strength = kernels.adjacency(edges.n, edges.a, edges.b, edges.weight)
    random = np.random.default_rng(seed)
    for _ in range(passes):
        before = community.copy()
        community = _one_pass((indptr, indices, weights, strength), community, resolution, random)
        if np.array_equal(before, community):
            break
    return community


def _one_pass(graph: Graph, community: Int32, resolution: float, random: np.random.Generator) -> Int32:
    kernels = _kernels()
    total = float(graph[3].sum())
    rate = resolution / total
    part_of = np.arange(len(community), dtype=np.int32)
    while True:
        nodes = len(graph[3])
        community = _numbered(kernels.move(*graph, community, random.permutation(nodes), rate))
        part = _numbered(_refined(graph, community, random.permutation(nodes), rate))
        parts = int(part.max()) + 1
        if parts == nodes:
            return _numbered(community[part_of])
        part_of = part[part_of]
        of_part = np.zeros(parts, dtype=np.int32)
        of_part[part] = community
        graph, community = _aggregated(graph, part, parts), of_part


def _refined(graph: Graph, community: Int32, order: Int64, rate: float) -> Int32:
    """Parts inside each community, half of the communities a thread."""
    n, kernels = len(community), _kernels()
    made = np.empty(n, np.int32), np.ones(n, np.int32), np.empty(n, np.float64), np.zeros(n, np.float64)
    threads = 2 if len(graph[1]) >= ONE_THREAD else 1
    shares = [partial(kernels.refine, *graph, community, order, rate, (threads, mine), made) for mine in range(threads)]
    at_once(len(graph[1]), shares)
    return made[0]


def _aggregated(graph: Graph, part: Int32, parts: int) -> Graph:
    """The graph whose nodes are the parts; strengths are added up, weights between two parts too."""
    kernels = _kernels()
    start, members = kernels.members_of(part, parts)
    middle = int(np.searchsorted(start, len(part) // 2)) if len(graph[1]) >= ONE_THREAD else parts
    ends = [(0, middle), (middle, parts)] if middle < parts else [(0, parts)]
    made = at_once(len(graph[1]), [partial(kernels.aggregate, *graph, part, start, members, *pair) for pair in ends])
    length, indices, weights, strength = (np.concatenate([one[place] for one in made]) for place in range(4))
    return np.append(0, np.cumsum(length)), indices, weights, strength


def louvain(edges: Edges, *, resolution: float = 1.0, seed: int = 7) -> Int32:
    """Community of each node by Louvain (Blondel et al. 2008): quicker than Leiden, may leave parts that do not hang together."""
    community = np.arange(edges.n, dtype=np.int32)
    if not len(edges):
        return community
    kernels = _kernels()
    graph = kernels.adjacency(edges.n, edges.a, edges.b, edges.weight)
    random, rate = np.random.default_rng(seed), resolution / float(graph[3].sum())
    while True:
        nodes = len(graph[3])
        alone = np.arange(nodes, dtype=np.int32)
        found = _numbered(kernels.move(*graph, alone, random.permutation(nodes), rate))
        community = found[community]
        groups = int(found.max()) + 1
        if groups == nodes:
            return _numbered(community)
        graph = _aggregated(graph, found, groups)


def components(edges: Edges) -> Int32:
    """Weakly connected component of each node, numbered from 0 by first node."""
    if not len(edges):
        return np.arange(edges.n, dtype=np.int32)
    return _numbered(_kernels().components(edges.n, edges.a, edges.b))


def modularity(edges: Edges, community: Int32, *, resolution: float = 1.0) -> float:
    """Weighted modularity of a partition, -0.5 to 1 at resolution 1; 0 for a graph without edges."""
    twice = 2.0 * float(edges.weight.sum())
    if not twice:
        return 0.0
    inside = 2.0 * float(edges.weight[community[edges.a] == community[edges.b]].sum())
    ends = np.concatenate([community[edges.a], community[edges.b]])
    strength = np.bincount(ends, weights=np.concatenate([edges.weight, edges.weight]))
    return inside / twice - resolution * float(((strength / twice) ** 2).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Distinct undirected pairs `a < b` of many rows, and which pair each row belongs to (`len(a)`: none, a loop)."""

    n: int
    a: Int32
    b: Int32
    pair_of: Int32

    def total(self, values: npt.NDArray[Any] | None = None) -> Float64:
        """Sum of a row value over each pair; the number of rows when no values are given."""
        sums: Float64 = np.bincount(self.pair_of, weights=values, minlength=len(self.a) + 1)[:-1].astype(np.float64)
        return sums


def pairs(n: int, a: Int32, b: Int32) -> Pairs:
    """Distinct pairs of rows in any direction; linear in rows and nodes.

    Raises BadInput for a node number out of range and columns of different length.
    """
    equally_long("pairs", a=a, b=b)
    within("pairs", n, a=a, b=b)
    if not len(a):
        none = np.zeros(0, dtype=np.int32)
        return Pairs(n, none, none, none)
    return Pairs(n, *_kernels().pairs(n, a, b))


def collapse(n: int, a: Int32, b: Int32, weight: Float64) -> Edges:
    """Edges from rows in any direction and number: weights of a pair are added, loops and zero weights dropped."""
    found = pairs(n, a, b)
    total = found.total(weight)
    keep = total > 0
    return Edges(n, found.a[keep], found.b[keep], total[keep])


def _numbered(groups: Int32) -> Int32:
    """The same groups, numbered from 0 in order of their first node."""
    numbered: Int32 = _kernels().renumber(groups)
    return numbered


def first_seen(groups: npt.NDArray[Any]) -> Int32:
    """The same groups, whatever their labels, numbered from 0 in order of their first node."""
    return _numbered(np.unique(groups, return_inverse=True)[1].astype(np.int32))
