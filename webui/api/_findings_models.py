"""Findings, their members, error rates and verdicts, as the API takes and gives them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictInt, StrictStr, StringConstraints

from graph.queries.findings import Member
from webui.api._fields import Given, Offset
from webui.sentences import asked


class FindingsQuery(Given):
    kind: str | None = Field(None, max_length=64)
    run_id: str | None = Field(None, max_length=64)
    min_score: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    text: str | None = Field(None, max_length=200)
    limit: int = Field(50, ge=1, le=200)
    offset: Offset = 0
    order: Literal["score", "latest", "amount"] = "score"


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


class ListedFindingOut(FindingOut):
    error_rate: ErrorRateOut | None = Field(
        description="As `error_rate.first` of the finding itself; null: not measured"
    )


class FindingsOut(BaseModel):
    findings: list[ListedFindingOut]
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

    @classmethod
    def of(cls, member: Member) -> MemberOut:
        """A member of a finding or a gang; one without a name goes by its id."""
        node, role, layer, score, reason = member
        name = str(node.properties.get("name") or node.id)
        return cls(label=node.label, id=node.id, name=name, role=role, layer=layer, score=score, reason=asked(reason))


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
