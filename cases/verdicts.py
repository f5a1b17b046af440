"""Verdicts on findings: what a person says of a suggestion, and when it counts as adopted.

A finding is a suggestion until one person adopts it with grounds and a second one confirms (four eyes). One person is
enough to reject it, to ask for more, or to take an adoption back: restraint needs no second signature.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cases.verdict_tables import VerdictRow
from core.clock import now_ms
from core.errors import BadInput, Conflict, NotAllowed
from core.proportion import Proportion

MIN_GROUNDS, MAX_GROUNDS = 10, 4_000
#: Keys in one IN list: SQLite takes 32,766 parameters.
_AT_ONCE = 10_000


class Status(StrEnum):
    """Where a finding stands. Only `ADOPTED` may be treated as established, and only by people."""

    SUGGESTED = "suggested"
    PROPOSED = "proposed"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    NEEDS_MORE = "needs_more"


class Verb(StrEnum):
    """What a person does to a finding."""

    ADOPT = "adopt"
    CONFIRM = "confirm"
    REJECT = "reject"
    NEED_MORE = "need_more"


NEXT: dict[tuple[Status, Verb], Status] = {
    (Status.SUGGESTED, Verb.ADOPT): Status.PROPOSED,
    (Status.SUGGESTED, Verb.REJECT): Status.REJECTED,
    (Status.SUGGESTED, Verb.NEED_MORE): Status.NEEDS_MORE,
    (Status.NEEDS_MORE, Verb.ADOPT): Status.PROPOSED,
    (Status.NEEDS_MORE, Verb.REJECT): Status.REJECTED,
    (Status.PROPOSED, Verb.CONFIRM): Status.ADOPTED,
    (Status.PROPOSED, Verb.REJECT): Status.REJECTED,
    (Status.PROPOSED, Verb.NEED_MORE): Status.NEEDS_MORE,
    (Status.ADOPTED, Verb.REJECT): Status.REJECTED,
    (Status.ADOPTED, Verb.NEED_MORE): Status.NEEDS_MORE,
    (Status.REJECTED, Verb.ADOPT): Status.PROPOSED,
    (Status.REJECTED, Verb.NEED_MORE): Status.NEEDS_MORE,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The finding a verdict is about, as it was when judged; `content` is the same for an equal finding of another run."""

    finding_id: str
    kind: str
    algorithm_version: str
    run_id: str
    data_seq: int
    score: float
    content: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One act on record."""

    judged: Judged
    step: int
    verb: Verb
    status: Status
    grounds: str
    by_id: str
    by_name: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Determined:
    """Determinations on one algorithm and version: adopted of (adopted + rejected), and how many are still open.

    People judge what they choose to look at, highest scores first: this is no sample of all findings.
    """

    kind: str
    algorithm_version: str
    adopted: Proportion
    open: int


def allowed(status: Status, last: Verdict | None, by_id: str) -> tuple[Verb, ...]:
    """Verbs this person may use on a finding of this status; who proposed an adoption does not confirm it."""
    verbs = [verb for state, verb in NEXT if state is status]
    if last is not None and last.by_id == by_id and Verb.CONFIRM in verbs:
        verbs.remove(Verb.CONFIRM)
    return tuple(verbs)


def give(
    session: Session, judged: Judged, verb: Verb, grounds: str, by: tuple[str, str], seen_step: int | None = None
) -> Verdict:
    """Put one act of a person (id, name) on record; `seen_step` is the last step the person had before them.

    Raises BadInput for missing grounds, Conflict when the finding's status does not allow the verb or somebody was
    quicker, NotAllowed for confirming one's own adoption.
    """
    text = grounds.strip()
    if not MIN_GROUNDS <= len(text) <= MAX_GROUNDS:
        raise BadInput(f"give grounds of {MIN_GROUNDS} to {MAX_GROUNDS} characters", code="verdict_grounds")
    past = history(session, judged.finding_id)
    last = past[-1] if past else None
    status, step = (last.status, last.step) if last else (Status.SUGGESTED, 0)
    if seen_step is not None and seen_step != step:
        raise Conflict("somebody else judged this finding meanwhile: look at it again", code="verdict_outdated")
    if (status, verb) not in NEXT:
        raise Conflict(f"a finding that is {status} cannot be given the verdict {verb}", code="verdict_not_possible")
    if verb not in allowed(status, last, by[0]):
        raise NotAllowed("a second person confirms an adoption, not the one who proposed it", code="four_eyes")
    row = VerdictRow(
        finding_id=judged.finding_id, step=step + 1, kind=judged.kind, algorithm_version=judged.algorithm_version,
        run_id=judged.run_id, data_seq=judged.data_seq, score=judged.score, content=judged.content, verb=verb.value,
        status=NEXT[status, verb].value, grounds=text, by_id=by[0], by_name=by[1][:64], at_ms=now_ms(),
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            "somebody else judged this finding at this moment: look at it again", code="verdict_outdated"
        ) from error
    return _verdict(row)


def history(session: Session, finding_id: str) -> list[Verdict]:
    """Every act on a finding, oldest first."""
    rows = session.scalars(select(VerdictRow).where(VerdictRow.finding_id == finding_id).order_by(VerdictRow.step))
    return [_verdict(row) for row in rows]


def latest(session: Session, finding_ids: Iterable[str]) -> dict[str, Verdict]:
    """The last act on each of these findings; a finding nobody judged is left out."""
    wanted, found = sorted(set(finding_ids)), dict[str, Verdict]()
    for start in range(0, len(wanted), _AT_ONCE):
        query = _last_acts().where(VerdictRow.finding_id.in_(wanted[start : start + _AT_ONCE]))
        found |= {row.finding_id: _verdict(row) for row in session.scalars(query)}
    return found


def of_equal_findings(session: Session, judged: Judged) -> list[Verdict]:
    """Last acts on other findings of the same content (an earlier run that found the same), newest first."""
    query = _last_acts().where(VerdictRow.content == judged.content, VerdictRow.finding_id != judged.finding_id)
    return [_verdict(row) for row in session.scalars(query.order_by(VerdictRow.seq.desc()))]


def with_status(session: Session, status: Status) -> list[str]:
    """Ids of findings that stand at this status now, those judged last first. `SUGGESTED` names none: nobody judged them."""
    query = _last_acts().where(VerdictRow.status == status.value).order_by(VerdictRow.seq.desc())
    return [row.finding_id for row in session.scalars(query)]


def determinations(
    session: Session, *, kind: str | None = None, from_ms: int | None = None, to_ms: int | None = None
) -> list[Determined]:
    """How often people adopted what an algorithm suggested, by algorithm and version, for last acts in a time range."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    query = _last_acts()
    if kind is not None:
        query = query.where(VerdictRow.kind == kind)
    if from_ms is not None:
        query = query.where(VerdictRow.at_ms >= from_ms)
    if to_ms is not None:
        query = query.where(VerdictRow.at_ms < to_ms)
    for row in session.scalars(query):
        by_status = counts.setdefault((row.kind, row.algorithm_version), {})
        by_status[row.status] = by_status.get(row.status, 0) + 1
    return [_determined(key, counts[key]) for key in sorted(counts)]


def _determined(key: tuple[str, str], by_status: dict[str, int]) -> Determined:
    adopted, rejected = by_status.get(Status.ADOPTED, 0), by_status.get(Status.REJECTED, 0)
    open_ = by_status.get(Status.PROPOSED, 0) + by_status.get(Status.NEEDS_MORE, 0)
    return Determined(*key, Proportion(adopted, adopted + rejected), open_)


def _last_acts() -> Select[VerdictRow]:
    last = (
        select(VerdictRow.finding_id, func.max(VerdictRow.step).label("step"))
        .group_by(VerdictRow.finding_id)
        .subquery()
    )
    return select(VerdictRow).join(
        last, (VerdictRow.finding_id == last.c.finding_id) & (VerdictRow.step == last.c.step)
    )


def _verdict(row: VerdictRow) -> Verdict:
    judged = Judged(
        row.finding_id, row.kind, row.algorithm_version, row.run_id, row.data_seq, row.score, row.content
    )  # fmt: skip
    return Verdict(
        judged, row.step, Verb(row.verb), Status(row.status), row.grounds, row.by_id, row.by_name, row.at_ms
    )  # fmt: skip
