"""Leads by API, from staff's tools and other agencies' systems."""

from __future__ import annotations

from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, Field, StrictInt, StrictStr, StringConstraints

from security.roles import Permission
from usecases import casefiles, evidence, leads
from usecases.leads import Report
from webui.api._casework_models import FileQuery, KeptOut
from webui.api._fields import Given, Id, TimeMs
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("leads", __name__, tag="Casework")
Word = Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]


class LeadBody(Given):
    source: Literal["staff", "customer", "hotline", "police", "agency"]
    text: Annotated[StrictStr, StringConstraints(min_length=1, max_length=20_000)]
    outside_id: Annotated[StrictStr, StringConstraints(min_length=1, max_length=60)] = Field(
        description="The sender's own number: the same again is the same lead"
    )
    claimed_type: Annotated[StrictStr, StringConstraints(max_length=64)] = ""
    amount_minor: Annotated[StrictInt, Field(ge=0, le=10**18)] | None = None
    currency: Annotated[StrictStr, StringConstraints(max_length=8)] = "CNY"
    region: Annotated[StrictStr, StringConstraints(max_length=64)] = ""
    occurred_at_ms: TimeMs | None = None
    accounts: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)
    phones: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)
    persons: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)
    reporter: Annotated[StrictStr, StringConstraints(max_length=1000)] = ""


class FiledOut(BaseModel):
    lead_id: Id
    code: str
    is_repeat: bool


class ProposedBody(Given):
    accounts: Annotated[list[Word], Field(max_length=20)] = Field(
        default_factory=list, description="Of those the trace proposes; all when empty"
    )


class ProposedOut(BaseModel):
    order_ids: list[Id]


@API.post("/leads")
@needs(Permission.LEADS_FILE, machines=True)
@API.input(LeadBody, arg_name="body")
@API.output(FiledOut)
@API.doc(summary="File a lead; its text is read and the trace starts. The reporter's code is in the first answer only")
def file(body: LeadBody) -> FiledOut:
    report = Report(
        body.source, body.text, body.claimed_type, body.amount_minor, body.currency, body.region, body.occurred_at_ms,
        tuple(body.accounts), tuple(body.phones), tuple(body.persons), body.reporter, body.outside_id,
    )  # fmt: skip
    filed = leads.file(services(), actor(), report, "api")
    return FiledOut(lead_id=filed.lead_id, code=filed.code, is_repeat=filed.is_repeat)


@API.post("/leads/<id>/files")
@needs(Permission.LEADS_FILE, machines=True)
@API.input(FileQuery, location="query", arg_name="query")
@API.output(KeptOut)
@API.doc(
    summary="A file with a lead: the body is the file, at most 20 MiB; its type is told by its bytes",
    description="Send application/octet-stream. Archives, programs and markup are refused. A key that may only file adds to leads it has filed.",
)
def add_file(id: str, query: FileQuery) -> KeptOut:
    return KeptOut(sha256=evidence.add_to_lead(services(), actor(), id, query.name, request.get_data()))


@API.post("/leads/<id>/orders")
@needs(Permission.CASES_WORK)
@API.input(ProposedBody, arg_name="body")
@API.output(ProposedOut)
@API.doc(summary="Draft the orders the lead's trace proposes, in its case or a new one; another person approves each")
def order_proposed(id: str, body: ProposedBody) -> ProposedOut:
    return ProposedOut(order_ids=casefiles.order_proposed(services(), actor(), id, body.accounts))
