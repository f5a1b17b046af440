"""Judging findings: a person adopts, rejects or asks for more; a second one confirms. Nothing becomes a fact without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases import verdicts
from cases.verdicts import Determined, Judged, Status, Verb, Verdict
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.ids import derived
from graph.queries import findings as queries
from graph.queries.findings import FindingView
from security.roles import Actor, Permission, system_actor
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding's status with its whole history, and what this person may do now.

    `equal` are the last verdicts on equal findings of other runs. `step` is what a form sends back as `seen_step`.
    """

    status: Status
    history: tuple[Verdict, ...]
    equal: tuple[Verdict, ...]
    verbs: tuple[Verb, ...]
    step: int


def permission_for(verb: Verb) -> Permission:
    """The permission a verb needs."""
    return Permission.FINDINGS_CONFIRM if verb is Verb.CONFIRM else Permission.FINDINGS_JUDGE


def give(
    services: Services, actor: Actor, finding_id: str, verb: Verb, grounds: str, seen_step: int | None = None
) -> Verdict:
    """Put one person's verdict on record, with grounds.

    Raises NotFound, NotAllowed (no permission, no person, or confirming one's own adoption), BadInput without grounds,
    Conflict when the finding's status does not allow it or somebody was quicker.
    """
    with audited(
        services, actor, permission_for(verb), f"finding.{verb}", f"Finding:{finding_id}", grounds=grounds
    ) as said:
        if actor.id in ("", system_actor().id):
            raise NotAllowed("a verdict is a person's act: sign in to give one", code="no_person")
        judged = _judged(services, finding_id)
        with recorded(services, said) as session:
            given = verdicts.give(session, judged, verb, grounds, (actor.id, actor.name), seen_step)
            said.update(status=given.status.value, step=given.step)
        return given


def standing(services: Services, actor: Actor, finding_id: str) -> Standing:
    """Status and history of one finding; reading the finding itself is what goes on record. Raises NotFound, NotAllowed."""
    actor.need(Permission.FINDINGS_READ)
    judged = _judged(services, finding_id)
    with transaction(services.engine) as session:
        past = verdicts.history(session, finding_id)
        equal = verdicts.of_equal_findings(session, judged)
    last = past[-1] if past else None
    status = last.status if last else Status.SUGGESTED
    verbs = tuple(v for v in verdicts.allowed(status, last, actor.id) if actor.may(permission_for(v)))
    return Standing(status, tuple(past), tuple(equal), verbs, last.step if last else 0)


def statuses(services: Services, actor: Actor, finding_ids: Iterable[str]) -> dict[str, Status]:
    """Status of each of these findings, `SUGGESTED` for those nobody judged. For lists: the list itself is audited."""
    actor.need(Permission.FINDINGS_READ)
    wanted = list(finding_ids)
    with transaction(services.engine) as session:
        judged = verdicts.latest(session, wanted)
    return {id: judged[id].status if id in judged else Status.SUGGESTED for id in wanted}


def with_status(services: Services, actor: Actor, status: Status) -> list[str]:
    """Ids of findings that stand at this status now, those judged last first. Raises NotAllowed."""
    actor.need(Permission.FINDINGS_READ)
    with transaction(services.engine) as session:
        return verdicts.with_status(session, status)


def determinations(
    services: Services, actor: Actor, *, kind: str | None = None, from_ms: int | None = None, to_ms: int | None = None
) -> list[Determined]:
    """Adopted of (adopted + rejected) by algorithm and version, for verdicts given in [from_ms, to_ms). Raises NotAllowed.

    It is no precision of all findings: people choose what they judge.
    """
    actor.need(Permission.FINDINGS_READ)
    with transaction(services.engine) as session:
        return verdicts.determinations(session, kind=kind, from_ms=from_ms, to_ms=to_ms)


def _judged(services: Services, finding_id: str) -> Judged:
    view = queries.finding(services.store, finding_id)
    if view is None:
        raise NotFound(f"there is no finding {finding_id!r}")
    told = view.node.properties
    return Judged(
        finding_id, str(told["kind"]), str(told["algorithm_version"]), str(told["run_id"]), int(told["data_seq"]),
        float(told["score"]), _content(view),
    )  # fmt: skip


def _content(view: FindingView) -> str:
    """The same for findings of one kind with the same members in the same roles and the same evidence."""
    members = sorted(f"{node.label}:{node.id}:{role}" for node, role, *_ in view.members)
    evidence = sorted(map(str, view.node.properties.get("evidence_ids") or ()))
    return derived(view.node.properties["kind"], *members, "|", *evidence)
