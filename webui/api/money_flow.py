"""Following money: downstream, upstream, and what is still within reach."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StrictInt

from graph.queries.trace import TraceOrder
from security.roles import Permission
from usecases import money_flow
from webui.api._fields import Given, Id, Key, Minor, TimeMs
from webui.api._network_models import SubgraphOut
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("money_flow", __name__, tag="Network")


class TraceBody(Given):
    starts: Annotated[list[Key], Field(min_length=1, max_length=50)]
    direction: Literal["down", "up"] = "down"
    hops: Annotated[StrictInt, Field(ge=1, le=10)] = 4
    each: Annotated[StrictInt, Field(ge=1, le=200)] = 10
    min_minor: Minor = 0
    within_ms: TimeMs | None = 72 * 3_600_000
    from_ms: TimeMs | None = None
    to_ms: TimeMs | None = None


class ReachableBody(Given):
    victims: Annotated[list[Id], Field(min_length=1, max_length=50)]
    accounts: Annotated[list[Id], Field(min_length=1, max_length=500)]
    rule: Literal["own_first", "traced_first"] = "own_first"
    as_of_ms: TimeMs | None = None


class LeftOut(BaseModel):
    account_id: str
    name: str
    institution: str
    currency: str
    in_minor: int
    out_minor: int
    left_minor: int
    balance_minor: int | None
    last_ms: int
    reachable: bool
    why: str


class ReachableOut(BaseModel):
    taken: dict[str, int]
    outside: dict[str, int]
    accounts: list[LeftOut]
    rule: str
    assumed_opening: int
    omitted: list[str]


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
