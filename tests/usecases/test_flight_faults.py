"""What breaks around scoring: the database restarts, the store is away or made anew, files are full, times are wrong."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pyarrow as pa
import pytest
from sqlalchemy import func, select
from test_flight import BANK, CLERK, NOW, held, move, one, opened

from core.clock import now_ms
from core.db import AWAY, Base, make_engine, transaction
from core.errors import BadInput, StoreUnavailable
from core.settings import Settings
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from ledger.projection import catch_up, rebuild
from scoring.holds import Verb
from scoring.tables import HoldRow, ScoredTransferRow
from usecases import bootstrap, flight_upkeep, hold_clock, holds
from usecases.flight_upkeep import Upkeep


@pytest.fixture
def server(restartable_postgres):
    """Running at the start of each test."""
    return restartable_postgres


@pytest.fixture
def services(server, tmp_path):
    engine = make_engine(server.url)
    Base.metadata.drop_all(engine)
    engine.dispose()
    made = opened(Settings(home=tmp_path / "home", database_url=server.url))
    yield made
    bootstrap.close(made)


def rows(services):
    with transaction(services.engine) as session:
        found = session.execute(select(ScoredTransferRow.id, ScoredTransferRow.decision_id)).all()
        return dict(found)


@pytest.mark.postgres
def test_postgres_restarts_while_scoring_goes_on_and_every_transfer_is_there_once(services, server):
    acked, wrong, stopping = {}, [], threading.Event()

    def send(thread):
        number = 0
        while not stopping.is_set():
            key = f"P{thread}-{number}"
            try:
                acked[key] = one(services, move(key)).decision_id
            except Exception as error:  # a new transfer needs the journal only
                wrong.append(error)
            number += 1
            stopping.wait(0.002)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(3)]
    [thread.start() for thread in threads]
    old = one(services, move("old"))
    services.scoring.written(20)
    server.stop()
    before = len(acked)
    while len(acked) < before + 50 and not wrong:
        stopping.wait(0.01)
    services.scoring.memory.recent.pop("old")
    with pytest.raises(AWAY):
        one(services, move("old"))  # what only the tables know waits for them; over HTTP that is a 503
    server.start()
    stopping.set()
    [thread.join() for thread in threads]
    assert wrong == []
    services.scoring.written(30)
    assert rows(services) == acked | {"old": old.decision_id}
    assert one(services, move("old")) == old


@pytest.mark.postgres
def test_scoring_that_could_not_start_without_its_database_starts_when_it_is_back(services, server, tmp_path):
    kept = one(services, move("kept"))
    settings = services.settings
    services.scoring.stop()
    again = bootstrap.with_scoring(bootstrap.open_ledger(settings))
    upkeep = Upkeep(again)
    server.stop()
    try:
        for _ in range(2):
            with pytest.raises(AWAY):
                upkeep.once()
            assert not again.scoring.ready
    finally:
        server.start()
    upkeep.once()
    assert again.scoring.ready and one(again, move("kept")) == kept
    bootstrap.close(again)


@pytest.mark.postgres
def test_a_hold_decided_as_the_database_goes_is_decided_once_or_not_at_all(services, server):
    said = held(services, "H1")
    server.stop()
    try:
        with pytest.raises(AWAY):
            holds.act(services, CLERK, said.hold.id, Verb.RELEASE, "customer called back")
    finally:
        server.start()
    services.scoring.written(30)
    with transaction(services.engine) as session:
        assert session.get_one(HoldRow, said.hold.id).state == "waiting"
    holds.act(services, CLERK, said.hold.id, Verb.RELEASE, "customer called back")
    services.scoring.written(30)
    with transaction(services.engine) as session:
        assert session.get_one(ScoredTransferRow, "H1").final == "settled"
        assert session.scalar(select(func.count()).select_from(HoldRow)) == 1


@pytest.fixture
def town(tmp_path):
    """Scoring beside a real graph store that holds two batches."""
    made = bootstrap.with_scoring(bootstrap.open_services(Settings(home=tmp_path / "home")))
    for number in range(2):
        accounts = pa.table({"id": [f"N{number}", f"M{number}"], "kind": ["bank", "bank"]})
        facts = (RowSet("Account", conform("Account", accounts)),)
        made.ledger.append(Source("f", "csv", f"f{number}"), [Intake(facts=facts, rows_read=2)], by="t")
    catch_up(made.ledger, made.store)
    made.scoring.start()
    yield made
    bootstrap.close(made)


class Locked:
    """A graph store that another process holds."""

    def applied_seq(self):
        raise StoreUnavailable("another process has the store open")

    def close(self):
        pass


def test_while_the_store_is_locked_the_answer_is_review_and_says_so(town, monkeypatch):
    monkeypatch.setattr(flight_upkeep, "STORE_EVERY_S", 0.0)
    Upkeep(replace(town, store=Locked())).once()
    said = one(town, move("L1"))
    assert (said.answer, said.basis, said.hold.needs) == ("review", "network", "person")
    assert "store_unavailable" in said.network
    Upkeep(town).once()
    assert one(town, move("L3")).answer == "allow"


def test_while_the_store_is_made_anew_the_answer_is_review_until_it_is_whole(town, monkeypatch):
    monkeypatch.setattr(flight_upkeep, "STORE_EVERY_S", 0.0)
    upkeep, during = Upkeep(town), []
    upkeep.once()
    assert one(town, move("R0")).answer == "allow"
    town.store.wipe()
    town.store.ensure_schema()
    upkeep.once()
    during.append(one(town, move("R1")))
    assert during[0].answer == "review" and "being rebuilt" in during[0].network
    rebuild(town.ledger, town.store)
    upkeep.once()
    assert one(town, move("R2")).answer == "allow"


def test_lists_that_cannot_be_read_make_a_review_too(town, monkeypatch):
    from usecases import flight_network

    def away(*_):
        raise StoreUnavailable("gone")

    monkeypatch.setattr(flight_network, "read_watch", away)
    town.scoring.look_at_network()
    said = one(town, move("N1"))
    assert said.answer == "review" and "lists cannot be read" in said.network
    monkeypatch.undo()
    town.scoring.look_at_network()
    assert one(town, move("N2")).answer == "allow"


def test_a_disk_too_full_for_the_ledger_batch_keeps_the_segment_and_loses_nothing(tmp_path, monkeypatch):
    services = opened(Settings(home=tmp_path / "home"))
    one(services, move("D1"))
    real = services.ledger.__class__.append
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(services.ledger.__class__, "append", lambda *_a, **_k: (_ for _ in ()).throw(full))
    with pytest.raises(OSError, match="No space left"):
        services.scoring.seal()
    assert one(services, move("D2")).answer == "allow", "the journal has room: transfers are taken"
    monkeypatch.setattr(services.ledger.__class__, "append", real)
    assert services.scoring.seal() == 2
    assert services.scoring.seal() == 0
    assert len(rows(services)) == 2
    bootstrap.close(services)


def test_a_disk_that_fills_between_two_segments_is_recovered_from(tmp_path, monkeypatch):
    import os

    services = opened(Settings(home=tmp_path / "home"))
    kept = one(services, move("S1"))
    real = os.open
    monkeypatch.setattr(os, "open", lambda *_a, **_k: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StoreUnavailable, match="No space left"):
        services.scoring.seal()
    assert not services.scoring.ready and "No space left" in services.scoring.why_not
    monkeypatch.setattr(os, "open", real)
    Upkeep(services).once()
    assert one(services, move("S1")) == kept and one(services, move("S2")).answer == "allow"
    services.scoring.seal()
    assert sorted(rows(services)) == ["S1", "S2"]
    bootstrap.close(services)


def test_a_journal_older_than_the_tables_loses_no_transfer(tmp_path):
    services = opened(Settings(home=tmp_path / "home"))
    [one(services, move(f"B{number}")) for number in range(5)]
    services.scoring.seal()
    bootstrap.close(services)
    for path in (tmp_path / "home" / "ledger" / "journal").iterdir():
        path.unlink()  # what a restored backup without it looks like
    again = opened(Settings(home=tmp_path / "home"))
    said = one(again, move("B9"))
    again.scoring.written(10)
    assert rows(again)["B9"] == said.decision_id
    again.scoring.seal()
    assert again.ledger.head_seq() == 2
    bootstrap.close(again)


def test_late_and_shuffled_transfers_see_only_what_was_before_them(tmp_path):
    services = opened(Settings(home=tmp_path / "home"))
    big = {"payer": "P", "amount_minor": 6_000_000}
    for number in range(3):
        one(services, move(f"O{number}", at_ms=NOW - 60_000 + number, payee=f"Q{number}", **big))
    early = services.scoring.state.look(move("E", at_ms=NOW - 3 * 3_600_000, payee="Q9", **big))
    late = services.scoring.state.look(move("E", at_ms=NOW - 30_000, payee="Q9", **big))
    assert (early.out_1h_n, late.out_1h_n) == (1.0, 4.0), "a window ends at the transfer it belongs to"
    first = one(services, move("E", at_ms=NOW - 3 * 3_600_000, payee="Q9", **big))
    assert one(services, move("E", at_ms=NOW - 3 * 3_600_000, payee="Q9", **big)) == first
    bootstrap.close(services)


@pytest.mark.parametrize(("off_s", "code"), [(301, "clock_skew"), (-31 * 86_400, "too_old")])
def test_a_bank_whose_clock_is_off_is_told_and_nothing_is_taken(tmp_path, off_s, code):
    services = opened(Settings(home=tmp_path / "home"))
    with pytest.raises(BadInput) as refused:
        services.scoring.submit(BANK, [move("fine"), move("off", at_ms=now_ms() + off_s * 1000)])
    assert refused.value.code == code and "transfers[1]" in str(refused.value)
    assert len(services.scoring.state.accounts) == 0
    assert one(services, move("ahead", at_ms=now_ms() + 299_000)).answer == "allow"
    bootstrap.close(services)


def test_our_own_clock_set_back_ends_no_hold_twice_and_releases_none(tmp_path, monkeypatch):
    services = opened(Settings(home=tmp_path / "home"))
    said = held(services)
    for shift in (-7_200_000, 0):
        monkeypatch.setattr(hold_clock, "now_ms", lambda shift=shift: now_ms() + shift)
        assert hold_clock.run(services) == 0
    later = said.hold.until_ms + 1
    for module in (holds, hold_clock):
        monkeypatch.setattr(module, "now_ms", lambda: later)
    assert (hold_clock.run(services), hold_clock.run(services)) == (1, 0)
    services.scoring.written(10)
    with transaction(services.engine) as session:
        assert session.get_one(ScoredTransferRow, "T1").final == "refused"
    bootstrap.close(services)


def test_a_store_that_hangs_makes_a_review_until_it_answers(town, monkeypatch):
    monkeypatch.setattr(flight_upkeep, "STORE_EVERY_S", 0.0)
    asked, answering, later = threading.Event(), threading.Event(), [0]

    class Hanging:
        def applied_seq(self):
            asked.set()
            assert answering.wait(60)
            return town.store.applied_seq()

        def close(self):
            pass

    monkeypatch.setattr(town.scoring._network, "_clock", lambda: now_ms() + later[0])
    looking = threading.Thread(target=Upkeep(replace(town, store=Hanging())).once)
    looking.start()
    try:
        assert asked.wait(30)
        assert one(town, move("G1")).answer == "allow", "a moment is no outage"
        later[0] = 31_000
        said = one(town, move("G2"))
        assert (said.answer, said.basis) == ("review", "network")
        assert "graph store: no answer for more than 30 s" in said.network
    finally:
        answering.set()
        looking.join(60)
    assert one(town, move("G3")).answer == "allow"


@pytest.mark.postgres
def test_a_database_that_hangs_makes_a_review_until_it_answers(services, server, monkeypatch):
    monkeypatch.setattr(flight_upkeep, "LISTS_EVERY_S", 0.0)
    upkeep, later = Upkeep(services), [0]
    upkeep.once()
    monkeypatch.setattr(services.scoring._network, "_clock", lambda: now_ms() + later[0])
    looking = threading.Thread(target=upkeep.once)
    with server.frozen():
        looking.start()
        try:
            until = time.monotonic() + 30
            while not services.scoring._network._asked and time.monotonic() < until:
                time.sleep(0.01)
            assert one(services, move("F1")).answer == "allow", "a moment is no outage"
            later[0] = 31_000
            said = one(services, move("F2"))
        finally:
            later[0] = 0
    looking.join(60)
    assert not looking.is_alive()
    assert (said.answer, said.basis) == ("review", "network") and "no answer for more than 30 s" in said.network
    upkeep.once()
    assert one(services, move("F3")).answer == "allow"
    services.scoring.written(30)
    assert sorted(rows(services)) == ["F1", "F2", "F3"], "what was answered meanwhile is written when it answers again"


def test_a_big_batch_waits_longer_for_more_and_a_huge_one_no_longer_than_it_fills(services):
    class Journaled:
        unsealed = 0

    upkeep, seconds = Upkeep(services), services.settings.scoring_seal_s
    upkeep._flight = Journaled()
    waits = {}
    for upkeep._flight.unsealed in (0, flight_upkeep.FEW_UNSEALED, 10_000, flight_upkeep.MOST_UNSEALED):
        waits[upkeep._flight.unsealed] = upkeep._seal_after_s()
    assert list(waits.values()) == [seconds, seconds, 5 * seconds, 0.0]
    one(services, move("T1"))
    assert services.scoring.unsealed == 1
    services.scoring.seal()
    assert services.scoring.unsealed == 0
