"""Nodes, neighbours, and what joins them."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from graph.queries.neighbours import Narrow
from security.roles import Permission
from usecases import explore
from usecases.explore import PathOrder, Window
from webui.api._network_models import (
    BetweenBody,
    ExpandBody,
    GroupOut,
    InvolvedOut,
    MoneyOut,
    NeighboursOut,
    NeighboursQuery,
    NodeDetailOut,
    NodeQuery,
    PathsBody,
    PathsOut,
    SubgraphOut,
)
from webui.context import actor, services
from webui.guard import needs
from webui.sentences import asked, asked_all

API = APIBlueprint("network", __name__, tag="Network")


@API.get("/node")
@needs(Permission.GRAPH_READ)
@API.input(NodeQuery, location="query", arg_name="query")
@API.output(NodeDetailOut)
@API.doc(summary="One node and the findings that involve it")
def node(query: NodeQuery) -> NodeDetailOut:
    view = explore.node(services(), actor(), query.label, query.id)
    return NodeDetailOut(
        label=view.node.label, id=view.node.id, properties=asked_all(view.node.properties),
        findings=[InvolvedOut(id=found.id, role=role, **_told(found.properties)) for found, role in view.findings],
    )  # fmt: skip


@API.get("/neighbours")
@needs(Permission.GRAPH_READ)
@API.input(NeighboursQuery, location="query", arg_name="query")
@API.output(NeighboursOut)
@API.doc(summary="Neighbours counted by relationship, direction and label, with money and times")
def neighbours(query: NeighboursQuery) -> NeighboursOut:
    narrow = Narrow(query.from_ms, query.to_ms, query.min_minor, query.max_minor)
    groups = explore.neighbour_counts(services(), actor(), query.label, query.id, narrow)
    return NeighboursOut(
        groups=[
            GroupOut(
                rel=item.rel, direction=item.direction, other_label=item.other_label, count=item.count,
                others=item.others, first_ms=item.first_ms, last_ms=item.last_ms,
                money=[MoneyOut(currency=sum_.currency, amount_minor=sum_.amount_minor) for sum_ in item.money],
            )
            for item in groups
        ]
    )  # fmt: skip


@API.post("/expand")
@needs(Permission.GRAPH_READ)
@API.input(ExpandBody, arg_name="body")
@API.output(SubgraphOut)
@API.doc(summary="A node with its neighbours; `omitted` says what the limit left out")
def expand(body: ExpandBody) -> SubgraphOut:
    found = explore.expand(
        services(), actor(), body.label, body.id, rel=body.rel, direction=body.direction,
        other_label=body.other_label, limit=body.limit, order=body.order, narrow=body.narrow(),
    )  # fmt: skip
    return SubgraphOut.of(found)


@API.post("/between")
@needs(Permission.GRAPH_READ)
@API.input(BetweenBody, arg_name="body")
@API.output(SubgraphOut)
@API.doc(summary="A set of nodes and every relationship among them")
def between(body: BetweenBody) -> SubgraphOut:
    return SubgraphOut.of(explore.between(services(), actor(), body.keys, Window(body.from_ms, body.to_ms)))


@API.post("/paths")
@needs(Permission.GRAPH_READ)
@API.input(PathsBody, arg_name="body")
@API.output(PathsOut)
@API.doc(summary="All shortest ways between two nodes, at most 20")
def paths(body: PathsBody) -> PathsOut:
    order = PathOrder(body.max_hops, body.directed, tuple(body.rels), tuple(body.via))
    found = explore.paths(services(), actor(), body.start, body.end, order)
    return PathsOut(paths=[SubgraphOut.of(path) for path in found])


def _told(properties: Any) -> dict[str, Any]:
    return {"kind": properties["kind"], "title": asked(properties["title"]), "score": properties["score"]}
