"""Nodes, relationships, neighbours and ways between them, as the API takes and gives them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt

from core.clock import LAST_MS
from graph.model import Path, Subgraph
from graph.queries.neighbours import Narrow
from webui.api._fields import Given, Id, Key, Label, Minor, TimeMs
from webui.sentences import asked, asked_all


class NodeQuery(Given):
    label: str = Field(min_length=1, max_length=32, description="Node label of the schema")
    id: str = Field(min_length=1, max_length=512, description="Business id")


class NarrowBody(Given):
    """Bounds of what is read: a time window and amounts in minor units."""

    from_ms: TimeMs | None = None
    to_ms: TimeMs | None = None
    min_minor: Minor | None = None
    max_minor: Minor | None = None

    def narrow(self) -> Narrow:
        return Narrow(self.from_ms, self.to_ms, self.min_minor, self.max_minor)


class NeighboursQuery(NodeQuery):
    from_ms: int | None = Field(None, ge=0, le=LAST_MS)
    to_ms: int | None = Field(None, ge=0, le=LAST_MS)
    min_minor: int | None = Field(None, ge=0, le=10**18)
    max_minor: int | None = Field(None, ge=0, le=10**18)


class ExpandBody(NarrowBody):
    label: Label
    id: Id
    rel: Label | None = None
    direction: Literal["out", "in"] | None = None
    other_label: Label | None = None
    limit: Annotated[StrictInt, Field(ge=1, le=2000)] = 50
    order: Literal["amount", "latest", "earliest"] = "amount"


class BetweenBody(Given):
    keys: Annotated[list[Key], Field(min_length=1, max_length=5000)]
    from_ms: TimeMs | None = None
    to_ms: TimeMs | None = None


class PathsBody(Given):
    start: Key
    end: Key
    max_hops: Annotated[StrictInt, Field(ge=1, le=8)] = 6
    directed: StrictBool = False
    rels: Annotated[list[Label], Field(max_length=20)] = Field(default_factory=list)
    via: Annotated[list[Key], Field(max_length=3)] = Field(default_factory=list)


class NodeOut(BaseModel):
    label: str
    id: str
    properties: dict[str, Any]


class RelOut(BaseModel):
    type: str
    id: str
    start: tuple[str, str]
    end: tuple[str, str]
    properties: dict[str, Any]


class SubgraphOut(BaseModel):
    nodes: list[NodeOut]
    rels: list[RelOut]
    omitted: list[str]

    @classmethod
    def of(cls, found: Subgraph | Path) -> SubgraphOut:
        """From a piece of the graph, or a path."""
        return cls(
            nodes=[
                NodeOut(label=node.label, id=node.id, properties=asked_all(node.properties)) for node in found.nodes
            ],
            rels=[
                RelOut(type=rel.type, id=rel.id, start=rel.start, end=rel.end, properties=asked_all(rel.properties))
                for rel in found.rels
            ],
            omitted=[asked(line) for line in found.omitted] if isinstance(found, Subgraph) else [],
        )


class PathsOut(BaseModel):
    paths: list[SubgraphOut]


class InvolvedOut(BaseModel):
    id: str
    kind: str
    title: str
    score: float
    role: str


class NodeDetailOut(NodeOut):
    findings: list[InvolvedOut]


class MoneyOut(BaseModel):
    currency: str
    amount_minor: int


class GroupOut(BaseModel):
    rel: str
    direction: Literal["out", "in"]
    other_label: str
    count: int
    others: int
    money: list[MoneyOut]
    first_ms: int | None
    last_ms: int | None


class NeighboursOut(BaseModel):
    groups: list[GroupOut]
