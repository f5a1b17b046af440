"""What the algorithms suggest: lists, one finding with its evidence, its piece of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import NotFound
from graph.model import Node, Rel, Subgraph
from graph.queries import findings as queries
from graph.queries import flow, transfers
from graph.queries._read import Page
from graph.queries.findings import FindingView, Order, Run
from graph.queries.flow import LayerFlow
from security.roles import Actor, Permission
from usecases import privacy
from usecases.auditing import audited
from usecases.services import Services

MAX_PAGE = 200
MAX_EVIDENCE = 500


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings to list; None does not filter."""

    kind: str | None = None
    run_id: str | None = None
    min_score: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A finding as one page: members with roles, evidence transfers by time, money by layer.

    `evidence_total` is how many events the finding rests on; at most MAX_EVIDENCE are in `evidence`.
    """

    finding: Node
    members: Sequence[queries.Member]
    evidence: tuple[Rel, ...]
    evidence_total: int
    flows: tuple[LayerFlow, ...]
    omitted: tuple[str, ...]


def list_findings(
    services: Services, actor: Actor, wanted: FindingFilter, *, limit: int = 50, offset: int = 0, order: Order = "score"
) -> Page[Node]:
    """One page of findings and their number. Raises NotAllowed, BadInput."""
    with audited(
        services, actor, Permission.FINDINGS_READ, "finding.list", wanted.kind or "", run_id=wanted.run_id,
        text=wanted.text, offset=offset or None,
    ):  # fmt: skip
        return queries.list_findings(
            services.store, kind=wanted.kind, run_id=wanted.run_id, min_score=wanted.min_score, text=wanted.text,
            limit=min(limit, MAX_PAGE), offset=offset, order=order,
        )  # fmt: skip


def runs(services: Services, actor: Actor) -> list[Run]:
    """Every detection run with its parameters, latest first. Raises NotAllowed."""
    actor.need(Permission.FINDINGS_READ)
    return queries.runs(services.store)


def finding(services: Services, actor: Actor, id: str) -> FindingView:
    """One finding with its members. Raises NotFound, NotAllowed."""
    with audited(services, actor, Permission.FINDINGS_READ, "finding.read", f"Finding:{id}"):
        return _known(services, id)


def dossier(services: Services, actor: Actor, id: str) -> Dossier:
    """One finding with everything a person needs to judge it. Raises NotFound, NotAllowed."""
    with audited(services, actor, Permission.FINDINGS_READ, "finding.read", f"Finding:{id}"):
        view = _known(services, id)
        wanted = list(view.node.properties.get("evidence_ids") or ())
        accounts = [member[0].id for member in view.members if member[0].label == "Account"]
        evidence = transfers.by_ids(services.store, wanted, accounts)
        flows = flow.money_by_layer(services.store, id)
        return Dossier(
            view.node, view.members, privacy.rels(evidence[:MAX_EVIDENCE]), len(wanted), tuple(flows), view.omitted
        )


def subgraph(services: Services, actor: Actor, id: str) -> Subgraph:
    """A finding's members and evidence as a piece of the network. Raises NotFound, NotAllowed."""
    with audited(services, actor, Permission.FINDINGS_READ, "finding.subgraph", f"Finding:{id}"):
        _known(services, id)
        return privacy.subgraph(queries.subgraph(services.store, id))


def _known(services: Services, id: str) -> FindingView:
    view = queries.finding(services.store, id)
    if view is None:
        raise NotFound(f"there is no finding {id!r}")
    return view
