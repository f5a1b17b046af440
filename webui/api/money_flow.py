"""Following money: downstream, upstream, and what is still within reach."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from graph.queries.trace import TraceOrder
from security.roles import Permission
from usecases import money_flow
from webui.api._models import LeftOut, ReachableBody, ReachableOut, SubgraphOut, TraceBody
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("money_flow", __name__, tag="Network")


@API.post("/trace")
@needs(Permission.GRAPH_READ)
@API.input(TraceBody, arg_name="body")
@API.output(SubgraphOut)
@API.doc(summary="Follow money down or up in the order of time; nodes carry `layer`, cuts are in `omitted`")
def trace(body: TraceBody) -> SubgraphOut:
    order = TraceOrder(
        body.direction, body.hops, body.each, body.min_minor, body.within_ms, body.from_ms, body.to_ms
    )  # fmt: skip
    return SubgraphOut.of(money_flow.trace(services(), actor(), body.starts, order))


@API.post("/reachable")
@needs(Permission.GRAPH_READ)
@API.input(ReachableBody, arg_name="body")
@API.output(ReachableOut)
@API.doc(summary="Stolen money still in these accounts, and whether a stop-payment order could catch it")
def reachable(body: ReachableBody) -> ReachableOut:
    found = money_flow.reachable(
        services(), actor(), body.victims, body.accounts, rule=body.rule, as_of_ms=body.as_of_ms
    )
    return ReachableOut(
        taken=dict(found.taken), outside=dict(found.outside), rule=found.rule, assumed_opening=found.assumed_opening,
        accounts=[LeftOut(**asdict(item)) for item in found.accounts], omitted=list(found.omitted),
    )  # fmt: skip
