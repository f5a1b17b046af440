"""Queries proposed as detectors: versioned, decided by a second person, never changed once proposed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.db import changed
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.ids import fresh
from core.message import say
from security.saved_queries import MAX_CYPHER
from security.workspace.tables import DetectorRow

_NAME = re.compile(r"[a-z][a-z0-9_]{2,40}")


@dataclass(frozen=True, slots=True)
class Detector:
    """One version. `state` is proposed, approved, rejected or retired; at most one version of a name is approved."""

    id: str
    name: str
    version: int
    title: str
    cypher: str
    score: float
    reason: str
    proposed_by_id: str
    proposed_by: str
    proposed_at_ms: int
    state: str
    decided_by: str
    decided_at_ms: int | None
    decision_note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a proposer says: the query's rows become findings with this title, score (0 to 1) and reason."""

    name: str
    title: str
    cypher: str
    score: float
    reason: str


def propose(session: Session, person_id: str, person_name: str, given: Proposal) -> Detector:
    """A new version of a detector, undecided. Raises BadInput naming the field."""
    if not _NAME.fullmatch(given.name):
        raise BadInput("field name: expected 3 to 41 small letters, digits and _, a letter first", code="bad_detector")
    if not 1 <= len(given.title.strip()) <= 200 or not 1 <= len(given.reason.strip()) <= 2000:
        raise BadInput("fields title and reason: expected 1 to 200 and 1 to 2,000 characters", code="bad_detector")
    if not 0 <= given.score <= 1:
        raise BadInput("field score: expected a number from 0 to 1", code="bad_detector")
    if not 1 <= len(given.cypher.strip()) <= MAX_CYPHER:
        raise BadInput(say("field cypher: expected 1 to {most:,} characters", most=MAX_CYPHER), code="bad_detector")
    last = session.scalar(select(func.max(DetectorRow.version)).where(DetectorRow.name == given.name)) or 0
    row = DetectorRow(
        id=fresh("detector"), name=given.name, version=last + 1, title=given.title.strip(), cypher=given.cypher,
        score=given.score, reason=given.reason.strip(), proposed_by_id=person_id, proposed_by=person_name,
        proposed_at_ms=now_ms(), state="proposed", decided_by="", decision_note="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _detector(row)


def decide(
    session: Session, person_id: str, person_name: str, detector_id: str, *, approve: bool, note: str
) -> Detector:
    """Approve or reject a proposal; an approved version takes the place of the one before.

    Raises NotFound, Conflict when it is decided already, NotAllowed for the proposer: a second person decides.
    """
    row = session.get(DetectorRow, detector_id, with_for_update=True)
    if row is None:
        raise NotFound("there is no such proposal")
    if row.state != "proposed":
        raise Conflict(f"version {row.version} of {row.name} is {row.state} already", code="already_decided")
    if row.proposed_by_id == person_id:
        raise NotAllowed("somebody else must decide on your proposal", code="own_proposal")
    if approve:
        for old in session.scalars(
            select(DetectorRow).where(DetectorRow.name == row.name, DetectorRow.state == "approved")
        ):
            old.state = "retired"
    return _decided(session, row, "approved" if approve else "rejected", person_name, note)


def retire(session: Session, person_name: str, detector_id: str, note: str) -> Detector:
    """Stop an approved detector. Raises NotFound, Conflict."""
    row = session.get(DetectorRow, detector_id)
    if row is None:
        raise NotFound("there is no such detector")
    if row.state != "approved":
        raise Conflict(
            say("version {version} of {name} is not running", version=row.version, name=row.name),
            code="already_decided",
        )
    return _decided(session, row, "retired", person_name, note)


def listed(session: Session) -> list[Detector]:
    """All versions, latest proposal first."""
    return [
        _detector(row)
        for row in session.scalars(select(DetectorRow).order_by(DetectorRow.proposed_at_ms.desc(), DetectorRow.id))
    ]


def approved(session: Session) -> list[Detector]:
    """The versions that run on each load, by name."""
    return [
        _detector(row)
        for row in session.scalars(
            select(DetectorRow).where(DetectorRow.state == "approved").order_by(DetectorRow.name)
        )
    ]


def _decided(session: Session, row: DetectorRow, state: str, by: str, note: str) -> Detector:
    still = (DetectorRow.id == row.id, DetectorRow.state == row.state)
    values = {"state": state, "decided_by": by, "decided_at_ms": now_ms(), "decision_note": note.strip()[:2000]}
    if changed(session, update(DetectorRow).where(*still).values(values)) != 1:
        raise Conflict(
            say("somebody else has just decided on version {version} of {name}", version=row.version, name=row.name),
            code="already_decided",
        )
    session.refresh(row)
    return _detector(row)


def _detector(row: DetectorRow) -> Detector:
    return Detector(
        row.id, row.name, row.version, row.title, row.cypher, row.score, row.reason, row.proposed_by_id, row.proposed_by,
        row.proposed_at_ms, row.state, row.decided_by, row.decided_at_ms, row.decision_note,
    )  # fmt: skip
