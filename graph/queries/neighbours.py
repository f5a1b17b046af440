"""Who a node is joined to: counts first, then as many neighbours as a person can look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.errors import BadInput
from graph.model import Node, Rel, Subgraph
from graph.port import GraphStore
from graph.queries._read import Direction, Key, Link, has, links_of, node_of, rel_of, window
from graph.queries.node import node
from graph.schema import RELS

Order = Literal["amount", "latest"]


@dataclass(frozen=True, slots=True)
class NeighbourCount:
    """How many relationships of one type and direction lead to one label."""

    rel: str
    direction: Direction
    other_label: str
    count: int


def counts(store: GraphStore, label: str, id: str) -> list[NeighbourCount]:
    """Relationships of the node by type, direction and other label, most first; empty ones are left out."""
    found = [
        NeighbourCount(link.rel, link.direction, link.other, _count(store, label, id, link, "", {}))
        for link in links_of(label)
    ]
    return sorted((item for item in found if item.count), key=lambda item: (-item.count, item.rel, item.direction))


def expand(
    store: GraphStore,
    label: str,
    id: str,
    *,
    rel: str | None = None,
    direction: str | None = None,
    other_label: str | None = None,
    limit: int = 50,
    order: Order = "amount",
    from_ms: int | None = None,
    to_ms: int | None = None,
) -> Subgraph:
    """The node, its relationships and neighbours: the first `limit` of each type, direction and other label.

    `order` takes the largest amounts or the latest events first. The time window [from_ms, to_ms) is UTC epoch
    milliseconds. Findings are left out unless asked for by `rel="INVOLVES"`. What the limit cut is said in
    `omitted`. An unknown id gives an empty subgraph; unknown names and a limit below 1 raise BadInput.
    """
    if limit < 1:
        raise BadInput(f"limit must be 1 or more, got {limit}", code="bad_limit")
    if order not in ("amount", "latest"):
        raise BadInput(f"unknown order {order!r}: use amount or latest", code="bad_order")
    links = links_of(label, rel=rel, direction=direction, other_label=other_label)
    if rel is None and label != "Finding" and other_label != "Finding":
        links = [link for link in links if link.rel != "INVOLVES"]
    centre = node(store, label, id)
    if centre is None:
        return Subgraph((), ())
    nodes: dict[Key, Node] = {centre.key: centre}
    rels: dict[Key, Rel] = {}
    omitted: list[str] = []
    for link in links:
        where, params = window(link.rel, from_ms, to_ms)
        rows = _rows(store, label, id, link, where, params, (limit, order))
        for _, value, other in rows:
            neighbour = node_of(other)
            ends = (centre.key, neighbour.key) if link.direction == "out" else (neighbour.key, centre.key)
            found = rel_of(value, *ends)
            nodes.setdefault(neighbour.key, neighbour)
            rels.setdefault((found.type, found.id), found)
        if len(rows) == limit:
            total = _count(store, label, id, link, where, params)
            if total > limit:
                omitted.append(f"showing {limit:,} of {total:,} {link.rel} {link.direction} ({link.other})")
    return Subgraph(tuple(nodes.values()), tuple(rels.values()), tuple(omitted))


def _count(store: GraphStore, label: str, id: str, link: Link, where: str, params: dict[str, int]) -> int:
    text = f"MATCH {link.pattern(label)} WHERE a.id = $id{where} RETURN count(*) AS n"
    return int(store.query(text, {**params, "id": id}).rows[0][0])


def _rows(
    store: GraphStore, label: str, id: str, link: Link, where: str, params: dict[str, int], cut: tuple[int, Order]
) -> tuple[tuple[Any, ...], ...]:
    limit, order = cut
    text = (
        f"MATCH {link.pattern(label)} WHERE a.id = $id{where} "
        f"RETURN a, r, b ORDER BY {_order(link.rel, order)} LIMIT {int(limit)}"
    )
    return store.query(text, {**params, "id": id}).rows


def _order(rel: str, order: Order) -> str:
    kind = RELS[rel]
    latest = next((name for name in ("at_ms", "last_seen_ms", "since_ms") if has(kind, name)), None)
    weight = next((name for name in ("amount_minor", "duration_s", "count") if has(kind, name)), None)
    first = weight if order == "amount" and weight else latest
    # coalesce: a null would come first in a descending order
    return f"coalesce(r.{first}, 0) DESC, r.id" if first else "r.id"
