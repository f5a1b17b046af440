"""The peers of `bench.communities`: bare Leiden and Louvain of others (and our own Leiden) from the finished edge list."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

Told = tuple[dict[str, float], dict[str, Any]]
SEED = 7


def warm_up() -> None:
    """Compile (or load) our kernels, so that it is not counted."""
    from algorithms.engines import local

    a, b = np.array([0, 1, 2, 3], np.int32), np.array([1, 2, 3, 0], np.int32)
    local.leiden(local.collapse(4, a, b, np.ones(4)))
    local.components(local.collapse(4, a, b, np.ones(4)))


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


def ringtrace_leiden(folder: str) -> Told:
    """Our own Leiden from the edge list."""
    from algorithms.engines import local

    warm_up()
    edges, resolution = _edges(folder)
    started = time.perf_counter()
    found = local.leiden(edges, resolution=resolution, seed=SEED)
    return _told(edges, resolution, 0.0, time.perf_counter() - started, found)


def _networkit(folder: str, make: Any) -> Told:
    import networkit

    edges, resolution = _edges(folder)
    networkit.setNumberOfThreads(1)
    networkit.setSeed(SEED, False)
    started = time.perf_counter()
    ends = (edges.a.astype(np.uint64), edges.b.astype(np.uint64))
    graph = networkit.GraphFromCoo((edges.weight, ends), n=edges.n, weighted=True, directed=False)
    built = time.perf_counter()
    found = make(networkit.community, graph, resolution)
    found.run()
    done = time.perf_counter()
    return _told(edges, resolution, built - started, done - built, found.getPartition().getVector())


def networkit_leiden(folder: str) -> Told:
    """networkit ParallelLeiden, one thread."""
    return _networkit(folder, lambda kit, graph, gamma: kit.ParallelLeiden(graph, randomize=False, gamma=gamma))


def networkit_louvain(folder: str) -> Told:
    """networkit PLM (Louvain), one thread, with refinement."""
    return _networkit(folder, lambda kit, graph, gamma: kit.PLM(graph, refine=True, gamma=gamma, par="none"))


def igraph_leiden(folder: str) -> Told:
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


def igraph_louvain(folder: str) -> Told:
    """igraph community_multilevel (Louvain)."""
    import random

    import igraph

    edges, resolution = _edges(folder)
    random.seed(SEED)
    started = time.perf_counter()
    graph = igraph.Graph(n=edges.n, edges=np.stack([edges.a, edges.b], axis=1))
    built = time.perf_counter()
    found = graph.community_multilevel(weights=edges.weight, resolution=resolution)
    return _told(edges, resolution, built - started, time.perf_counter() - built, found.membership)


def leidenalg_leiden(folder: str) -> Told:
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


def _server() -> Any:
    from types import SimpleNamespace

    from core.settings import Settings

    to = Settings()
    server = SimpleNamespace(
        uri=to.neo4j_uri, username=to.neo4j_username, password=to.neo4j_password, database=to.neo4j_database
    )
    return SimpleNamespace(name="neo4j", connection=lambda: server)


def gds_leiden_sent(folder: str) -> Told:
    """Our GDS engine: the same edges sent to the server and projected there, then Leiden and its rows."""
    from algorithms.engines import gds

    edges, resolution = _edges(folder)
    store = _server()
    gds.leiden(store, type(edges)(4, edges.a[:0], edges.b[:0], edges.weight[:0]))  # imports
    clock: dict[str, float] = {}
    found = gds.leiden(store, edges, resolution=resolution, seed=SEED, clock=clock)
    return _told(edges, resolution, clock["project"], clock["run"], found)


def _gds_native(folder: str, procedure: str) -> Told:
    """GDS at its best: the server holds the transfers already and projects them itself, four threads."""
    from algorithms.engines import gds

    edges, resolution = _edges(folder)
    client = gds.client(_server())
    client.run_cypher("CALL gds.graph.drop('bench', false) YIELD graphName RETURN graphName")
    started = time.perf_counter()
    # Parallel transfers become one relationship weighted by their number: GDS sums no logarithms of its own.
    one = {"TRANSFER": {"orientation": "UNDIRECTED", "properties": {"n": {"property": "*", "aggregation": "COUNT"}}}}
    client.run_cypher("CALL gds.graph.project('bench', 'Account', $one) YIELD nodeCount RETURN nodeCount", {"one": one})
    built = time.perf_counter()
    options = {"relationshipWeightProperty": "n", "maxLevels": 20, "concurrency": 4}
    if procedure == "leiden":
        options["gamma"] = resolution
    rows = client.run_cypher(
        f"CALL gds.{procedure}.stream('bench', $options) YIELD nodeId, communityId RETURN *", {"options": options}
    )
    done = time.perf_counter()
    names = client.run_cypher("MATCH (a:Account) RETURN id(a) AS nodeId, a.id AS name").merge(rows, on="nodeId")
    names = names.sort_values("name", key=lambda column: column.str.encode("utf-8"))  # account numbers follow the ids
    client.run_cypher("CALL gds.graph.drop('bench', false) YIELD graphName RETURN graphName")
    client.close()
    return _told(edges, resolution, built - started, done - built, names["communityId"].rank(method="dense"))


def gds_leiden_native(folder: str) -> Told:
    """GDS Leiden on the transfers in the server."""
    return _gds_native(folder, "leiden")


def gds_louvain_native(folder: str) -> Told:
    """GDS Louvain on the transfers in the server (it has no resolution)."""
    return _gds_native(folder, "louvain")


BARE = (ringtrace_leiden, networkit_leiden, networkit_louvain, igraph_leiden, igraph_louvain, leidenalg_leiden)
ON_SERVER = (gds_leiden_sent, gds_leiden_native, gds_louvain_native)
