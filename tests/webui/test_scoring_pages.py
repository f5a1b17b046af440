"""Lists, close requests, overrides, rule sets and warnings over HTTP, as the people who work there."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select, update
from with_endpoint import with_endpoint

from core.clock import now_ms
from core.db import transaction
from outbox.tables import DeliveryRow
from scoring import ruleset
from scoring.tables import ListEntryRow, OverrideRow, RuleSetRow, WarningListRow
from usecases import flight_network, rule_sets


@pytest.fixture
def ana(client_as):
    return client_as("analyst")


@pytest.fixture
def sup(client_as):
    return client_as("supervisor")


def newest(services, table, order):
    with transaction(services.engine) as session:
        return session.scalars(select(table).order_by(order.desc()).limit(1)).one()


def test_an_illegal_account_is_listed_asked_to_be_closed_answered_and_taken_off(ana, client_as, services):
    form = {"list": "illegal", "kind": "account", "value": "BAD-1", "reason": "sold on a forum", "days": "30"}
    assert client_as("auditor").post("/lists", data=form).status_code == 403
    assert ana.post("/lists", data=form).status_code == 303
    assert ana.post("/lists", data=form).status_code == 409
    assert ana.post("/lists", data=form | {"list": "vip", "value": "x"}).status_code == 422
    entry = newest(services, ListEntryRow, ListEntryRow.added_at_ms)
    watch = flight_network.read_watch(services, now_ms())
    assert watch.forbidden("account", "BAD-1", now_ms()) == 1
    assert watch.forbidden("account", "BAD-1", now_ms() + 31 * 86_400_000) == 0, "an entry ends by its date"
    place = f"/lists/{entry.id}/close"
    assert ana.post(place, data={"outcome": "closed"}).status_code == 409, "nobody was asked yet"
    assert ana.post(place, data={"institution": "ICBC"}).status_code == 303
    assert ana.post(place, data={"institution": "ICBC"}).status_code == 409
    assert ana.post(place, data={"outcome": "eaten"}).status_code == 422
    assert ana.post(place, data={"outcome": "closed", "note": "closed today"}).status_code == 303
    assert ana.post(place, data={"institution": "ICBC"}).status_code == 409, "a closed account is not asked for again"
    assert ana.post(f"/lists/{entry.id}/remove", data={"why": "no"}).status_code == 422
    assert ana.post(f"/lists/{entry.id}/remove", data={"why": "listed by mistake"}).status_code == 303
    assert ana.post(f"/lists/{entry.id}/remove", data={"why": "listed by mistake"}).status_code == 404
    assert flight_network.read_watch(services, now_ms()).forbidden("account", "BAD-1", now_ms()) == 0


def test_an_entry_that_has_ended_is_shown_no_more_and_may_be_listed_again(ana, services):
    form = {"list": "watch", "kind": "account", "value": "A-ended", "reason": "seen in one report", "days": "1"}
    assert ana.post("/lists", data=form).status_code == 303
    assert ana.post("/lists", data=form).status_code == 409
    with transaction(services.engine) as session:
        session.execute(update(ListEntryRow).where(ListEntryRow.value == "A-ended").values(expires_at_ms=now_ms() - 1))
    assert "A-ended" not in ana.get("/lists?list=watch").text
    assert ana.post("/lists", data=form).status_code == 303
    assert "A-ended" in ana.get("/lists?list=watch").text


def test_an_override_needs_a_second_person_and_ends_by_its_day(sup, make_person, client_of, services):
    form = {"payer": "OV-1", "payee": "OV-2", "reason": "their own factory", "days": "2"}
    assert sup.post("/lists/overrides", data=form | {"days": "91"}).status_code == 422
    assert sup.post("/lists/overrides", data=form).status_code == 303
    made = newest(services, OverrideRow, OverrideRow.proposed_at_ms)
    place = f"/lists/overrides/{made.id}"
    assert sup.post(place, data={"approve": "yes"}).status_code == 403, "nobody approves their own"
    assert flight_network.read_watch(services, now_ms()).overrides.get(("OV-1", "OV-2")) is None
    second = client_of(make_person("supervisor"))
    assert second.post(place, data={"approve": "yes"}).status_code == 303
    assert second.post(place, data={"approve": "yes"}).status_code == 409
    assert flight_network.read_watch(services, now_ms()).overrides[("OV-1", "OV-2")] == made.expires_at_ms
    assert ("OV-1", "OV-2") not in flight_network.read_watch(services, made.expires_at_ms).overrides
    assert sup.post(place, data={"approve": "no"}).status_code == 303, "anybody who decides may end one"
    assert ("OV-1", "OV-2") not in flight_network.read_watch(services, now_ms()).overrides


def test_rules_proposed_before_others_came_into_force_are_outdated(ana, sup, services):
    text = ruleset.default_text()
    for note in ("the first of two changes", "the second of two changes"):
        assert ana.post("/rules", data={"text": text, "note": note}).status_code == 303
    with transaction(services.engine) as session:
        first, second = session.scalars(select(RuleSetRow.version).order_by(RuleSetRow.version.desc()).limit(2)).all()
        session.execute(update(RuleSetRow).values(backtest=json.dumps({})))
    assert sup.post(f"/rules/{first}/decide", data={"approve": "yes"}).status_code == 303
    late = sup.post(f"/rules/{second}/decide", data={"approve": "yes"})
    assert late.status_code == 409
    assert sup.post(f"/rules/{second}/decide", data={"approve": "no"}).status_code == 303


def test_a_warning_leaves_out_who_opted_out_and_goes_to_a_bank_signed_and_without_names(client_as, services):
    clerk = client_as("investigator")
    assert clerk.post("/warnings/opt-out", data={"account": "A-clean", "out": "yes"}).status_code == 303
    form = {"title": "Fake brokers", "reason": "paid into a chain", "finding_id": "F-chain"}
    assert clerk.post("/warnings", data=form | {"region": "CN-11"}).status_code == 422
    answer = clerk.post("/warnings", data=form)
    assert answer.status_code == 303, answer.text
    made = newest(services, WarningListRow, WarningListRow.made_at_ms)
    assert "A-clean" not in json.loads(made.accounts)
    file = clerk.get(f"/warnings/{made.id}.csv")
    assert file.data.startswith(b"\xef\xbb\xbfaccount,warning\r\n")
    assert clerk.post(f"/warnings/{made.id}/push", data={"endpoint": "nobody"}).status_code == 404
    with_endpoint(services, "warned", "http://127.0.0.1:9/in")
    for _ in range(2):  # sent twice by hand is one message
        assert clerk.post(f"/warnings/{made.id}/push", data={"endpoint": "warned"}).status_code == 303
    with transaction(services.engine) as session:
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.subject == made.id)).all()
    bodies = [json.loads(row.body) for row in rows]
    assert [account for body in bodies for account in body["accounts"]] == json.loads(made.accounts)
    assert not re.search(r"王芳|李伟|\b1[3-9]\d{9}\b", "".join(row.body for row in rows)), "account ids only"
    clerk.post("/warnings/opt-out", data={"account": "A-clean", "out": "no"})


def test_numbers_are_checked_on_a_page_by_people_who_read_alerts(ana, client_as):
    entry = {"list": "watch", "kind": "phone", "value": "13800138000", "reason": "named in a report"}
    assert ana.post("/lists", data=entry).status_code == 303
    page = ana.post("/numbers", data={"numbers": "13800138000\n17012345678, 1440012345678;10086\nnonsense"}).text
    rows = dict(re.findall(r'data-number="([^"]+)">(.*?)</tr>', page, re.S))
    assert set(rows) == {"13800138000", "17012345678", "1440012345678", "10086", "nonsense"}
    assert "watch list" in rows["13800138000"] and "+8613800138000" in rows["13800138000"]
    assert "virtual operator" in rows["17012345678"] and "machine card" in rows["1440012345678"]
    assert "short code" in rows["10086"] and "no number" in rows["nonsense"]
    assert ana.post("/numbers", data={"numbers": " "}).status_code == 422
    assert ana.post("/numbers", data={"numbers": "1\n" * 1001}).status_code == 422
    assert client_as("administrator").post("/numbers", data={"numbers": "10086"}).status_code == 403


def test_a_back_test_is_for_who_makes_rules_and_one_runs_at_a_time(ana, client_as, services):
    assert ana.post("/rules", data={"text": ruleset.default_text(), "note": "nothing at all"}).status_code == 303
    place = f"/rules/{newest(services, RuleSetRow, RuleSetRow.version).version}/back-test"
    auditor = client_as("auditor")
    assert auditor.post(place).status_code == 403
    assert "data-back-test" not in auditor.get(place.removesuffix("/back-test")).text
    with rule_sets._only_one():
        busy = ana.post(place)
    assert (busy.status_code, "another back-test is running" in busy.text) == (409, True)
    assert ana.post(place).status_code == 303


def test_a_rule_set_of_aliases_is_refused_before_it_grows(ana):
    lines = ["m0: &m0 {x: 1}", *(f"m{n}: &m{n} {{<<: [{','.join([f'*m{n - 1}'] * 10)}]}}" for n in range(1, 30))]
    answer = ana.post("/rules", data={"text": "\n".join(lines), "note": "a few lines that mean gigabytes"})
    assert (answer.status_code, "aliases" in answer.text) == (422, True)


@pytest.mark.parametrize("days", ["-1", "1e3", "30d", "1.5", "9" * 400, "NaN"])
def test_what_is_no_number_of_days_does_not_stand_for_ever(ana, sup, days):
    form = {
        "list": "illegal",
        "kind": "account",
        "value": f"DAYS-{days}"[:40],
        "reason": "sold on a forum",
        "days": days,
    }
    assert ana.post("/lists", data=form).status_code == 422
    wanted = {"payer": "D-1", "payee": "D-2", "reason": "their own factory", "days": days}
    assert sup.post("/lists/overrides", data=wanted).status_code == 422
    assert ana.post("/lists", data=form | {"days": ""}).status_code == 303, "an empty field is without an end"
