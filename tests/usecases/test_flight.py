"""Transfers in flight end to end in one process: scored once, durable, the same after any restart."""

from __future__ import annotations

import os
import threading
import time

import pyarrow as pa
import pytest

from core.clock import now_ms
from core.db import transaction
from core.errors import BadInput, NotAllowed
from core.settings import Settings
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from ledger.columns import Columns
from ledger.journal import Journal, JournalFailed
from scoring import book, ruleset
from scoring.holds import Verb
from scoring.journaled import Said
from scoring.transfer import transfer_of
from scoring.watch import Entry, Override, build
from security.roles import Actor
from usecases import bootstrap, flight_admission, hold_clock, holds, rule_sets
from usecases.flight import Flight, NotReady, Refused

BANK = Actor("key-1", "core banking", frozenset({"bank_system"}))
CLERK = Actor("user-1", "wang", frozenset({"investigator"}))
ANALYST = Actor("user-2", "li", frozenset({"analyst"}))
CHIEF = Actor("user-3", "zhao", frozenset({"supervisor"}))
NOW = now_ms()


def move(key, **given):
    return transfer_of({"id": key, "payer": "A1", "payee": "A2", "amount_minor": 20_000, "currency": "CNY",
                        "at_ms": NOW - 1000, **given})  # fmt: skip


def opened(settings):
    services = bootstrap.with_scoring(bootstrap.open_ledger(settings))
    services.scoring.start()
    return services


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request, tmp_path):
    if request.param == "sqlite":
        return Settings(home=tmp_path / "home")
    from sqlalchemy import text

    from core.db import Base, make_engine

    url = request.getfixturevalue("postgres_url")
    engine = make_engine(url)
    with engine.begin() as connection:
        for table in Base.metadata.tables:
            connection.execute(text(f'DROP TABLE IF EXISTS "{table}" CASCADE'))
    engine.dispose()
    return Settings(home=tmp_path / "home", database_url=url)


@pytest.fixture
def services(settings):
    made = opened(settings)
    yield made
    bootstrap.close(made)


def one(services, transfer):
    (said,) = services.scoring.submit(BANK, [transfer])
    return said


def test_the_same_transfer_gets_the_same_answer_also_after_a_restart(services, settings):
    first = one(services, move("T1"))
    assert isinstance(first, Said) and first.answer == "allow" and first.network == "used"
    assert one(services, move("T1")) == first
    assert one(services, move("T1", amount_minor=20_001)).code == "conflict"
    bootstrap.close(services)
    again = opened(settings)
    try:
        assert one(again, move("T1")) == first
        assert one(again, move("T1", amount_minor=20_001)).code == "conflict"
    finally:
        bootstrap.close(again)


def test_scored_transfers_become_a_ledger_batch_once(services, settings):
    services.scoring.submit(BANK, [move(f"T{n}", device="D1", ip="10.0.0.1") for n in range(5)])
    assert services.scoring.seal() == 1
    assert services.scoring.seal() == 0
    columns = Columns(services.ledger)
    head = services.ledger.head_seq()
    rows = columns.rels("TRANSFER", ["id", "status"], ("Account", "Account"), head)
    assert sorted(zip(rows["id"].to_pylist(), rows["status"].to_pylist(), strict=True)) == [
        (f"T{n}", "settled") for n in range(5)
    ]
    assert columns.rels("USED_DEVICE", [], ("Account", "Device"), head).num_rows == 1
    bootstrap.close(services)
    again = opened(settings)
    try:
        assert again.ledger.head_seq() == head
        assert again.scoring.state.acc.out_n[again.scoring.state.account("A1")] == 5
    finally:
        bootstrap.close(again)


