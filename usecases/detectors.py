"""Queries as scheduled detectors: an analyst proposes, a second person approves, every load runs what is approved."""

from __future__ import annotations

from collections.abc import Iterator

from algorithms._base import Found, Member, Params
from algorithms._run import Stamp, to_rowsets
from core.clock import now_ms
from core.db import transaction
from core.errors import RingtraceError
from core.ids import derived, fresh
from graph.console import check
from graph.model import Node, Rel, things_in
from security.roles import Actor, Permission
from security.workspace import detectors
from security.workspace.detectors import Detector, Proposal
from usecases import console
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.detect import Detected, write_findings
from usecases.services import Services

#: Findings one run of one detector may leave.
MAX_FINDINGS = 200
MAX_MEMBERS = 200


class _NoParams(Params):
    """A detector's query has no parameters: it runs as approved."""


def listed(services: Services, actor: Actor) -> list[Detector]:
    """All proposals and what became of them. Raises NotAllowed."""
    actor.need(Permission.CYPHER_RUN)
    with transaction(services.engine) as session:
        return detectors.listed(session)


def propose(services: Services, actor: Actor, given: Proposal) -> Detector:
    """Propose a query; it must pass the console's check now. Raises NotAllowed, BadInput, QueryRefused."""
    with audited(
        services, actor, Permission.DETECTOR_PROPOSE, "detector.propose", given.name, query=given.cypher
    ) as said:
        check(given.cypher, dialect="neo4j" if services.store.name == "neo4j" else "ladybug")
        with recorded(services, said) as session:
            made = detectors.propose(session, actor.id, actor.name, given)
            said["version"] = made.version
        return made


def decide(services: Services, actor: Actor, detector_id: str, *, approve: bool, note: str = "") -> Detector:
    """Approve or reject somebody else's proposal. Raises NotAllowed, NotFound, Conflict."""
    with (
        audited(
            services,
            actor,
            Permission.DETECTOR_APPROVE,
            "detector.decide",
            detector_id,
            approve=approve,
            note=note[:500],
        ) as said,
        recorded(services, said) as session,
    ):
        return detectors.decide(session, actor.id, actor.name, detector_id, approve=approve, note=note)


def retire(services: Services, actor: Actor, detector_id: str, note: str = "") -> Detector:
    """Stop a running detector. Raises NotAllowed, NotFound, Conflict."""
    with (
        audited(services, actor, Permission.DETECTOR_APPROVE, "detector.retire", detector_id, note=note[:500]) as said,
        recorded(services, said) as session,
    ):
        return detectors.retire(session, actor.name, detector_id, note)


def run_approved(services: Services, actor: Actor) -> Iterator[Detected]:
    """Run every approved detector and write what it finds; one that fails is on record and does not stop the others."""
    with transaction(services.engine) as session:
        wanted = detectors.approved(session)
    for detector in wanted:
        try:
            yield _run(services, actor, detector)
        except RingtraceError:
            continue  # the audit line says why


def _run(services: Services, actor: Actor, detector: Detector) -> Detected:
    run_id = fresh("run")
    with audited(
        services, actor, Permission.DATA_LOAD, "detector.run", detector.name, version=detector.version, run_id=run_id
    ) as said:
        result = services.store.console(detector.cypher, {}, console.limits(services))
        found = [item for item in (_found(detector, row) for row in result.rows) if item.members][:MAX_FINDINGS]
        kind = f"query_{detector.name}"
        stamp = Stamp(run_id, kind, str(detector.version), "local", services.store.applied_seq(), now_ms())
        ids = [derived(run_id, kind, index) for index in range(len(found))]
        rowsets = to_rowsets(found, ids, stamp, _NoParams())
        findings, members = write_findings(services, actor, f"{run_id}:{kind}", kind, rowsets)
        said.update(findings=findings, rows=len(result.rows), truncated=result.truncated)
        return Detected(run_id, kind, findings, members, result.elapsed_ms / 1000)


def _found(detector: Detector, row: tuple[object, ...]) -> Found:
    """One row is one finding: its nodes are the members, its events the evidence."""
    members: dict[tuple[str, str], Member] = {}
    events: list[Rel] = []
    for item in things_in(row):
        if isinstance(item, Node):
            if item.label != "Finding":
                members.setdefault(item.key, Member(item.label, item.id, "member", reason=detector.reason))
        else:
            events.append(item)
    amounts = [int(rel.properties["amount_minor"]) for rel in events if "amount_minor" in rel.properties]
    currencies = {str(rel.properties.get("currency")) for rel in events if "amount_minor" in rel.properties}
    times = [int(rel.properties["at_ms"]) for rel in events if "at_ms" in rel.properties]
    return Found(
        title=detector.title, score=detector.score, members=tuple(members.values())[:MAX_MEMBERS],
        reasons=(detector.reason, f"Found by the query {detector.name}, version {detector.version}, approved by {detector.decided_by}"),
        evidence_ids=tuple(dict.fromkeys(rel.id for rel in events if "at_ms" in rel.properties)),
        amount_minor=sum(amounts) if amounts and len(currencies) == 1 else None,
        currency=next(iter(currencies)) if amounts and len(currencies) == 1 else None,
        starts_ms=min(times, default=None), ends_ms=max(times, default=None),
    )  # fmt: skip
