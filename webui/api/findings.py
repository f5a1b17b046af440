"""What the algorithms suggest."""

from __future__ import annotations

from apiflask import APIBlueprint

from cases.verdicts import Verb, Verdict
from evaluation.error_rates import ErrorRate, Rate
from security.roles import Permission
from usecases import evaluate, verdicts
from usecases import findings as usecase
from usecases.findings import FindingFilter
from webui.api._findings_models import (
    ConfirmationBody,
    ErrorRateOut,
    ErrorRatesOut,
    FindingDetailOut,
    FindingsOut,
    FindingsQuery,
    ListedFindingOut,
    MemberOut,
    VerdictBody,
    VerdictOut,
)
from webui.api._network_models import SubgraphOut
from webui.context import actor, services
from webui.guard import needs
from webui.sentences import asked, asked_all

API = APIBlueprint("findings", __name__, tag="Findings")


@API.get("/findings")
@needs(Permission.FINDINGS_READ)
@API.input(FindingsQuery, location="query", arg_name="query")
@API.output(FindingsOut)
@API.doc(summary="One page of findings; each is a suggestion until a person adopts it")
def list_findings(query: FindingsQuery) -> FindingsOut:
    page = usecase.list_findings(
        services(), actor(), FindingFilter(query.kind, query.run_id, query.min_score, query.text), limit=query.limit,
        offset=query.offset, order=query.order,
    )  # fmt: skip
    standing = verdicts.statuses(services(), actor(), [node.id for node in page.items])
    rates = evaluate.rates_of(services(), actor(), [node.properties for node in page.items])
    return FindingsOut(
        findings=[
            ListedFindingOut(
                id=node.id, properties=dict(node.properties), status=standing[node.id],
                error_rate=None if rate.first is None else _error_rate(rate.first),
            )
            for node, rate in zip(page.items, rates, strict=True)
        ],
        total=page.total, limit=query.limit, offset=query.offset,
    )  # fmt: skip


@API.get("/findings/<id>")
@needs(Permission.FINDINGS_READ)
@API.output(FindingDetailOut)
@API.doc(summary="One finding with its members and their roles")
def finding(id: str) -> FindingDetailOut:
    view = usecase.finding(services(), actor(), id)
    standing = verdicts.standing(services(), actor(), id)
    return FindingDetailOut(
        id=view.node.id, properties=asked_all(view.node.properties), omitted=[asked(line) for line in view.omitted],
        error_rate=_error_rates(evaluate.rates_of(services(), actor(), [view.node.properties])[0]),
        status=standing.status, verdicts=[_verdict(act) for act in standing.history],
        members=[MemberOut.of(member) for member in view.members],
    )  # fmt: skip


@API.get("/findings/<id>/subgraph")
@needs(Permission.FINDINGS_READ)
@API.output(SubgraphOut)
@API.doc(summary="A finding's members and evidence as a piece of the network")
def subgraph(id: str) -> SubgraphOut:
    return SubgraphOut.of(usecase.subgraph(services(), actor(), id))


@API.post("/findings/<id>/verdicts")
@needs(Permission.FINDINGS_JUDGE)
@API.input(VerdictBody, arg_name="body")
@API.output(VerdictOut, status_code=201)
@API.doc(summary="Adopt (a second person must confirm), reject, or ask for more, with grounds")
def judge(id: str, body: VerdictBody) -> VerdictOut:
    return _verdict(verdicts.give(services(), actor(), id, Verb(body.verb), body.grounds, body.seen_step))


@API.post("/findings/<id>/confirmation")
@needs(Permission.FINDINGS_CONFIRM)
@API.input(ConfirmationBody, arg_name="body")
@API.output(VerdictOut, status_code=201)
@API.doc(summary="Confirm an adoption that somebody else proposed, with grounds")
def confirm(id: str, body: ConfirmationBody) -> VerdictOut:
    return _verdict(verdicts.give(services(), actor(), id, Verb.CONFIRM, body.grounds, body.seen_step))


def _verdict(act: Verdict) -> VerdictOut:
    return VerdictOut(
        step=act.step, verb=act.verb, status=act.status, grounds=act.grounds, by=act.by_name, at_ms=act.at_ms
    )  # fmt: skip


def _error_rates(known: ErrorRate) -> ErrorRatesOut:
    return ErrorRatesOut(
        first=None if known.first is None else _error_rate(known.first), all=[_error_rate(rate) for rate in known.rates],
        why_not=known.why,
    )  # fmt: skip


def _error_rate(rate: Rate) -> ErrorRateOut:
    low, high = rate.wrong.interval or (0.0, 1.0)
    return ErrorRateOut(
        measured_on=rate.setting, low_score=rate.low, high_score=rate.high, wrong=rate.wrong.right, judged=rate.of,
        wrong_share=rate.wrong.share or 0.0, wrong_share_low=low, wrong_share_high=high, measured_at_ms=rate.measured_at_ms,
        report_id=rate.report_id,
    )  # fmt: skip
