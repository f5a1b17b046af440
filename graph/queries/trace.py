"""Where money went from here, or came from: followed hop by hop in the order of time, with every cut said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import BadInput
from core.message import say
from graph.model import Node, Rel, Subgraph
from graph.port import GraphStore
from graph.queries._read import Key, Link, direction_said, links_of, node_of, rel_of
from graph.queries.node import nodes

MONEY = ("TRANSFER", "EXCHANGED", "MOVED")
MAX_HOPS = 10
_REACH = {"down": "out", "up": "in"}
_FAR_MS = 9_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class TraceOrder:
    """How to follow: downstream or upstream, how far, the largest `each` of a node, and within how long after (before).

    Times are UTC epoch milliseconds, amounts minor units. `within_ms` None follows without a bound in time.
    """

    direction: Literal["down", "up"] = "down"
    hops: int = 4
    each: int = 10
    min_minor: int = 0
    within_ms: int | None = 72 * 3_600_000
    from_ms: int | None = None
    to_ms: int | None = None
    max_nodes: int = 500


def trace(store: GraphStore, starts: Sequence[Key], order: TraceOrder = TraceOrder()) -> Subgraph:
    """Accounts and wallets that money reached from `starts` (or came from), with the transfers that carried it.

    A transfer follows only when it happened at or after the first arrival (before the last departure, upstream), and
    within `within_ms` of it. Each node carries the property `layer`: hops from the start, negative upstream. What the
    bounds cut is said in `omitted`. Raises BadInput for labels that hold no money and for bounds out of range.
    """
    if order.direction not in _REACH or not 1 <= order.hops <= MAX_HOPS or order.each < 1:
        raise BadInput(f"follow down or up, 1 to {MAX_HOPS} hops, at least 1 transfer each", code="bad_trace")
    for label, _ in starts:
        if label not in ("Account", "Wallet"):
            raise BadInput(f"money is followed from accounts and wallets, not from a {label}", code="bad_trace")
    found = _Found(order)
    for item in nodes(store, starts):
        found.reach(item, 0, order.from_ms or 0 if order.direction == "down" else order.to_ms or _FAR_MS, first=True)
    while found.frontier:
        found.step(store)
    return found.subgraph()


class _Found:
    """What has been reached so far."""

    def __init__(self, order: TraceOrder) -> None:
        self.order = order
        self.nodes: dict[Key, Node] = {}
        self.layers: dict[Key, int] = {}
        self.since: dict[Key, int] = {}
        self.starts: set[Key] = set()
        self.rels: dict[Key, Rel] = {}
        self.frontier: list[Key] = []
        self.depth = 0
        self.omitted: list[str] = []

    def reach(self, node: Node, layer: int, at_ms: int, *, first: bool = False) -> None:
        if node.key in self.nodes:
            return
        self.nodes[node.key] = node
        self.layers[node.key] = layer
        self.since[node.key] = at_ms
        self.frontier.append(node.key)
        if first:
            self.starts.add(node.key)

    def step(self, store: GraphStore) -> None:
        """One hop further from every node reached by the last one."""
        now, self.frontier = self.frontier, []
        if self.depth == self.order.hops:
            return
        self.depth += 1
        for key in now:
            for link in links_of(key[0], direction=_REACH[self.order.direction]):
                if link.rel in MONEY:
                    self._follow(store, key, link)

    def _follow(self, store: GraphStore, key: Key, link: Link) -> None:
        where, params = self._bounds(key)
        match = f"MATCH {link.pattern(key[0])} WHERE a.id = $id{where}"
        rows = store.query(
            f"{match} RETURN r, b ORDER BY r.amount_minor DESC, r.id LIMIT {self.order.each + 1}", params
        ).rows
        if len(rows) > self.order.each:
            total = int(store.query(f"{match} RETURN count(*) AS n", params).rows[0][0])
            self.omitted.append(
                say(
                    "{id}: following the {n} largest of {total:,} {rel} {direction}",
                    id=key[1], n=self.order.each, total=total, rel=link.rel, direction=direction_said(link.direction),
                )
            )  # fmt: skip
        for value, other in rows[: self.order.each]:
            self._take(key, link, value, node_of(other))

    def _take(self, key: Key, link: Link, value: Any, other: Node) -> None:
        ends = (key, other.key) if link.direction == "out" else (other.key, key)
        rel = rel_of(value, *ends)
        if other.key not in self.nodes and len(self.nodes) >= self.order.max_nodes:
            note = say("stopped at {n:,} nodes: follow fewer hops or larger amounts", n=self.order.max_nodes)
            if note not in self.omitted:
                self.omitted.append(note)
            return
        self.rels[(rel.type, rel.id)] = rel
        sign = 1 if self.order.direction == "down" else -1
        self.reach(other, sign * self.depth, int(rel.properties["at_ms"]))

    def _bounds(self, key: Key) -> tuple[str, dict[str, Any]]:
        order, at = self.order, self.since[key]
        down = order.direction == "down"
        low = at if down else max(order.from_ms or 0, 0)
        high = (order.to_ms if order.to_ms is not None else _FAR_MS) if down else at
        if order.within_ms is not None and key not in self.starts:
            low, high = (low, min(high, at + order.within_ms)) if down else (max(low, at - order.within_ms), high)
        text = " AND r.at_ms >= $low AND r.at_ms <= $high AND r.amount_minor >= $least"
        return text, {"id": key[1], "low": low, "high": high, "least": order.min_minor}

    def subgraph(self) -> Subgraph:
        made = tuple(
            Node(node.label, node.id, {**node.properties, "layer": self.layers[key]})
            for key, node in self.nodes.items()
        )
        return Subgraph(made, tuple(self.rels.values()), tuple(self.omitted))
