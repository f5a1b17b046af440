"""PageRank, betweenness, strong parts, cores and likeness: known answers, networkx, agreement with GDS, refusals."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.engines import gds, gds_network, local, memory, network
from core.errors import TooLarge
from graph.stores.neo4j import Neo4jStore


def random_arcs(n: int = 60, m: int = 240, seed: int = 5) -> network.Arcs:
    rng = np.random.default_rng(seed)
    return network.arcs(n + 3, *rng.integers(0, n, (2, m)).astype(np.int32), rng.uniform(0.5, 3, m))


def digraph(of: network.Arcs) -> networkx.DiGraph:
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(of.n))
    graph.add_weighted_edges_from(zip(of.src.tolist(), of.dst.tolist(), of.weight.tolist(), strict=True))
    return graph


def undirected(of: network.Arcs) -> local.Edges:
    return local.collapse(of.n, of.src, of.dst, of.weight)


def test_arcs_add_up_and_drop_loops() -> None:
    of = network.arcs(3, *np.array([[0, 0, 1, 2], [1, 1, 0, 2]], np.int32))
    assert (of.src.tolist(), of.dst.tolist(), of.weight.tolist()) == ([0, 1], [1, 0], [2.0, 1.0])


def test_page_rank_of_a_star_by_hand() -> None:
    of = network.arcs(4, *np.array([[1, 2, 3], [0, 0, 0]], np.int32))
    assert network.page_rank(of) == pytest.approx([0.15 + 0.85 * 0.45, 0.15, 0.15, 0.15])


def test_betweenness_and_strong_parts_are_those_of_networkx() -> None:
    of = random_arcs()
    expected = networkx.betweenness_centrality(digraph(of), normalized=False)
    assert network.betweenness(of) == pytest.approx([expected[v] for v in range(of.n)])
    parts = network.strong_components(of)
    assert {frozenset(np.flatnonzero(parts == p).tolist()) for p in range(parts.max() + 1)} == set(
        map(frozenset, networkx.strongly_connected_components(digraph(of)))
    )


def test_sampled_betweenness_is_near_the_exact_one_and_repeatable() -> None:
    of = random_arcs(200, 1200)
    exact, sampled = network.betweenness(of), network.betweenness(of, sources=100)
    assert np.corrcoef(exact, sampled)[0, 1] > 0.9
    assert sampled.sum() == pytest.approx(exact.sum(), rel=0.2)
    assert np.array_equal(sampled, network.betweenness(of, sources=100))


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=60))
def test_cores_are_those_of_networkx(rows: list[tuple[int, int]]) -> None:
    edges = local.collapse(15, *np.array(rows, np.int32).reshape(-1, 2).T.copy(), np.ones(len(rows)))
    graph = networkx.Graph()
    graph.add_nodes_from(range(15))
    graph.add_edges_from(zip(edges.a.tolist(), edges.b.tolist(), strict=True))
    expected = networkx.core_number(graph)
    assert network.core_numbers(edges).tolist() == [expected[v] for v in range(15)]


@settings(max_examples=40, deadline=None)
@given(rows=st.sets(st.tuples(st.integers(0, 8), st.integers(0, 6)), max_size=40), cap=st.integers(2, 9))
def test_likeness_is_jaccard_over_rare_things(rows: set[tuple[int, int]], cap: int) -> None:
    node, thing = np.array(sorted(rows), np.int32).reshape(-1, 2).T.copy()
    count = np.bincount(thing, minlength=7)
    has = [{t for v, t in rows if v == u and count[t] <= cap} for u in range(9)]
    found = network.similarity(9, node, thing, cap=cap, least=0.3, most=20)
    expected = {
        (u, v): len(has[u] & has[v]) / len(has[u] | has[v])
        for u in range(9) for v in range(u + 1, 9) if has[u] & has[v]
    }  # fmt: skip
    kept = {pair: share for pair, share in expected.items() if share >= 0.3}
    assert dict(
        zip(zip(found.first.tolist(), found.second.tolist(), strict=True), found.share, strict=True)
    ) == pytest.approx(kept)


def test_a_hub_of_a_hundred_thousand_stays_quick_and_bounded() -> None:
    n = 100_000
    node, thing = np.arange(n, dtype=np.int32), np.zeros(n, np.int32)
    assert len(network.similarity(n, node, thing, cap=20).first) == 0
    star = network.arcs(n, np.arange(1, n, dtype=np.int32), np.zeros(n - 1, np.int32))
    assert network.core_numbers(undirected(star)).max() == 1
    assert network.page_rank(star)[0] > 1000
    assert network.betweenness(star, sources=16).sum() == 0


def test_nothing_at_all() -> None:
    none = np.zeros(0, np.int32)
    empty = network.arcs(3, none, none)
    assert network.page_rank(empty).tolist() == pytest.approx([0.15] * 3)
    assert network.betweenness(empty).tolist() == [0, 0, 0]
    assert network.core_numbers(undirected(empty)).tolist() == [0, 0, 0]
    assert network.strong_components(empty).tolist() == [0, 1, 2]
    assert len(network.similarity(3, none, none, cap=5).first) == 0
    assert local.louvain(undirected(empty)).tolist() == [0, 1, 2]


def test_louvain_finds_planted_groups_and_progress_is_heard() -> None:
    rng = np.random.default_rng(1)
    truth = np.arange(200) // 20
    src = rng.integers(0, 200, 3000)
    dst = np.where(rng.random(3000) < 0.9, truth[src] * 20 + rng.integers(0, 20, 3000), rng.integers(0, 200, 3000))
    edges = local.collapse(200, src.astype(np.int32), dst.astype(np.int32), np.ones(3000))
    assert np.array_equal(local.louvain(edges), local.first_seen(truth))
    shares: list[float] = []
    network.betweenness(random_arcs(), heard=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_what_does_not_fit_is_refused_with_both_numbers() -> None:
    with pytest.raises(TooLarge, match="community needs about 4,096 MiB of memory, 768 MiB can be had"):
        memory.need("community", 4 << 30, 1 << 30)
    memory.need("community", 1 << 20, 1 << 30)
    assert 0 < memory.available_bytes() < 1 << 50


@pytest.mark.gds
def test_gds_agrees_on_every_measure(neo4j_store: Neo4jStore) -> None:
    of = random_arcs()
    assert gds_network.page_rank(neo4j_store, of, rounds=100, tolerance=1e-9) == pytest.approx(
        network.page_rank(of, rounds=100, tolerance=1e-9), rel=1e-3
    )
    assert gds_network.betweenness(neo4j_store, of) == pytest.approx(network.betweenness(of))
    assert np.array_equal(gds_network.strong_components(neo4j_store, of), network.strong_components(of))
    assert np.array_equal(gds_network.core_numbers(neo4j_store, undirected(of)), network.core_numbers(undirected(of)))
    ours, theirs = local.louvain(undirected(of)), gds.louvain(neo4j_store, undirected(of))
    assert local.modularity(undirected(of), ours) == pytest.approx(local.modularity(undirected(of), theirs), abs=0.03)


@pytest.mark.gds
def test_gds_agrees_on_likeness(neo4j_store: Neo4jStore) -> None:
    rng = np.random.default_rng(3)
    node, thing = np.unique(rng.integers(0, [30, 25], (120, 2)), axis=0).T.astype(np.int32)
    ours = network.similarity(30, node, thing, cap=8, least=0.2, most=30)
    theirs = gds_network.similarity(neo4j_store, 30, node, thing, cap=8, least=0.2, most=30)
    for name in ("first", "second", "common"):
        assert getattr(ours, name).tolist() == getattr(theirs, name).tolist(), name
    assert ours.share == pytest.approx(theirs.share)
