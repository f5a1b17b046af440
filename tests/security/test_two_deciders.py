"""Two who decide at once on SQLite, which knows no row locks: one decision stands, the other is told."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.db import Base, make_engine, transaction
from core.errors import Conflict
from core.settings import Settings
from ledger.book import Ledger
from scoring.tables import ListEntryRow, OverrideRow, RuleSetRow, ScoredTransferRow
from security.roles import Actor
from security.workspace import detectors
from security.workspace.detectors import Proposal
from security.workspace.tables import DetectorRow
from usecases import alerts, closures, rule_sets, watch_lists
from usecases import bootstrap as _every_table  # noqa: F401
from usecases.services import AbsentStore, Services
from usecases.watch_lists import Addition

TABLES = [Base.metadata.tables[row.__tablename__] for row in (DetectorRow, RuleSetRow)]


def both(decide) -> list[str]:
    """What two threads got that call `decide(approve)` with the one and the other word."""
    ended = []

    def run(approve: bool) -> None:
        try:
            decide(approve)
            ended.append("done")
        except Conflict as error:
            ended.append(error.code)

    threads = [threading.Thread(target=run, args=(word,)) for word in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ended)


def together(monkeypatch, module) -> None:
    """Nobody writes before both have looked."""
    meet = threading.Barrier(2, timeout=10)
    monkeypatch.setattr(module, "now_ms", lambda: meet.wait() * 0 + now_ms())


def test_a_detector_is_decided_once(tmp_path, monkeypatch):
    engine = make_engine(f"sqlite:///{tmp_path}/d.db")
    Base.metadata.create_all(engine, tables=TABLES)
    with transaction(engine) as session:
        made = detectors.propose(session, "u1", "ann", Proposal("far_calls", "Far", "MATCH (n) RETURN n", 0.5, "why"))
    together(monkeypatch, detectors)

    def decide(approve: bool) -> None:
        with transaction(engine) as session:
            detectors.decide(session, f"u-{approve}", "x", made.id, approve=approve, note="")

    assert both(decide) == ["already_decided", "done"]


def test_a_rule_set_is_decided_once(tmp_path, monkeypatch):
    engine = make_engine(f"sqlite:///{tmp_path}/r.db")
    Base.metadata.create_all(engine, tables=TABLES)
    with transaction(engine) as session:
        row = RuleSetRow(text="x", digest="d", note="", state="proposed", proposed_by_id="u1", proposed_by="ann",
                         proposed_at_ms=1, decided_by="", decided_at_ms=None, backtest="{}")  # fmt: skip
        session.add(row)
        session.flush()
        number = row.version
    together(monkeypatch, rule_sets)

    def decide(approve: bool) -> None:
        with transaction(engine) as session:
            found = rule_sets._row(session, number)
            rule_sets._decided(session, found, "approved" if approve else "rejected", "x")

    assert both(decide) == ["decided", "done"]


@pytest.fixture
def services(database_url, tmp_path):
    """Tables of scoring on both databases."""
    engine = make_engine(database_url)
    Base.metadata.create_all(engine)
    settings = Settings(home=tmp_path)
    yield Services(settings, engine, Ledger(engine, settings.ledger_dir), AbsentStore())
    engine.dispose()


def looked_together(monkeypatch, table) -> None:
    """Nobody goes on before both have read the row."""
    meet, real = threading.Barrier(2, timeout=10), Session.get

    def get(self, entity, *rest, **more):
        found = real(self, entity, *rest, **more)
        if entity is table:
            meet.wait()
        return found

    monkeypatch.setattr(Session, "get", get)


ANN, BEN = (Actor(f"u-{name}", name, frozenset({"supervisor"})) for name in ("ann", "ben"))


def test_an_override_is_approved_or_ended_but_not_both(services, monkeypatch):
    made = watch_lists.propose_override(services, ANN, "A", "B", "a customer of ours", 1)
    looked_together(monkeypatch, OverrideRow)
    assert both(lambda word: watch_lists.decide_override(services, BEN, made.id, word)) == ["decided", "done"]


def test_a_close_request_is_made_once_and_answered_once(services, monkeypatch):
    made = watch_lists.add(services, ANN, Addition("illegal", "account", "BAD", "sold on a forum"))
    with monkeypatch.context() as patch:
        looked_together(patch, ListEntryRow)
        assert both(lambda word: closures.ask(services, ANN, made.id, f"bank {word}")) == [
            "decided",
            "done",
        ]
    with monkeypatch.context() as patch:
        looked_together(patch, ListEntryRow)
        outcome = {True: "closed", False: "refused"}
        assert both(lambda word: closures.record(services, ANN, made.id, outcome[word], "")) == [
            "decided", "done"
        ]  # fmt: skip


def test_an_alert_is_closed_once(services, monkeypatch):
    with transaction(services.engine) as session:
        session.add(ScoredTransferRow(
            id="T1", number=1, decision_id="d", key_id="k", payer="A", payee="B", at_ms=1, scored_at_ms=1, answer="hold",
            score=0.9, final="", rule_set="r", transfer="{}", said="{}", alert_state="open", alert_by="", alert_note="",
        ))  # fmt: skip
    looked_together(monkeypatch, ScoredTransferRow)
    outcome = {True: "fraud", False: "false_alarm"}
    assert both(lambda word: alerts.close(services, ANN, "T1", outcome[word], "asked the payer")) == ["decided", "done"]
