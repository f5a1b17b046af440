"""What the algorithms found: lists, one finding with its members, its evidence as a graph, and the runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import BadInput
from core.message import say
from graph.model import Node, Subgraph
from graph.port import GraphStore
from graph.queries._read import Page, known_label, node_of
from graph.queries.between import between
from graph.queries.node import node
from graph.schema import RELS
from graph.sentences import reason_of

ORDERS = {
    "score": "f.score DESC, f.id",
    "latest": "f.created_at_ms DESC, f.score DESC, f.id",
    "amount": "coalesce(f.amount_minor, -1) DESC, f.id",
}
Order = Literal["score", "latest", "amount"]
#: A finding's member: the node, its role, layer in a chain, own score, and why it has the role.
Member = tuple[Node, str, int | None, float | None, str]


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding with its members, by layer, then score; `omitted` says what a limit left out."""

    node: Node
    members: tuple[Member, ...]
    omitted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one algorithm: how many findings it left, and on which data (`data_seq`, ledger sequence)."""

    run_id: str
    kind: str
    algorithm_version: str
    engine: str
    parameters: str
    data_seq: int
    created_at_ms: int
    findings: int


def list_findings(
    store: GraphStore,
    *,
    kind: str | None = None,
    run_id: str | None = None,
    min_score: float | None = None,
    text: str | None = None,
    limit: int = 50,
    offset: int = 0,
    order: Order = "score",
) -> Page[Node]:
    """One page of findings and how many there are. `text` is looked for in id and title, in any case.

    Raises BadInput for an unknown order or a negative page.
    """
    if order not in ORDERS:
        raise BadInput(f"unknown order {order!r}: use {', '.join(ORDERS)}", code="bad_order")
    if limit < 0 or offset < 0:
        raise BadInput("limit and offset must not be negative", code="bad_limit")
    filters = {"kind": kind, "run_id": run_id, "min_score": min_score, "text": text.lower().strip() if text else None}
    params = {name: value for name, value in filters.items() if value not in (None, "")}
    tests = {
        "kind": "f.kind = $kind",
        "run_id": "f.run_id = $run_id",
        "min_score": "f.score >= $min_score",
        "text": "(toLower(f.title) CONTAINS $text OR toLower(f.id) CONTAINS $text)",
    }
    where = " AND ".join(tests[name] for name in params)
    match = f"MATCH (f:Finding) {'WHERE ' + where if where else ''}"
    total = int(store.query(f"{match} RETURN count(*) AS n", params).rows[0][0])
    if not limit or offset >= total:
        return Page((), total)
    page = f"RETURN f ORDER BY {ORDERS[order]} SKIP {int(offset)} LIMIT {int(limit)}"
    return Page(tuple(node_of(row[0]) for row in store.query(f"{match} {page}", params).rows), total)


def finding(store: GraphStore, id: str, *, limit: int = 2000) -> FindingView | None:
    """The finding and up to `limit` members, or None when there is none."""
    found = node(store, "Finding", id)
    if found is None:
        return None
    rows = store.query(
        "MATCH (f:Finding)-[r:INVOLVES]->(m) WHERE f.id = $id "
        "RETURN m, r.role, r.layer, r.score, r.reason, r.said "
        f"ORDER BY coalesce(r.layer, 1000000), coalesce(r.score, -1.0) DESC, m.id LIMIT {int(limit)}",
        {"id": id},
    ).rows
    members = tuple(
        (node_of(m), role or "", layer, score, reason_of(reason or "", said))
        for m, role, layer, score, reason, said in rows
    )
    if len(members) < limit:
        return FindingView(found, members)
    total = int(
        store.query("MATCH (f:Finding)-[r:INVOLVES]->(m) WHERE f.id = $id RETURN count(*) AS n", {"id": id}).rows[0][0]
    )
    omitted = (say("showing {limit:,} of {total:,} members", limit=limit, total=total),) if total > limit else ()
    return FindingView(found, members, omitted)


def subgraph(store: GraphStore, id: str, limit: int = 2000) -> Subgraph:
    """A finding's members and its evidence relationships among them, without the Finding node.

    Events (transfers, calls) are drawn when they are evidence, or all of them when the finding names none; states
    (who owns, who used) always. `limit` bounds members and, fivefold, relationships; what is left out, also evidence
    with an end outside the members, is said in `omitted`. An unknown id gives an empty subgraph.
    """
    view = finding(store, id, limit=limit)
    if view is None:
        return Subgraph((), ())
    drawn = between(store, [member[0].key for member in view.members], limit=1_000_000)
    evidence = frozenset(_texts(view.node.properties.get("evidence_ids")))
    rels = [rel for rel in drawn.rels if not evidence or not RELS[rel.type].event or rel.id in evidence]
    omitted = list(view.omitted + drawn.omitted)
    outside = len(evidence - {rel.id for rel in rels})
    if outside:
        omitted.append(
            say(
                "{n:,} of {total:,} evidence events have an end outside the members shown",
                n=outside,
                total=len(evidence),
            )
        )
    cap = 5 * limit
    if len(rels) > cap:
        omitted.append(say("showing {limit:,} of {total:,} relationships", limit=cap, total=len(rels)))
    return Subgraph(tuple(member[0] for member in view.members), tuple(rels[:cap]), tuple(omitted))


def of_member(store: GraphStore, label: str, id: str, *, limit: int = 200) -> list[tuple[Node, str]]:
    """Findings that involve this node and its role in each, highest score first."""
    rows = store.query(
        f"MATCH (f:Finding)-[r:INVOLVES]->(m:{known_label(label)}) WHERE m.id = $id "
        f"RETURN f, r.role ORDER BY f.score DESC, f.id LIMIT {int(limit)}",
        {"id": id},
    ).rows
    return [(node_of(found), role or "") for found, role in rows]


def runs(store: GraphStore) -> list[Run]:
    """Every run that left findings, latest first."""
    rows = store.query(
        "MATCH (f:Finding) RETURN f.run_id, f.kind, f.algorithm_version, coalesce(f.engine, '') AS engine, "
        "coalesce(f.parameters, '') AS parameters, f.data_seq, max(f.created_at_ms) AS created_at_ms, count(*) AS n"
    ).rows
    found = [Run(a, b, c, d, e, int(seq), int(at), int(n)) for a, b, c, d, e, seq, at, n in rows]
    return sorted(found, key=lambda run: (-run.created_at_ms, run.kind, run.run_id))


def _texts(value: Any) -> Iterable[str]:
    return [str(item) for item in value] if value else []
