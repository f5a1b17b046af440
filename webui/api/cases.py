"""Cases by API, with the rights, refusals and audit lines their pages have."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from security.roles import Permission
from usecases import case_links, casefiles, evidence
from webui import evidence_file, keyset
from webui.api._case_models import (
    AddLeadBody,
    CaseDetailOut,
    CaseOrderOut,
    CaseOut,
    CasesOut,
    CasesQuery,
    CloseBody,
    EventOut,
    EvidenceOut,
    LeadOut,
    LinkBody,
    LinkOut,
    MergeBody,
    NoteBody,
    OpenBody,
    ReturnOut,
    RollUpOut,
    TaskBody,
    TaskOut,
    VictimBody,
    VictimOut,
    ViewOut,
)  # fmt: skip
from webui.api._casework_models import FileQuery, KeptOut, MadeOut
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("cases", __name__, tag="Casework")


@API.get("/cases")
@needs(Permission.CASES_READ)
@API.input(CasesQuery, location="query", arg_name="query")
@API.output(CasesOut)
@API.doc(summary="Cases, newest first, 50 a page")
def listed(query: CasesQuery) -> CasesOut:
    state = "" if query.state == "all" else query.state
    rows = casefiles.listed(services(), actor(), state, actor().id if query.mine else "", keyset.after())
    full = len(rows) == casefiles.MAX_PAGE
    return CasesOut(
        cases=[CaseOut.model_validate(row) for row in rows],
        next=keyset.mark(rows[-1].opened_at_ms, rows[-1].id) if full else "",
    )


@API.get("/cases/<id>")
@needs(Permission.CASES_READ)
@API.output(CaseDetailOut)
@API.doc(summary="One case with all that gathers in it and its timeline; the look is remembered")
def one(id: str) -> CaseDetailOut:
    return _detail(id)


@API.post("/cases")
@needs(Permission.CASES_WORK)
@API.input(OpenBody, arg_name="body")
@API.output(CaseDetailOut)
@API.doc(summary="Open a case from a lead (the reporter's loss becomes a victim's claim), a finding or an alert")
def open_case(body: OpenBody) -> CaseDetailOut:
    if body.lead_id:
        return _detail(casefiles.open_from_lead(services(), actor(), body.lead_id, body.title))
    kind, target = ("finding", body.finding_id) if body.finding_id else ("alert", body.alert_id)
    return _detail(case_links.open_from(services(), actor(), kind, target, body.title))


@API.post("/cases/<id>/leads")
@needs(Permission.CASES_WORK)
@API.input(AddLeadBody, arg_name="body")
@API.output(CaseDetailOut)
@API.doc(summary="Put a further lead into a case")
def add_lead(id: str, body: AddLeadBody) -> CaseDetailOut:
    return _detail(casefiles.open_from_lead(services(), actor(), body.lead_id, case_id=id))


@API.post("/cases/<id>/links")
@needs(Permission.CASES_WORK)
@API.input(LinkBody, arg_name="body")
@API.output(CaseDetailOut)
@API.doc(summary="Tie a finding, an alert or another case to a case")
def link(id: str, body: LinkBody) -> CaseDetailOut:
    case_links.link(services(), actor(), id, body.kind, body.target, body.reason)
    return _detail(id)


@API.post("/cases/<id>/merge")
@needs(Permission.CASES_WORK)
@API.input(MergeBody, arg_name="body")
@API.output(CaseDetailOut)
@API.doc(summary="Move everything of a case into another; gives the other one")
def merge(id: str, body: MergeBody) -> CaseDetailOut:
    casefiles.merge(services(), actor(), id, body.into, body.reason)
    return _detail(body.into)


@API.post("/cases/<id>/notes")
@needs(Permission.CASES_WORK)
@API.input(NoteBody, arg_name="body")
@API.output(CaseDetailOut)
@API.doc(summary="Write a note into the timeline; it stays as written")
def note(id: str, body: NoteBody) -> CaseDetailOut:
    casefiles.note(services(), actor(), id, body.text)
    return _detail(id)


@API.post("/cases/<id>/tasks")
@needs(Permission.CASES_WORK)
@API.input(TaskBody, arg_name="body")
@API.output(MadeOut)
@API.doc(summary="Add a task; gives its id")
def add_task(id: str, body: TaskBody) -> MadeOut:
    return MadeOut(id=casefiles.add_task(services(), actor(), id, body.title, body.due_at_ms))


@API.post("/tasks/<id>/completion")
@needs(Permission.CASES_WORK)
@API.output(CaseDetailOut)
@API.doc(summary="Mark a task done; gives its case")
def finish_task(id: str) -> CaseDetailOut:
    return _detail(casefiles.finish_task(services(), actor(), id))


@API.post("/cases/<id>/victims")
@needs(Permission.CASES_WORK)
@API.input(VictimBody, arg_name="body")
@API.output(MadeOut)
@API.doc(summary="Add a victim and the loss claimed, in the case's currency; gives the victim's id")
def add_victim(id: str, body: VictimBody) -> MadeOut:
    made = casefiles.add_victim(services(), actor(), id, body.name, body.loss_minor, body.account, body.bank)
    return MadeOut(id=made)


@API.post("/cases/<id>/files")
@needs(Permission.CASES_WORK)
@API.input(FileQuery, location="query", arg_name="query")
@API.output(KeptOut)
@API.doc(
    summary="Take a file in as evidence: the body is the file, at most 20 MiB; its type is told by its bytes",
    description="Send application/octet-stream. Archives, programs and markup are refused. Gives the SHA-256 of what was kept.",
)
def add_file(id: str, query: FileQuery) -> KeptOut:
    return KeptOut(sha256=evidence.add(services(), actor(), id, query.name, request.get_data()))


@API.get("/evidence/<id>")
@needs(Permission.CASES_READ)
@API.doc(
    summary="A file of evidence as it was taken in, checked against its SHA-256; the look is on record",
    responses={200: {"description": "The file", "content": {"application/octet-stream": {}}}},
)
def download(id: str) -> Response:
    return evidence_file.download(id)


@API.post("/cases/<id>/closure")
@needs(Permission.ORDERS_APPROVE)
@API.input(CloseBody, arg_name="body")
@API.output(CaseDetailOut)
@API.doc(summary="Close a case with its outcome; refused while money is held")
def close(id: str, body: CloseBody) -> CaseDetailOut:
    casefiles.close(services(), actor(), id, body.outcome)
    return _detail(id)


def _detail(id: str) -> CaseDetailOut:
    view = casefiles.one(services(), actor(), id)
    return CaseDetailOut(
        **CaseOut.model_validate(view.case).model_dump(),
        rollup=RollUpOut.model_validate(view.rollup),
        leads=[LeadOut.model_validate(row) for row in view.leads],
        links=[LinkOut.model_validate(row) for row in view.links],
        orders=[CaseOrderOut.model_validate(row) for row in view.orders],
        victims=[VictimOut.model_validate(row) for row in view.victims],
        tasks=[TaskOut.model_validate(row) for row in view.tasks],
        evidence=[EvidenceOut.model_validate(row) for row in view.evidence],
        returns=[ReturnOut.model_validate(row) for row in view.returns],
        timeline=[EventOut.model_validate(row) for row in view.events],
        views=[ViewOut.model_validate(row) for row in view.views],
    )
