"""Leiden and components: expected groups, repeatability, quality against networkit, agreement with GDS."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments

from algorithms import component
from algorithms._base import Task
from algorithms.engines import gds, local
from core.errors import BadInput
from graph.stores.neo4j import Neo4jStore


def edges_of(n: int, rows: list[tuple[int, int, float]]) -> local.Edges:
    array = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return local.collapse(n, array[:, 0].astype(np.int32), array[:, 1].astype(np.int32), array[:, 2])


def cliques(count: int, size: int, *, joined: bool) -> local.Edges:
    rows = [(group * size + i, group * size + j, 1.0) for group in range(count) for i in range(size) for j in range(i)]
    if joined:
        rows += [(group * size, ((group + 1) % count) * size, 1.0) for group in range(count)]
    return edges_of(count * size, rows)


def planted(groups: int = 40, size: int = 50, seed: int = 3) -> tuple[local.Edges, np.ndarray]:
    rng = np.random.default_rng(seed)
    n, m = groups * size, groups * size * 8
    truth = np.arange(n) // size
    src = rng.integers(0, n, m)
    inside = truth[src] * size + rng.integers(0, size, m)
    dst = np.where(rng.random(m) < 0.75, inside, rng.integers(0, n, m))
    return local.collapse(n, src.astype(np.int32), dst.astype(np.int32), rng.uniform(0.5, 2, m)), truth


def nmi(one: np.ndarray, two: np.ndarray) -> float:
    """Normalised mutual information (arithmetic mean), written here to need no bench library."""
    joint = np.zeros((one.max() + 1, two.max() + 1))
    np.add.at(joint, (one, two), 1 / len(one))
    p, q = joint.sum(1), joint.sum(0)
    seen = joint > 0
    mutual = (joint[seen] * np.log(joint[seen] / np.outer(p, q)[seen])).sum()
    entropy = -(p * np.log(p)).sum() - (q[q > 0] * np.log(q[q > 0])).sum()
    return 2 * mutual / entropy if entropy else 1.0


def test_ring_of_cliques_is_found_clique_by_clique() -> None:
    found = local.leiden(cliques(8, 6, joined=True))
    assert found.tolist() == [group for group in range(8) for _ in range(6)]


def test_no_edges_and_no_nodes() -> None:
    assert local.leiden(edges_of(3, [])).tolist() == [0, 1, 2]
    assert local.components(edges_of(3, [])).tolist() == [0, 1, 2]
    assert local.leiden(edges_of(0, [])).tolist() == []
    assert local.modularity(edges_of(3, []), np.arange(3, dtype=np.int32)) == 0.0


def test_collapse_adds_both_directions_and_drops_loops() -> None:
    edges = edges_of(3, [(0, 1, 1.0), (1, 0, 2.0), (2, 2, 5.0), (1, 2, 0.0)])
    assert (edges.a.tolist(), edges.b.tolist(), edges.weight.tolist()) == ([0], [1], [3.0])


def test_same_seed_same_communities_and_planted_groups_are_recovered() -> None:
    edges, truth = planted()
    first = local.leiden(edges, seed=11)
    assert np.array_equal(first, local.leiden(edges, seed=11))
    assert nmi(first, truth) > 0.99


def test_higher_resolution_gives_more_communities() -> None:
    edges, _ = planted()
    counts = [int(local.leiden(edges, resolution=value).max()) for value in (0.2, 1.0, 60.0)]
    assert counts == sorted(counts) and counts[0] < counts[2]


def test_every_community_is_connected() -> None:
    edges, _ = planted(seed=5)
    found = local.leiden(edges)
    inside = found[edges.a] == found[edges.b]
    parts = local.components(local.Edges(edges.n, edges.a[inside], edges.b[inside], edges.weight[inside]))
    assert parts.max() == found.max()


def test_modularity_is_that_of_networkx_and_not_below_its_louvain() -> None:
    edges, _ = planted(groups=15, size=40, seed=9)
    graph = networkx.Graph()
    graph.add_nodes_from(range(edges.n))
    graph.add_weighted_edges_from(zip(edges.a.tolist(), edges.b.tolist(), edges.weight.tolist(), strict=True))
    peer = networkx.community.louvain_communities(graph, seed=7)
    quality = networkx.community.modularity(graph, peer)
    of_peer = np.zeros(edges.n, dtype=np.int32)
    for number, group in enumerate(peer):
        of_peer[list(group)] = number
    assert local.modularity(edges, of_peer) == pytest.approx(quality, abs=1e-9)
    assert local.modularity(edges, local.leiden(edges)) > 0.99 * quality


_edge = st.tuples(st.integers(0, 11), st.integers(0, 11), st.floats(0.1, 5))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(_edge, max_size=40), seed=st.integers(0, 5))
def test_components_do_not_depend_on_order_or_names(rows: list[tuple[int, int, float]], seed: int) -> None:
    rename = np.random.default_rng(seed).permutation(12)
    plain = local.components(edges_of(12, rows))
    other = local.components(edges_of(12, [(rename[b], rename[a], w) for a, b, w in reversed(rows)]))
    assert np.array_equal(plain, local.first_seen(other[rename]))
    assert all(plain[a] == plain[b] for a, b, _ in rows)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(_edge, min_size=1, max_size=40))
def test_leiden_never_loses_to_lone_nodes_nor_crosses_components(rows: list[tuple[int, int, float]]) -> None:
    edges = edges_of(12, rows)
    found = local.leiden(edges)
    assert local.modularity(edges, found) >= local.modularity(edges, np.arange(12, dtype=np.int32)) - 1e-9
    parts = local.components(edges)
    assert all(len(set(parts[found == group])) == 1 for group in range(found.max() + 1))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_cut_off_cliques_are_found_under_any_names(seed: int) -> None:
    edges = cliques(4, 5, joined=False)
    rename = np.random.default_rng(seed).permutation(20).astype(np.int32)
    found = local.leiden(local.collapse(20, rename[edges.a], rename[edges.b], edges.weight))
    assert local.first_seen(found[rename]).tolist() == [group for group in range(4) for _ in range(5)]


def test_gds_on_another_store_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="RINGTRACE_STORE=neo4j"):
        gds.leiden(MemoryStore(), cliques(2, 3, joined=True))


@pytest.mark.gds
def test_gds_agrees_with_the_local_engine(neo4j_store: Neo4jStore) -> None:
    edges, _ = planted(groups=20, size=40)
    broken = local.Edges(edges.n + 3, edges.a, edges.b, edges.weight)
    assert np.array_equal(gds.components(neo4j_store, broken), local.components(broken))
    ours, theirs = local.leiden(edges), gds.leiden(neo4j_store, edges)
    assert local.modularity(edges, ours) == pytest.approx(local.modularity(edges, theirs), rel=0.02)
    assert nmi(ours, theirs) > 0.95
    assert np.array_equal(theirs, gds.leiden(neo4j_store, edges))


@pytest.mark.gds
def test_gds_components_of_many_parts_are_exact(neo4j_store: Neo4jStore) -> None:
    edges = cliques(12, 4, joined=False)
    assert np.array_equal(gds.components(neo4j_store, edges), local.components(edges))
    assert gds.leiden(neo4j_store, edges_of(4, [])).tolist() == [0, 1, 2, 3]


@pytest.mark.gds
def test_both_engines_report_the_same_closed_groups_of_a_stored_network(neo4j_store: Neo4jStore) -> None:
    rows = [(f"e{i}", f"e{(i * 7 + 3) % 40}", 1_000, i) for i in range(40)]
    rows += [
        (f"{a}", f"{b}", 500_000, 100_000 + 60_000 * i) for i, (a, b) in enumerate([("v", "m"), ("m", "n"), ("n", "o")])
    ]
    ids = sorted({end for row in rows for end in row[:2]})
    neo4j_store.apply(1, [nodes("Account", ids), payments(rows)])
    params = component.ComponentParams(min_score=0, ties="all")
    by_gds = component.find(Task(neo4j_store, "gds"), params)
    assert by_gds == component.find(Task(neo4j_store), params)
    assert {"v", "m", "n", "o"} in [{member.id for member in item.members} for item in by_gds]
