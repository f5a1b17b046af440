"""Rule sets: proposed by one person, back-tested on history, approved by another; the newest approved one is in force."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.db import changed, transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.message import say, unpack
from evaluation.truth import Truth
from scoring import backtest, ruleset
from scoring.feed import feed
from scoring.ruleset import RuleSet
from scoring.ruleset_changes import Change
from scoring.ruleset_changes import changes as compare
from scoring.state import State
from scoring.tables import ListEntryRow, RuleSetRow, ScoredTransferRow
from scoring.watch import FORBIDDEN
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

#: A back-test judges the last so many transfers; all before them only fill the state.
MOST_JUDGED = 200_000
_BACK_TEST = threading.Lock()


@dataclass(frozen=True, slots=True)
class Version:
    """One rule set as people see it; `report` is its back-test, None before it was run."""

    version: int
    digest: str
    text: str
    note: str
    state: str
    proposed_by: str
    proposed_by_id: str
    proposed_at_ms: int
    decided_by: str
    decided_at_ms: int | None
    report: dict[str, Any] | None


def in_force(services: Services) -> tuple[int, RuleSet] | None:
    """(version, rules) of the newest approved set; None while the built-in one holds."""
    with transaction(services.engine) as session:
        row = _newest_approved(session)
        return (row.version, ruleset.parse(row.text)) if row is not None else None


def versions(services: Services, actor: Actor) -> list[Version]:
    """The latest 50 versions, newest first. Raises NotAllowed."""
    with audited(services, actor, Permission.ALERTS_READ, "rules.list"), transaction(services.engine) as session:
        return [
            _version(row) for row in session.scalars(select(RuleSetRow).order_by(RuleSetRow.version.desc()).limit(50))
        ]


def version(services: Services, actor: Actor, number: int) -> Version:
    """One version. Raises NotFound, NotAllowed."""
    with (
        audited(services, actor, Permission.ALERTS_READ, "rules.read", str(number)),
        transaction(services.engine) as session,
    ):
        return _version(_row(session, number))


def changes(services: Services, actor: Actor, number: int) -> tuple[int, tuple[Change, ...]]:
    """What a version changes, and of which: the approved one before it, 0 for the built-in. Raises NotFound, NotAllowed."""
    with (
        audited(services, actor, Permission.ALERTS_READ, "rules.compare", str(number)),
        transaction(services.engine) as session,
    ):
        row = _row(session, number)
        before = _newest_approved(session, before_ms=row.decided_at_ms)
        old = ruleset.parse(before.text if before is not None else ruleset.default_text())
        return (before.version if before is not None else 0), compare(old, ruleset.parse(row.text))


def propose(services: Services, actor: Actor, text: str, note: str) -> Version:
    """Propose a rule set. Raises BadInput naming the field, NotAllowed."""
    with audited(services, actor, Permission.RULES_PROPOSE, "rules.propose", note=note[:200]) as said:
        rules = ruleset.parse(text)
        if not 5 <= len(note.strip()) <= 500:
            raise BadInput("say in 5 to 500 characters what changes and why")
        with recorded(services, said) as session:
            row = RuleSetRow(
                text=text, digest=rules.digest, note=note.strip(), state="proposed", proposed_by_id=actor.id,
                proposed_by=actor.name, proposed_at_ms=now_ms(), decided_by="", decided_at_ms=None, backtest="",
            )  # fmt: skip
            session.add(row)
            session.flush()
            said.update(version=row.version, digest=rules.digest)
            return _version(row)


def back_test(services: Services, actor: Actor, number: int) -> Version:
    """Run a proposed version over the history and keep the report with it.

    Raises NotFound, NotAllowed; Conflict for one that is decided, and `busy` while another back-test runs.
    """
    with audited(services, actor, Permission.RULES_TEST, "rules.back_test", str(number)) as said:
        with transaction(services.engine) as session:
            row = _row(session, number)
            _need_state(row, "proposed")
            rules = ruleset.parse(row.text)
        with _only_one():
            report = report_of(services, rules)
        said.update(precision=report.precision, recall=report.recall, alerts_a_day=report.alerts_a_day)
        with recorded(services, said) as session:
            row = _row(session, number)
            _need_state(row, "proposed")
            row.backtest = json.dumps(asdict(report), ensure_ascii=False)
            session.flush()
            return _version(row)


@contextmanager
def _only_one() -> Iterator[None]:
    """One back-test at a time in this process: each holds the state of all accounts once more. Raises Conflict."""
    if not _BACK_TEST.acquire(blocking=False):
        raise Conflict("another back-test is running: try again when it has ended", code="busy")
    try:
        yield
    finally:
        _BACK_TEST.release()


def decide(services: Services, actor: Actor, number: int, approve: bool) -> Version:
    """Approve a back-tested proposal, or reject one; never one's own.

    Raises NotFound; NotAllowed for the proposer; Conflict when it is decided, not back-tested, or the rules in force
    changed after it was proposed.
    """
    action = "rules.approve" if approve else "rules.reject"
    with audited(services, actor, Permission.RULES_APPROVE, action, str(number)) as said:
        with recorded(services, said) as session:
            row = session.get(RuleSetRow, number, with_for_update=True)
            if row is None:
                raise NotFound("there is no such rule set")
            if row.proposed_by_id == actor.id:
                raise NotAllowed("a rule set is approved by somebody other than its proposer")
            _need_state(row, "proposed")
            if approve and not row.backtest:
                raise Conflict("back-test it on history first", code="not_back_tested")
            newest = _newest_approved(session)
            if approve and newest is not None and (newest.decided_at_ms or 0) > row.proposed_at_ms:
                raise Conflict("the rules in force changed after this was proposed: propose it again", code="outdated")
            _decided(session, row, "approved" if approve else "rejected", actor.name)
            made = _version(row)
            said["digest"] = made.digest
        if approve and services.flight is not None:
            services.flight.use_rules(ruleset.parse(made.text), made.version)
        return made


def report_of(services: Services, rules: RuleSet) -> backtest.Report:
    """The back-test over the ledger. Network features are left out: today's findings are hindsight for past transfers."""
    state = State(rules.kernel, rules.config.rates)
    state.home_country = rules.config.home_country
    ledger = services.ledger
    fed = feed(state, (rows for entry in ledger.entries() for rows in ledger.read(entry.seq)))
    fed.events[:, 9] = 0
    start = max(0, len(fed.events) - MOST_JUDGED)
    state.replay(fed.events[:start], fed.moved[:start])
    matrix = state.replay(fed.events[start:], fed.moved[start:], keep=True)
    ids = fed.ids[start:]
    fraud, labels = _labels(services, state, fed.events[start:], ids)
    return backtest.run(rules, matrix, fed.events[start:, 3], ids, fraud, labels)


