"""What the algorithms suggest."""

from __future__ import annotations

from apiflask import APIBlueprint

from security.roles import Permission
from usecases import findings as usecase
from usecases.findings import FindingFilter
from webui.api._models import FindingDetailOut, FindingOut, FindingsOut, FindingsQuery, MemberOut, SubgraphOut
from webui.context import actor, services
from webui.guard import needs

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
    return FindingsOut(
        findings=[FindingOut(id=node.id, properties=dict(node.properties)) for node in page.items],
        total=page.total, limit=query.limit, offset=query.offset,
    )  # fmt: skip


@API.get("/findings/<id>")
@needs(Permission.FINDINGS_READ)
@API.output(FindingDetailOut)
@API.doc(summary="One finding with its members and their roles")
def finding(id: str) -> FindingDetailOut:
    view = usecase.finding(services(), actor(), id)
    return FindingDetailOut(
        id=view.node.id, properties=dict(view.node.properties), omitted=list(view.omitted),
        members=[
            MemberOut(label=node.label, id=node.id, name=str(node.properties.get("name") or node.id), role=role,
                      layer=layer, score=score, reason=reason)
            for node, role, layer, score, reason in view.members
        ],
    )  # fmt: skip


@API.get("/findings/<id>/subgraph")
@needs(Permission.FINDINGS_READ)
@API.output(SubgraphOut)
@API.doc(summary="A finding's members and evidence as a piece of the network")
def subgraph(id: str) -> SubgraphOut:
    return SubgraphOut.of(usecase.subgraph(services(), actor(), id))
