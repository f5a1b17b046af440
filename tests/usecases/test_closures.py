"""Asking the institution of an illegal account to close it: by signed message, and its signed answer."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from with_endpoint import with_endpoint

from core.clock import now_ms
from core.db import transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.settings import Settings
from outbox.tables import DeliveryRow
from scoring.tables import ListEntryRow
from security.roles import Actor
from usecases import bootstrap, closures, delivery_handlers, watch_lists
from usecases.watch_lists import Addition

ANA = Actor("user-1", "ana", frozenset({"supervisor"}))
EYE = Actor("user-2", "eye", frozenset({"auditor"}))


@pytest.fixture
def services(tmp_path):
    made = bootstrap.open_ledger(Settings(home=tmp_path / "home"))
    with_endpoint(made, "icbc", "https://icbc.test/hook")
    with_endpoint(made, "abc", "https://abc.test/hook")
    yield made
    bootstrap.close(made)


@pytest.fixture
def entry(services):
    return watch_lists.add(services, ANA, Addition("illegal", "account", "BAD-1", "sold on a forum"))


def row_of(services, entry):
    with transaction(services.engine) as session:
        return session.get_one(ListEntryRow, entry.id)


def sent(services):
    with transaction(services.engine) as session:
        return session.scalars(select(DeliveryRow).order_by(DeliveryRow.created_at_ms, DeliveryRow.id)).all()


def answers(services, entry, outcome, sender="icbc", **more):
    body = json.dumps({"kind": "close_answer", "entry_id": entry.id, "outcome": outcome, **more}).encode()
    with transaction(services.engine) as session:
        return delivery_handlers.take(session, sender, body, now_ms())


def test_the_request_goes_out_once_and_the_signed_answer_ends_it(services, entry):
    closures.ask(services, ANA, entry.id, "", "icbc")
    with pytest.raises(Conflict, match="asked already"):
        closures.ask(services, ANA, entry.id, "", "icbc")
    (message,) = sent(services)
    told = json.loads(message.body)
    assert (message.endpoint, message.kind, told["account"], told["reason"]) == (
        "icbc", "close_request", "BAD-1", "sold on a forum",
    )  # fmt: skip
    assert (row_of(services, entry).close_state, row_of(services, entry).close_institution) == ("asked", "icbc")
    assert answers(services, entry, "closed", note="closed this morning") == "applied"
    ended = row_of(services, entry)
    assert (ended.close_state, ended.close_note) == ("closed", "closed this morning") and ended.close_ended_ms
    assert sent(services)[0].state == "cancelled", "who answers has got the request: it is not sent again"
    assert answers(services, entry, "refused") == "late" and row_of(services, entry).close_state == "closed"


def test_another_institution_learns_and_changes_nothing(services, entry):
    with pytest.raises(BadInput, match="no such close request"):
        answers(services, entry, "closed")
    closures.ask(services, ANA, entry.id, "Industrial Bank", "icbc")
    with pytest.raises(BadInput, match="no such close request"):
        answers(services, entry, "closed", sender="abc")
    assert row_of(services, entry).close_state == "asked"
    assert answers(services, entry, "not_found") == "applied"
    closures.ask(services, ANA, entry.id, "", "abc")  # it was not there: the next one is asked
    with pytest.raises(BadInput, match="no such close request"):
        answers(services, entry, "closed", sender="icbc")
    assert answers(services, entry, "closed", sender="abc") == "applied"


def test_a_wrong_answer_names_its_field_and_a_late_one_changes_nothing(services, entry):
    closures.ask(services, ANA, entry.id, "", "icbc")
    with pytest.raises(BadInput, match="outcome must be one of closed, refused, not_found"):
        answers(services, entry, "eaten")
    with pytest.raises(BadInput, match="note must be text"):
        answers(services, entry, "closed", note=7)
    watch_lists.remove(services, ANA, entry.id, "listed by mistake")
    assert answers(services, entry, "closed") == "late" and row_of(services, entry).close_state == "asked"


def test_who_may_ask_and_what(services, entry):
    with pytest.raises(NotAllowed):
        closures.ask(services, EYE, entry.id, "ICBC")
    with pytest.raises(NotFound):
        closures.ask(services, ANA, entry.id, "ICBC", "nobody")
    assert row_of(services, entry).close_state == "" and not sent(services)
    phone = watch_lists.add(services, ANA, Addition("illegal", "phone", "13800138000", "used by a gang"))
    with pytest.raises(BadInput, match="only an account"):
        closures.ask(services, ANA, phone.id, "ICBC", "icbc")
    with pytest.raises(BadInput, match="name the institution"):
        closures.ask(services, ANA, entry.id, " ")
    assert [item.endpoint for item in closures.institutions(services, ANA)] == ["abc", "icbc"]
    closures.ask(services, ANA, entry.id, "Rural Bank")
    assert not sent(services) and row_of(services, entry).close_institution == "Rural Bank"
