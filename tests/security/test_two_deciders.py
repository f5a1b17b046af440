"""Two who decide at once on SQLite, which knows no row locks: one decision stands, the other is told."""

from __future__ import annotations

import threading

from core.clock import now_ms
from core.db import Base, make_engine, transaction
from core.errors import Conflict
from scoring.tables import RuleSetRow
from security.workspace import detectors
from security.workspace.detectors import Proposal
from security.workspace.tables import DetectorRow
from usecases import rule_sets

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
