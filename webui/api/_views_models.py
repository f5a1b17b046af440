"""What the views' endpoints take and give. A document is checked field by field: it is stored and shown to others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints

from webui.api._fields import Given, Id, Label, TimeMs
from webui.api._network_models import SubgraphOut

Short = Annotated[StrictStr, StringConstraints(max_length=300)]
Coordinate = Annotated[StrictFloat | StrictInt, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
#: Times in milliseconds, amounts in minor units, scores: none is larger.
Number = Annotated[StrictFloat | StrictInt, Field(ge=-1e18, le=1e18, allow_inf_nan=False)]
ItemKey = Annotated[StrictStr, StringConstraints(min_length=3, max_length=600)]
Pair = tuple[Label, Id]


class ViewNode(Given):
    label: Label
    id: Id
    x: Coordinate
    y: Coordinate
    role: Short | None = None
    layer: Annotated[StrictInt, Field(ge=-1000, le=1000)] | None = None
    score: Number | None = None


class ViewFilter(Given):
    fromMs: Number | None = None
    toMs: Number | None = None
    min: Number | None = None
    max: Number | None = None
    currency: Annotated[StrictStr, StringConstraints(max_length=16)] | None = None
    minScore: Number | None = None
    maxScore: Number | None = None


class ViewAsOf(Given):
    at_ms: TimeMs
    kind: Literal["happened", "known"]


class ViewNote(Given):
    id: Annotated[StrictStr, StringConstraints(min_length=1, max_length=64)]
    kind: Literal["node", "rel"]
    key: ItemKey
    text: Annotated[StrictStr, StringConstraints(max_length=2000)]
    mark: Literal["", "flag", "question", "star", "cleared"]
    author: Annotated[StrictStr, StringConstraints(max_length=64)]
    at_ms: TimeMs


class ViewRemainder(Given):
    root: ItemKey
    rel: Label
    direction: Literal["in", "out"]
    other_label: Label
    total: Annotated[StrictInt, Field(ge=0)]
    others: Annotated[StrictInt, Field(ge=0)]


class ViewReach(Given):
    victims: Annotated[list[Pair], Field(min_length=1, max_length=50)]
    rule: Literal["own_first", "traced_first"]


class ViewDocument(Given):
    version: Literal[1]
    nodes: Annotated[list[ViewNode], Field(max_length=5000)]
    rels: Annotated[list[ItemKey], Field(max_length=50_000)]
    hidden: Annotated[list[Pair], Field(max_length=5000)]
    pinned: Annotated[list[Pair], Field(max_length=5000)]
    off_labels: Annotated[list[Label], Field(max_length=50)]
    off_types: Annotated[list[Label], Field(max_length=50)]
    filter: ViewFilter
    mode: Literal["network", "flow"]
    fold: StrictBool
    group_by: Literal["", "label", "community", "device", "owner"]
    as_of: ViewAsOf | None
    notes: Annotated[list[ViewNote], Field(max_length=1000)]
    remainders: Annotated[list[ViewRemainder], Field(max_length=1000)]
    omitted: Annotated[list[Annotated[StrictStr, StringConstraints(max_length=1000)]], Field(max_length=500)]
    layout: Literal["force", "hierarchy", "layers", "radial", "circle", "map"]
    labels: StrictBool
    amounts: StrictBool
    look: Literal["type", "role", "score", "money"] = "type"
    path: Annotated[list[ItemKey], Field(max_length=50_000)] = Field(default_factory=list)
    open_groups: Annotated[list[Annotated[StrictStr, StringConstraints(max_length=600)]], Field(max_length=5000)] = Field(default_factory=list)  # fmt: skip
    diff: Annotated[list[tuple[ItemKey, Literal["added", "gone", "changed"]]], Field(max_length=60_000)] = Field(default_factory=list)  # fmt: skip
    reach: ViewReach | None = None
    reach_shown: StrictBool = True


class SaveViewBody(Given):
    title: Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]
    document: ViewDocument
    id: Annotated[StrictStr, StringConstraints(max_length=40)] = ""
    version: StrictInt = 0


class DraftBody(Given):
    document: ViewDocument


class ShareBody(Given):
    people: Annotated[list[Short], Field(max_length=200)] = Field(default_factory=list)
    roles: Annotated[list[Label], Field(max_length=50)] = Field(default_factory=list)


class NoBody(Given):
    """Nothing: `{}`."""


class ViewOut(BaseModel):
    id: str
    title: str
    owner: str
    mine: bool
    shared_with: list[str]
    updated_at_ms: int
    nodes: int
    version: int


class ViewsOut(BaseModel):
    views: list[ViewOut]


class GhostOut(BaseModel):
    label: str
    id: str
    why: Literal["gone", "restricted"]


class OpenedOut(BaseModel):
    view: ViewOut
    document: ViewDocument
    subgraph: SubgraphOut
    ghosts: list[GhostOut]


class DraftOut(BaseModel):
    document: ViewDocument | None
    updated_at_ms: int | None
    subgraph: SubgraphOut
    ghosts: list[GhostOut]


class PersonOut(BaseModel):
    name: str
    full_name: str


class RoleOut(BaseModel):
    name: str
    title: str


class ColleaguesOut(BaseModel):
    people: list[PersonOut]
    roles: list[RoleOut]


class PlaceOut(BaseModel):
    label: str
    id: str
    x: float
    y: float


class GraphFileOut(BaseModel):
    title: str
    subgraph: SubgraphOut
    ghosts: list[GhostOut]
    places: list[PlaceOut]


class MenuQueryOut(BaseModel):
    id: str
    title: str
    cypher: str
    parameter: str


class MenuQueriesOut(BaseModel):
    queries: list[MenuQueryOut]
