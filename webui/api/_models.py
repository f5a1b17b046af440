"""What the API takes and gives. Unknown fields are refused; whole numbers must be whole numbers, not floats or booleans."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints

from graph.model import Path, Subgraph
from graph.queries.neighbours import Narrow

#: Year 9999 in epoch milliseconds.
_LAST_MS = 253_402_300_799_999
Id = Annotated[StrictStr, StringConstraints(min_length=1, max_length=512)]
Label = Annotated[StrictStr, StringConstraints(min_length=1, max_length=32)]
TimeMs = Annotated[StrictInt, Field(ge=0, le=_LAST_MS)]
Minor = Annotated[StrictInt, Field(ge=0, le=10**18)]
Key = tuple[Label, Id]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]


class Given(BaseModel):
    """Anything that comes in."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeQuery(Given):
    label: str = Field(min_length=1, max_length=32, description="Node label of the schema")
    id: str = Field(min_length=1, max_length=512, description="Business id")


class SearchQuery(Given):
    q: str = Field("", max_length=200, description="Any identifier or name; `phone:138` narrows to a label")
    label: str | None = Field(None, max_length=32)
    limit: int = Field(20, ge=1, le=100)


class FindingsQuery(Given):
    kind: str | None = Field(None, max_length=64)
    run_id: str | None = Field(None, max_length=64)
    min_score: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    text: str | None = Field(None, max_length=200)
    limit: int = Field(50, ge=1, le=200)
    offset: Offset = 0
    order: Literal["score", "latest", "amount"] = "score"


class NarrowBody(Given):
    """Bounds of what is read: a time window and amounts in minor units."""

    from_ms: TimeMs | None = None
    to_ms: TimeMs | None = None
    min_minor: Minor | None = None
    max_minor: Minor | None = None

    def narrow(self) -> Narrow:
        return Narrow(self.from_ms, self.to_ms, self.min_minor, self.max_minor)


class NeighboursQuery(NodeQuery):
    from_ms: int | None = Field(None, ge=0, le=_LAST_MS)
    to_ms: int | None = Field(None, ge=0, le=_LAST_MS)
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


class CypherBody(Given):
    query: Annotated[StrictStr, StringConstraints(min_length=1, max_length=20_000)]
    params: dict[str, Any] = Field(default_factory=dict)


class Position(Given):
    label: Label
    id: Id
    x: Annotated[StrictFloat | StrictInt, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
    y: Annotated[StrictFloat | StrictInt, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class ExportBody(Given):
    keys: Annotated[list[Key], Field(min_length=1, max_length=5000)]
    rel_ids: Annotated[list[Id], Field(max_length=50_000)] | None = None
    positions: Annotated[list[Position], Field(max_length=5000)] = Field(default_factory=list)
    title: Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]
    filters: Annotated[list[Annotated[StrictStr, StringConstraints(max_length=300)]], Field(max_length=50)] = Field(
        default_factory=list
    )
    from_ms: TimeMs | None = None
    to_ms: TimeMs | None = None


class HitOut(BaseModel):
    label: str
    id: str
    name: str
    matched: str


class SearchOut(BaseModel):
    hits: list[HitOut]


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
            nodes=[NodeOut(label=node.label, id=node.id, properties=dict(node.properties)) for node in found.nodes],
            rels=[
                RelOut(type=rel.type, id=rel.id, start=rel.start, end=rel.end, properties=dict(rel.properties))
                for rel in found.rels
            ],
            omitted=list(found.omitted) if isinstance(found, Subgraph) else [],
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


class ErrorRateOut(BaseModel):
    measured_on: str = Field(description="The evaluation data")
    low_score: float
    high_score: float
    wrong: int
    judged: int
    wrong_share: float
    wrong_share_low: float = Field(description="95% interval")
    wrong_share_high: float
    measured_at_ms: int
    report_id: str


class ErrorRatesOut(BaseModel):
    first: ErrorRateOut | None = Field(description="The least flattering one with enough behind it; null: not measured")
    all: list[ErrorRateOut]
    why_not: str = Field(description="Why nothing was measured, empty when it was")


class FindingOut(BaseModel):
    id: str
    properties: dict[str, Any]
    status: str = Field(description="suggested, proposed, adopted, rejected or needs_more: a person's verdict, if any")


class FindingsOut(BaseModel):
    findings: list[FindingOut]
    total: int
    limit: int
    offset: int


class MemberOut(BaseModel):
    label: str
    id: str
    name: str
    role: str
    layer: int | None
    score: float | None
    reason: str


class VerdictOut(BaseModel):
    step: int
    verb: str
    status: str
    grounds: str
    by: str
    at_ms: int


class VerdictBody(Given):
    verb: Literal["adopt", "reject", "need_more"]
    grounds: Annotated[StrictStr, StringConstraints(min_length=10, max_length=4_000)]
    seen_step: Annotated[StrictInt, Field(ge=0)] = Field(description="Step of the last verdict you saw, 0 for none")


class ConfirmationBody(Given):
    grounds: Annotated[StrictStr, StringConstraints(min_length=10, max_length=4_000)]
    seen_step: Annotated[StrictInt, Field(ge=0)] = Field(description="Step of the adoption you confirm")


class FindingDetailOut(FindingOut):
    error_rate: ErrorRatesOut
    members: list[MemberOut]
    omitted: list[str]
    verdicts: list[VerdictOut]


class CypherOut(BaseModel):
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    over_bytes: bool
    """Cut at the limit of bytes, not of rows."""
    elapsed_ms: float
    subgraph: SubgraphOut


class FormatOut(BaseModel):
    name: str
    title: str
    media_type: str
    suffix: str


class ExportsOut(BaseModel):
    formats: list[FormatOut]


class PropertyOut(BaseModel):
    name: str
    kind: str
    doc: str
    required: bool
    privacy: str


class TypeOut(BaseModel):
    name: str
    doc: str
    properties: list[PropertyOut]


class RelTypeOut(TypeOut):
    event: bool
    pairs: list[tuple[str, str]]


class SchemaOut(BaseModel):
    version: int
    labels: list[TypeOut]
    rels: list[RelTypeOut]


class MeOut(BaseModel):
    name: str
    roles: list[str]
    permissions: list[str]
    language: str
    csrf_token: str