def _labels(
    services: Services, state: State, events: np.ndarray[Any, Any], ids: list[str]
) -> tuple[np.ndarray[Any, Any], str]:
    """Which transfers are known to be fraud: by the truth of a labelled data set, else by what people decided."""
    truth = services.ledger.truth()
    if truth.num_rows:
        fraud_ids = Truth(truth).ids("TRANSFER")
        known = np.fromiter((key in fraud_ids for key in ids), bool, len(ids))
        return known, say("ground truth of a labelled data set")
    with transaction(services.engine) as session:
        confirmed = set(session.scalars(select(ScoredTransferRow.id).where(ScoredTransferRow.alert_state == "fraud")))
        listed = session.scalars(
            select(ListEntryRow.value).where(
                ListEntryRow.kind == "account", ListEntryRow.list.in_(FORBIDDEN), ListEntryRow.removed_at_ms.is_(None)
            )
        ).all()
    bad = np.array([state.accounts[name] for name in listed if name in state.accounts], np.int64)
    by_alert = np.fromiter((key in confirmed for key in ids), bool, len(ids))
    return by_alert | np.isin(events[:, 1], bad), say("alerts confirmed as fraud and payees on lists")


def _newest_approved(session: Session, before_ms: int | None = None) -> RuleSetRow | None:
    wanted = select(RuleSetRow).where(RuleSetRow.state == "approved").order_by(RuleSetRow.decided_at_ms.desc()).limit(1)
    return session.scalar(wanted if before_ms is None else wanted.where(RuleSetRow.decided_at_ms < before_ms))


def _row(session: Session, number: int) -> RuleSetRow:
    row = session.get(RuleSetRow, number)
    if row is None:
        raise NotFound("there is no such rule set")
    return row


def _need_state(row: RuleSetRow, state: str) -> None:
    if row.state != state:
        raise Conflict(f"this rule set is {row.state} already", code="decided")


def _decided(session: Session, row: RuleSetRow, state: str, by: str) -> None:
    """Decide on a set that is still proposed."""
    still = (RuleSetRow.version == row.version, RuleSetRow.state == "proposed")
    values = {"state": state, "decided_by": by, "decided_at_ms": now_ms()}
    if changed(session, update(RuleSetRow).where(*still).values(values)) != 1:
        raise Conflict("somebody else has just decided on this rule set", code="decided")
    session.refresh(row)


def _version(row: RuleSetRow) -> Version:
    return Version(
        row.version, row.digest, row.text, row.note, row.state, row.proposed_by, row.proposed_by_id, row.proposed_at_ms,
        row.decided_by, row.decided_at_ms, _report(row.backtest),
    )  # fmt: skip


def _report(text: str) -> dict[str, Any] | None:
    """A stored back-test, its sentences to be read in any language where it keeps what they were made from."""
    if not text:
        return None
    report: dict[str, Any] = json.loads(text)
    if "labels" in report:
        (report["labels"],) = unpack(report.get("packed"), [report["labels"]])
    for kind in ("fired_right", "fired_wrong", "missed"):
        for example in report.get(kind, ()):
            example["why"] = unpack(example.get("packed"), example["why"])
    return report
