"""Who a node is joined to: counts first, then as many neighbours as a person can look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import BadInput
from core.message import say
from graph.model import Node, Rel, Subgraph, columns_of
from graph.port import GraphStore
from graph.queries._read import (
    Direction,
    Key,
    Link,
    columns,
    direction_said,
    has,
    links_of,
    node_from,
    rel_from,
    window,
)
from graph.queries.node import node
from graph.schema import RELS

Order = Literal["amount", "latest", "earliest"]
ORDERS = ("amount", "latest", "earliest")


@dataclass(frozen=True, slots=True)
class Money:
    """What the relationships of one group moved in one currency."""

    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class NeighbourCount:
    """How many relationships of one type and direction lead to how many nodes (`others`) of one label.

    Money by currency and first and last time (UTC epoch milliseconds) where the type has them.
    """

    rel: str
    direction: Direction
    other_label: str
    count: int
    others: int = 0
    money: tuple[Money, ...] = ()
    first_ms: int | None = None
    last_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which relationships of a way are meant: a time window [from_ms, to_ms) and amounts in minor units, both inclusive."""

    from_ms: int | None = None
    to_ms: int | None = None
    min_minor: int | None = None
    max_minor: int | None = None

    def on(self, rel: str) -> tuple[str, dict[str, int]]:
        """Condition ` AND ...` on `r` and its parameters; a type without the property is not narrowed by it."""
        text, params = window(rel, self.from_ms, self.to_ms)
        if has(RELS[rel], "amount_minor"):
            for name, sign in (("min_minor", ">="), ("max_minor", "<=")):
                value = getattr(self, name)
                if value is not None:
                    text, params[name] = f"{text} AND r.amount_minor {sign} ${name}", value
        return text, params


def counts(store: GraphStore, label: str, id: str, narrow: Narrow = Narrow()) -> list[NeighbourCount]:
    """Relationships of the node by type, direction and other label, most first; empty ones are left out."""
    found = [_counted(store, label, id, link, narrow) for link in links_of(label)]
    return sorted((item for item in found if item.count), key=lambda item: (-item.count, item.rel, item.direction))


def _counted(store: GraphStore, label: str, id: str, link: Link, narrow: Narrow) -> NeighbourCount:
    where, bounds = narrow.on(link.rel)
    params: dict[str, Any] = {**bounds, "id": id}
    kind = RELS[link.rel]
    at = next((name for name in ("at_ms", "last_seen_ms", "since_ms") if has(kind, name)), None)
    times = f", min(r.{at}), max(r.{at})" if at else ""
    match = f"MATCH {link.pattern(label)} WHERE a.id = $id{where}"
    row = store.query(f"{match} RETURN count(*) AS n, count(DISTINCT b.id) AS others{times}", params).rows[0]
    total, first, last = int(row[0]), row[2] if at else None, row[3] if at else None
    if not total:
        return NeighbourCount(link.rel, link.direction, link.other, 0)
    money: tuple[Money, ...] = ()
    if has(kind, "amount_minor"):
        sums = store.query(f"{match} RETURN r.currency AS currency, sum(r.amount_minor) AS total", params).rows
        money = tuple(sorted((Money(str(code), int(sum_)) for code, sum_ in sums), key=lambda item: -item.amount_minor))
    return NeighbourCount(link.rel, link.direction, link.other, total, int(row[1]), money, first, last)


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
    narrow: Narrow = Narrow(),
) -> Subgraph:
    """The node, its relationships and neighbours: the first `limit` of each type, direction and other label.

    `order` takes the largest amounts, the latest or the earliest events first; `narrow` leaves out others. Findings are
    left out unless asked for by `rel="INVOLVES"`. What the limit cut is said in `omitted`. An unknown id gives an empty subgraph; unknown names and a limit below 1 raise BadInput.
    """
    if limit < 1:
        raise BadInput(f"limit must be 1 or more, got {limit}", code="bad_limit")
    if order not in ORDERS:
        raise BadInput(f"unknown order {order!r}: use {', '.join(ORDERS)}", code="bad_order")
    links = links_of(label, rel=rel, direction=direction, other_label=other_label)
    if rel is None and "Finding" not in (label, other_label):
        links = [link for link in links if link.rel != "INVOLVES"]
    centre = node(store, label, id)
    if centre is None:
        return Subgraph((), ())
    nodes: dict[Key, Node] = {centre.key: centre}
    rels: dict[Key, Rel] = {}
    omitted: list[str] = []
    for link in links:
        where, params = narrow.on(link.rel)
        rows = _rows(store, label, id, link, where, params, (limit, order))
        for neighbour, found in _read(link, centre.key, rows):
            nodes.setdefault(neighbour.key, neighbour)
            rels.setdefault((found.type, found.id), found)
        total = _count(store, label, id, link, where, params) if len(rows) == limit else len(rows)
        if total > limit:
            omitted.append(_cut(link, limit, total))
    return Subgraph(tuple(nodes.values()), tuple(rels.values()), tuple(omitted))


def _read(link: Link, centre: Key, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Node, Rel]]:
    """Each row's neighbour and the relationship to it."""
    width = len(columns_of(link.rel))
    for row in rows:
        neighbour = node_from(link.other, row[width:])
        ends = (centre, neighbour.key) if link.direction == "out" else (neighbour.key, centre)
        yield neighbour, rel_from(link.rel, row[:width], *ends)


def _cut(link: Link, limit: int, total: int) -> str:
    return say(
        "showing {limit:,} of {total:,} {rel} {direction} ({label})",
        limit=limit, total=total, rel=link.rel, direction=direction_said(link.direction), label=link.other,
    )  # fmt: skip


def _count(store: GraphStore, label: str, id: str, link: Link, where: str, params: dict[str, int]) -> int:
    text = f"MATCH {link.pattern(label)} WHERE a.id = $id{where} RETURN count(*) AS n"
    return int(store.query(text, {**params, "id": id}).rows[0][0])


def _rows(
    store: GraphStore, label: str, id: str, link: Link, where: str, params: dict[str, int], cut: tuple[int, Order]
) -> tuple[tuple[Any, ...], ...]:
    limit, order = cut
    text = (
        f"MATCH {link.pattern(label)} WHERE a.id = $id{where} "
        f"RETURN {columns('r', link.rel)}, {columns('b', link.other)} ORDER BY {_order(link.rel, order)} LIMIT {int(limit)}"
    )
    return store.query(text, {**params, "id": id}).rows


def _order(rel: str, order: Order) -> str:
    kind = RELS[rel]
    latest = next((name for name in ("at_ms", "last_seen_ms", "since_ms") if has(kind, name)), None)
    weight = next((name for name in ("amount_minor", "duration_s", "count") if has(kind, name)), None)
    first = weight if order == "amount" and weight else latest
    if order == "earliest" and latest:
        return f"coalesce(r.{latest}, 9000000000000000) ASC, r.id"
    # coalesce: a null would come first in a descending order
    return f"coalesce(r.{first}, 0) DESC, r.id" if first else "r.id"
