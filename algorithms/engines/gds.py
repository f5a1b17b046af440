"""GDS engine: the same graphs on the Graph Data Science procedures of the Neo4j that holds the store.

The weighted edges are sent to the server and projected there by Cypher, so both engines compute on the same graph;
GDS Community has no Arrow, and edges travel over Bolt. Nodes without edges are not sent: each stays by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from algorithms.engines.local import Edges, Int32, first_seen
from core.errors import BadInput, NotConfigured, TooLarge
from core.ids import fresh
from graph.port import GraphStore

PROJECT = """
UNWIND range(0, size($a) - 1) AS row
RETURN gds.graph.project($name, $a[row], $b[row], {relationshipProperties: {weight: $weight[row]}},
  {undirectedRelationshipTypes: $undirected}) AS graph
"""
ROOM = """
CALL gds.graph.project.estimate('*', '*', {nodeCount: $nodes, relationshipCount: $edges, relationshipProperties: 'weight'})
YIELD requiredMemory, heapPercentageMin RETURN requiredMemory, heapPercentageMin
"""


class Connection(Protocol):
    """How the Neo4j store is reached; the password is never printed."""

    uri: str
    username: str
    password: Any
    database: str


def leiden(
    store: GraphStore, edges: Edges, *, resolution: float = 1.0, seed: int = 7, clock: dict[str, float] | None = None
) -> Int32:
    """Community of each node, numbered from 0 by first node. One thread and a seed: repeatable.

    `clock` receives the seconds of `project` (edges sent and projected) and `run` (procedure and its rows).

    Raises BadInput when the store is not Neo4j, NotConfigured when its server lacks GDS.
    """
    started = time.perf_counter()
    with projected(store, edges) as (gds, name):
        if not name:
            return np.arange(edges.n, dtype=np.int32)
        sent = time.perf_counter()
        options = {
            "relationshipWeightProperty": "weight", "gamma": resolution, "randomSeed": seed, "concurrency": 1, "maxLevels": 20,
        }  # fmt: skip
        rows = stream(gds, name, "leiden", options)
        if clock is not None:
            clock |= {"project": sent - started, "run": time.perf_counter() - sent}
        return groups_of(edges.n, rows["nodeId"].to_numpy(), rows["communityId"].to_numpy())


def louvain(store: GraphStore, edges: Edges) -> Int32:
    """Community of each node by Louvain, numbered from 0 by first node; GDS offers no resolution here. Raises as `leiden`."""
    with projected(store, edges) as (gds, name):
        if not name:
            return np.arange(edges.n, dtype=np.int32)
        rows = stream(gds, name, "louvain", {"relationshipWeightProperty": "weight", "concurrency": 1})
        return groups_of(edges.n, rows["nodeId"].to_numpy(), rows["communityId"].to_numpy())


def components(store: GraphStore, edges: Edges) -> Int32:
    """Weakly connected component of each node, numbered from 0 by first node. Raises as `leiden`."""
    with projected(store, edges) as (gds, name):
        if not name:
            return np.arange(edges.n, dtype=np.int32)
        rows = stream(gds, name, "wcc", {})
        return groups_of(edges.n, rows["nodeId"].to_numpy(), rows["componentId"].to_numpy())


def client(store: GraphStore) -> Any:
    """A GDS client on the store's own server. Raises BadInput for another store, NotConfigured without GDS."""
    connection = getattr(store, "connection", None)
    if connection is None:
        raise BadInput(f"engine gds needs the Neo4j store, not {store.name}: set RINGTRACE_STORE=neo4j or use local")
    from graphdatascience import GraphDataScience  # takes seconds to import

    to: Connection = connection() if callable(connection) else connection
    password = to.password.get_secret_value() if hasattr(to.password, "get_secret_value") else to.password
    try:
        return GraphDataScience(
            to.uri, auth=(to.username, password), database=to.database, arrow=False, show_progress=False
        )
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise NotConfigured(f"the Neo4j server offers no Graph Data Science, or refuses it: {reason}") from error


@contextmanager
def projected(store: GraphStore, edges: Edges, *, directed: bool = False) -> Iterator[tuple[Any, str]]:
    """(client, name of the projected graph), no name for a graph without edges; the projection is dropped at the end.

    Raises TooLarge when the server says that the graph does not fit its heap.
    """
    gds = client(store)
    try:
        if not len(edges):
            yield gds, ""
            return
        _fits(gds.run_cypher(ROOM, params={"nodes": edges.n, "edges": len(edges)}), "the graph")
        name = fresh("ringtrace")
        parameters = {
            "name": name, "a": edges.a.tolist(), "b": edges.b.tolist(), "weight": edges.weight.tolist(),
            "undirected": [] if directed else ["*"],
        }  # fmt: skip
        gds.run_cypher(PROJECT, params=parameters)
        try:
            yield gds, name
        finally:
            gds.run_cypher("CALL gds.graph.drop($name, false) YIELD graphName RETURN graphName", params={"name": name})
    finally:
        gds.close()


def stream(gds: Any, name: str, procedure: str, options: dict[str, Any]) -> Any:
    """Rows of a GDS procedure over a projected graph, as a frame. Raises TooLarge when its own estimate exceeds the heap."""
    given = {"name": name, "options": options | {"logProgress": False}}
    call = f"CALL gds.{procedure}.stream"
    _fits(
        gds.run_cypher(
            f"{call}.estimate($name, $options) YIELD requiredMemory, heapPercentageMin "
            "RETURN requiredMemory, heapPercentageMin",
            params=given,
        ),
        procedure,
    )
    return gds.run_cypher(f"{call}($name, $options)", params=given)


def _fits(estimate: Any, what: str) -> None:
    row = estimate.iloc[0]
    if float(row["heapPercentageMin"]) > 1.0:
        raise TooLarge(
            f"{what} needs {row['requiredMemory']} on the Neo4j server, more than its heap: raise it, or use local"
        )


def groups_of(n: int, nodes: npt.NDArray[Any], groups: npt.NDArray[Any]) -> Int32:
    """Group of each node 0..n-1; a node the server did not see is a group of its own."""
    _, dense = np.unique(groups, return_inverse=True)
    group = np.arange(n, dtype=np.int64) + len(dense)
    group[nodes] = dense
    return first_seen(group)
