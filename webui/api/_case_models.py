"""What the API of cases takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt, StrictStr, StringConstraints, model_validator

from webui.api._casework_models import FromRow
from webui.api._fields import Given, Id, TimeMs

Reason = Annotated[StrictStr, StringConstraints(max_length=1000)]
Account = Annotated[StrictStr, StringConstraints(min_length=1, max_length=128)]


class CasesQuery(Given):
    state: Literal["open", "closed", "merged", "all"] = "open"
    mine: bool = Field(False, description="Only cases you own")
    after: str = Field("", max_length=80, description="`next` of the page before")


class OpenBody(Given):
    """One of lead, finding and alert."""

    lead_id: Annotated[StrictStr, StringConstraints(max_length=64)] = ""
    finding_id: Annotated[StrictStr, StringConstraints(max_length=64)] = ""
    alert_id: Annotated[StrictStr, StringConstraints(max_length=64)] = Field("", description="The transfer's id")
    title: Annotated[StrictStr, StringConstraints(max_length=120)] = Field(
        "", description="When empty: the lead's first line, the finding's title, or payer and payee"
    )

    @model_validator(mode="after")
    def _one(self) -> OpenBody:
        if sum(map(bool, (self.lead_id, self.finding_id, self.alert_id))) != 1:
            raise ValueError("give exactly one of lead_id, finding_id and alert_id")
        return self


class AddLeadBody(Given):
    lead_id: Id


class LinkBody(Given):
    kind: Literal["finding", "alert", "case"]
    target: Annotated[StrictStr, StringConstraints(min_length=1, max_length=64)]
    reason: Reason = ""


class MergeBody(Given):
    into: Annotated[StrictStr, StringConstraints(min_length=1, max_length=40)]
    reason: Annotated[StrictStr, StringConstraints(min_length=1, max_length=1000)]


class NoteBody(Given):
    text: Annotated[StrictStr, StringConstraints(min_length=1, max_length=4000)]


class TaskBody(Given):
    title: Annotated[StrictStr, StringConstraints(min_length=1, max_length=300)]
    due_at_ms: TimeMs | None = None


class VictimBody(Given):
    name: Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]
    loss_minor: Annotated[StrictInt, Field(ge=1, le=10**18)]
    account: Annotated[StrictStr, StringConstraints(max_length=128)] = ""
    bank: Annotated[StrictStr, StringConstraints(max_length=64)] = ""


class PayToBody(Given):
    victim_id: Id
    account: Account
    bank: Annotated[StrictStr, StringConstraints(max_length=64)] = ""


class CloseBody(Given):
    outcome: Annotated[StrictStr, StringConstraints(min_length=1, max_length=4000)]


class CaseOut(FromRow):
    id: str
    title: str
    state: str
    typology: str
    region: str
    currency: str
    owner_name: str
    merged_into: str | None
    opened_at_ms: int
    closed_at_ms: int | None
    outcome: str


class CasesOut(BaseModel):
    cases: list[CaseOut]
    next: str = Field(description="Send as `after` for the next page; empty on the last")


class RollUpOut(FromRow):
    lost_minor: int
    frozen_minor: int
    returned_minor: int
    not_found_minor: int


class LeadOut(FromRow):
    id: str
    source: str
    state: str
    text: str
    received_at_ms: int


class LinkOut(FromRow):
    kind: str
    target: str
    reason: str
    by_name: str
    at_ms: int


class CaseOrderOut(FromRow):
    id: str
    state: str
    bank: str
    account: str
    layer: int
    amount_minor: int
    frozen_minor: int
    held_minor: int
    returned_minor: int


class VictimOut(FromRow):
    id: str
    name: str
    account: str
    bank: str
    loss_minor: int
    returned_minor: int
    currency: str


class TaskOut(FromRow):
    id: str
    title: str
    state: str
    owner_name: str
    due_at_ms: int | None
    made_at_ms: int
    done_at_ms: int | None


class EvidenceOut(FromRow):
    id: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    scan: str
    by_name: str
    at_ms: int


class ReturnOut(FromRow):
    id: str
    case_id: str
    state: str
    currency: str
    money_minor: int
    police_minor: int
    drafted_by_name: str
    drafted_at_ms: int
    approved_by_name: str
    approved_at_ms: int | None


class EventOut(FromRow):
    at_ms: int
    what: str
    target: str
    text: str
    by_name: str


class ViewOut(FromRow):
    user_name: str
    first_at_ms: int
    last_at_ms: int
    times: int


class CaseDetailOut(CaseOut):
    rollup: RollUpOut = Field(description="Victims' money: lost = frozen for them + returned + not found")
    leads: list[LeadOut]
    links: list[LinkOut]
    orders: list[CaseOrderOut]
    victims: list[VictimOut]
    tasks: list[TaskOut]
    evidence: list[EvidenceOut]
    returns: list[ReturnOut]
    timeline: list[EventOut] = Field(description="The latest 500 lines, newest first")
    views: list[ViewOut] = Field(description="Who has looked")


class ShareOut(BaseModel):
    victim_id: str
    claim_minor: int
    amount_minor: int
    money_minor: int
    claims_minor: int
    whole_minor: int
    remainder: int
    extra_minor: int


class ReturnLineOut(FromRow):
    id: str
    order_id: str
    victim_id: str
    amount_minor: int
    returned_at_ms: int | None


class ReturnDetailOut(ReturnOut):
    arithmetic: list[ShareOut] = Field(
        description="claim x money / claims = whole part and remainder; largest remainders get the left-over units"
    )
    lines: list[ReturnLineOut] = Field(description="What each order's bank pays to whom")
