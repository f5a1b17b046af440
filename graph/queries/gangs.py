"""Findings of kind gang by run, and what the page of one needs beside them: example messages and accounts by region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.model import Node, Rel
from graph.port import GraphStore
from graph.queries._read import node_of, rel_of, run_each

KIND = "gang"


def of_runs(store: GraphStore, most_runs: int = 20) -> list[Node]:
    """Gang findings of the latest runs, latest run first, then by score and id."""
    runs = store.query(
        "MATCH (f:Finding) WHERE f.kind = $kind RETURN f.run_id, max(f.created_at_ms) AS at", {"kind": KIND}
    ).rows
    latest = [run_id for run_id, _ in sorted(runs, key=lambda row: (-int(row[1]), row[0]))][:most_runs]
    if not latest:
        return []
    rows = store.query(
        "MATCH (f:Finding) WHERE f.kind = $kind AND f.run_id IN $runs RETURN f", {"kind": KIND, "runs": latest}
    ).rows
    found = [node_of(row[0]) for row in rows]
    place = {run_id: i for i, run_id in enumerate(latest)}
    return sorted(found, key=lambda node: (place[node.properties["run_id"]], -node.properties["score"], node.id))


def messages(store: GraphStore, ids: Iterable[str], phones: Sequence[str]) -> list[Rel]:
    """Messages with these ids sent from one of `phones`, by time. The phones are the way in."""
    wanted = list(dict.fromkeys(ids))
    if not wanted or not phones:
        return []
    rows = run_each(
        store, "MATCH (a:Phone)-[r:TEXTED]->(b:Phone) WHERE a.id = {id} AND r.id IN $wanted", "RETURN a, r, b", list(phones),
        {"wanted": wanted},
    )  # fmt: skip
    found = [rel_of(value, node_of(start).key, node_of(end).key) for start, value, end in rows]
    return sorted(found, key=lambda rel: (rel.properties["at_ms"], rel.id))


def accounts_by_region(store: GraphStore) -> dict[str, int]:
    """Number of accounts of each region; the empty text for those without one."""
    rows = store.query("MATCH (a:Account) RETURN coalesce(a.region, '') AS region, count(*) AS n").rows
    return {str(region): int(count) for region, count in rows}