def test_many_threads_with_the_same_ids_score_each_once(services):
    answers: dict[str, set[str]] = {f"T{n}": set() for n in range(40)}

    def work():
        for key, found in answers.items():
            found.add(one(services, move(key)).decision_id)

    threads = [threading.Thread(target=work) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert all(len(found) == 1 for found in answers.values())
    assert services.scoring.state.acc.out_n[services.scoring.state.account("A1")] == 40


def test_a_listed_payee_is_refused_and_an_override_does_not_help_but_beats_a_score(services):
    later = now_ms() + 60_000
    services.scoring.use_watch(build([Entry("illegal", "account", "BAD")], [Override("A1", "BAD", later)]))
    said = one(services, move("T1", payee="BAD"))
    assert (said.answer, said.basis) == ("refuse", "block")
    assert [hit.rule for hit in said.hits][:1] == ["listed_payee"]
    services.scoring.use_watch(build([Entry("illegal", "account", "BAD", now_ms() - 1)], []))
    assert one(services, move("T2", payee="BAD")).answer == "allow"


def test_without_the_network_an_allow_becomes_a_review_and_says_why(services):
    services.scoring.set_outage("the graph store does not answer (store_unavailable)")
    said = one(services, move("T1"))
    assert said.answer == "review" and "does not answer" in said.network and said.hold.needs == "person"
    services.scoring.set_outage("")
    assert one(services, move("T2")).answer == "allow"


def test_skewed_old_unknown_and_out_of_order_transfers(services):
    with pytest.raises(BadInput, match="5 minutes in the future"):
        one(services, move("T1", at_ms=now_ms() + 400_000))
    with pytest.raises(BadInput, match="too long ago"):
        one(services, move("T1", at_ms=now_ms() - 40 * 86_400_000))
    with pytest.raises(BadInput, match=r"transfers\[1\]"):
        services.scoring.submit(BANK, [move("T1"), move("T2", at_ms=now_ms() + 400_000)])
    assert one(services, move("T1", payer="never seen", payee="neither")).answer == "allow"
    late, early = move("T3", at_ms=NOW - 1000), move("T4", at_ms=NOW - 3_600_000)
    assert [one(services, item).answer for item in (late, early)] == ["allow", "allow"]
    state = services.scoring.state
    assert state.acc.last_out_ms[state.account("A1")] == late.at_ms


def test_a_person_or_another_machine_may_not_score(services):
    with pytest.raises(NotAllowed):
        services.scoring.submit(CLERK, [move("T1")])


def test_an_id_that_came_by_file_is_not_scored_again(services):
    table = pa.table(
        {
            "from_id": ["A1"],
            "to_id": ["A2"],
            "id": ["F1"],
            "amount_minor": [100],
            "currency": ["CNY"],
            "at_ms": [NOW - 9],
        }
    )
    rows = RowSet("TRANSFER", conform("TRANSFER", table), "Account", "Account")
    services.ledger.append(Source("f", "csv", "f"), [Intake(facts=(rows,), rows_read=1)], by="t")
    assert services.scoring.follow() == 1
    found = one(services, move("F1"))
    assert isinstance(found, Refused) and found.code == "known_transfer"


def held(services, key="T1", **given):
    state = services.scoring.state
    bad = {"payee": f"MULE-{key}", "amount_minor": 900_000, **given}
    state.network({"chain": {bad["payee"]: 0.95}}, [])
    said = one(services, move(key, **bad))
    assert said.answer == "hold" and said.hold is not None, said
    services.scoring.written(10)
    return said


def test_a_small_hold_waits_for_the_customer_a_large_one_for_a_person(services):
    small, large = held(services, "T1"), held(services, "T2", amount_minor=1_000_001)
    assert (small.hold.needs, large.hold.needs) == ("verification", "person")


def test_a_released_hold_settles_in_the_ledger_and_a_refused_one_does_not_move(services):
    first, second = held(services, "T1"), held(services, "T2")
    assert services.scoring.seal() == 1
    assert services.ledger.head_seq() == 0, "what is held is no fact yet"
    holds.act(services, CLERK, first.hold.id, Verb.RELEASE, "customer called back")
    holds.act(services, CLERK, second.hold.id, Verb.REFUSE, "known mule account")
    services.scoring.seal()
    rows = Columns(services.ledger).rels(
        "TRANSFER", ["id", "status"], ("Account", "Account"), services.ledger.head_seq()
    )
    assert dict(zip(rows["id"].to_pylist(), rows["status"].to_pylist(), strict=True)) == {
        "T1": "settled",
        "T2": "refused",
    }
    told = holds.rates(services, CLERK)
    assert (told.released, told.refused, told.wrong_rate) == (1, 1, 0.5)


def test_a_hold_expires_by_its_clock_and_cannot_be_released_after(services, monkeypatch):
    said = held(services)
    later = said.hold.until_ms + 1
    for module in (holds, hold_clock):
        monkeypatch.setattr(module, "now_ms", lambda: later)
    assert hold_clock.run(services) == 1
    with pytest.raises(Exception, match="cannot release"):
        holds.act(services, CLERK, said.hold.id, Verb.RELEASE, "too late now")


def test_a_full_disk_acknowledges_nothing_and_scoring_recovers_by_itself(services, monkeypatch):
    kept = one(services, move("T0"))
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(JournalFailed):
        one(services, move("T1"))
    with pytest.raises(NotReady, match="No space left"):
        one(services, move("T2"))
    assert services.scoring.recover() is False
    monkeypatch.setattr(os, "write", real)
    assert services.scoring.recover() is True
    assert one(services, move("T0")) == kept
    assert one(services, move("T1")).answer == "allow"
    assert services.scoring.state.acc.out_n[services.scoring.state.account("A1")] == 2


def test_a_start_that_the_disk_refused_is_made_good_and_records_reach_the_tables(settings, monkeypatch):
    services = bootstrap.with_scoring(bootstrap.open_ledger(settings))
    real = Journal.go_on_after

    def refused(journal, number):
        with journal._changed:
            journal._failure = "No space left on device"
        journal.append(b"")

    monkeypatch.setattr(Journal, "go_on_after", refused)
    with pytest.raises(JournalFailed):
        services.scoring.start()
    monkeypatch.setattr(Journal, "go_on_after", real)
    try:
        assert services.scoring.recover() is True
        one(services, move("T1"))
        services.scoring.written(20)
        with transaction(services.engine) as session:
            assert book.count(session) == 1
    finally:
        bootstrap.close(services)


def test_after_a_restart_and_a_recovery_the_rules_in_force_judge_from_the_first_transfer_on(services, settings):
    text = ruleset.default_text().replace("home_country: CN", "home_country: DE")
    text = text.replace("large_burst: {score: 0.45}", "large_burst: {score: 0.45, params: {large_minor: 15000}}")
    made = rule_sets.propose(services, ANALYST, text, "a house in Germany")
    rule_sets.back_test(services, ANALYST, made.version)
    rule_sets.decide(services, CHIEF, made.version, True)
    one(services, move("T1"))
    services.scoring.seal()
    bootstrap.close(services)
    again = opened(settings)
    try:
        for number in (2, 3):
            said = one(again, move(f"T{number}", at_ms=NOW))
            assert said.rule_set == f"v{made.version}-{made.digest}"
            assert again.scoring.state.home_country == "DE"
            assert again.scoring.state.params == ruleset.parse(text).kernel
            with again.scoring.journal._changed:
                again.scoring.journal._failure = "No space left on device"
            assert again.scoring.recover() is True
    finally:
        bootstrap.close(again)


def test_a_call_that_came_with_a_transfer_still_counts_after_a_restart(services, settings):
    call = {"ended_ms": NOW - 60_000, "duration_s": 3_000}
    one(services, move("T1", payee="KNOWN", call=call))
    bootstrap.close(services)
    again = opened(settings)
    try:
        said = one(again, move("T2", payee="NEW", amount_minor=500_000, at_ms=NOW))
        assert "call_then_new_payee" in {hit.rule for hit in said.hits}
    finally:
        bootstrap.close(again)


def test_overload_sheds_at_once_and_lets_in_again(services):
    gate = flight_admission.Admission(waiting=1, rate=10, clock=lambda: 5.0)
    with gate.inside(), pytest.raises(NotReady), gate.inside():
        pass
    with gate.inside():
        gate.take("key-1", 10)
        with pytest.raises(flight_admission.TooMany):
            gate.take("key-1", 1)
        gate.take("key-2", 1)


def test_a_second_process_does_not_score_into_the_same_ledger(services, settings):
    with pytest.raises(Exception, match="another process takes transfers"):
        Flight(bootstrap.open_ledger(settings)).start()


def test_after_a_restart_nothing_waits_for_what_was_written_before(services, settings):
    one(services, move("T1"))
    bootstrap.close(services)
    again = opened(settings)
    try:
        began = time.monotonic()
        again.scoring.written(20)
        assert time.monotonic() - began < 10, "it waited for records that are in the tables already"
    finally:
        bootstrap.close(again)
