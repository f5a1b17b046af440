"""Deliveries in the browser's terms: endpoints, doubts, and the door signed messages come through."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select
from with_endpoint import with_endpoint

from core.clock import now_ms
from core.db import transaction
from outbox import endpoints, queue, signing
from outbox.model import Message, Outcome
from outbox.states import DeliveryState, DeliveryVerb
from scoring.tables import BankWebhookRow
from security.tables import AuditRow
from usecases import deliveries, delivery_handlers


@pytest.fixture
def admin(client_as):
    return client_as("administrator")


BOCOM = {
    "name": "bocom", "action": "new", "title": "BOCOM", "channel": "webhook", "address": "https://bocom.example/in",
    "why": "asked for by their office",
}  # fmt: skip


@pytest.fixture
def two(client_of, make_person):
    """Two administrators."""
    return [client_of(make_person("administrator")) for _ in range(2)]


def waiting(client, name):
    """(id, version) of the change of an endpoint that waits, as the page of who may approve it shows it."""
    block = client.get("/deliveries").text.split(f'data-change="{name}"')[1]
    return re.search(r"/changes/(change-\w+)/decide.*?name=\"version\" value=\"(\d+)\"", block, re.S).groups()


def approve(client, name):
    id, version = waiting(client, name)
    return id, client.post(f"/deliveries/changes/{id}/decide", data={"decision": "approve", "version": version})


def lines(services, action):
    """(who, outcome) of the audit lines of an action, oldest first."""
    with transaction(services.engine) as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.seq)).all()
    return [(row.actor_name, row.outcome) for row in rows]


def test_two_administrators_add_an_endpoint_and_each_sees_one_secret_once(two, services):
    ann, ben = two
    assert ann.post("/deliveries/changes", data=BOCOM).status_code == 303
    assert (
        "No endpoint yet." in ben.get("/deliveries").text or ">bocom</td><td>BOCOM" not in ben.get("/deliveries").text
    )
    id, version = waiting(ben, "bocom")
    own = ann.post(f"/deliveries/changes/{id}/decide", data={"decision": "approve", "version": version})
    assert own.status_code == 403
    assert approve(ben, "bocom")[1].status_code == 303
    master = deliveries.master_key(services)
    out, back = (signing.shown(signing.secret_of(master, "bocom", 1, way)) for way in ("out", "in"))
    for client, mine, other in ((ann, back, out), (ben, out, back)):
        page = client.get("/deliveries").text
        assert "https://bocom.example/in" in page and out not in page and back not in page
        shown = client.post(f"/deliveries/changes/{id}/secret").text
        assert mine in shown and other not in shown
        assert client.post(f"/deliveries/changes/{id}/secret").status_code == 409
        assert mine not in client.get("/deliveries").text
    assert [outcome for _, outcome in lines(services, "endpoint.secret")][-4:] == ["ok", "secret_shown"] * 2
    assert [outcome for _, outcome in lines(services, "endpoint.approve")][-2:] == ["refused", "ok"]


def test_one_administrator_alone_redirects_nothing(two, services):
    ann, ben = two
    with_endpoint(services, "ccb", "https://ccb.example/in")
    evil = {"name": "ccb", "action": "move", "channel": "webhook", "address": "https://evil.example/in", "why": "moved"}
    assert ann.post("/deliveries/changes", data=evil).status_code == 303
    with transaction(services.engine) as session:
        assert endpoints.get(session, "ccb").address == "https://ccb.example/in"
    id, seen = waiting(ben, "ccb")
    assert ann.post("/deliveries/changes", data=evil | {"address": "https://worse.example/in"}).status_code == 303
    stale = ben.post(f"/deliveries/changes/{id}/decide", data={"decision": "approve", "version": seen})
    assert stale.status_code == 409 and "edited after you looked" in stale.text
    assert ben.post("/deliveries/changes", data=evil).status_code == 409  # decides on it first
    assert ben.post(f"/deliveries/changes/{id}/decide", data={"decision": "reject", "note": "no"}).status_code == 303
    assert approve_again(ben, id) == 409
    for address, form in (("/deliveries/endpoints", BOCOM), ("/deliveries/endpoints/ccb/key", {})):
        assert ann.post(address, data=form).status_code in (404, 405), "the way without a second person is gone"
    with transaction(services.engine) as session:
        assert endpoints.get(session, "ccb").address == "https://ccb.example/in"


def approve_again(client, id):
    return client.post(f"/deliveries/changes/{id}/decide", data={"decision": "approve", "version": "2"}).status_code


def test_an_endpoint_hold_outcomes_go_to_is_not_removed(two, services):
    ann, ben = two
    with_endpoint(services, "used", "https://used.example/in")
    with transaction(services.engine) as session:
        session.add(BankWebhookRow(key_id="key-used", endpoint="used"))
    assert (
        ann.post("/deliveries/changes", data={"name": "used", "action": "remove", "why": "left us"}).status_code == 303
    )
    assert approve(ben, "used")[1].status_code == 409
    with transaction(services.engine) as session:
        session.delete(session.get_one(BankWebhookRow, "key-used"))
    assert approve(ben, "used")[1].status_code == 303
    with transaction(services.engine) as session:
        assert endpoints.find(session, "used") is None


def test_what_cannot_be_proposed_is_said_on_the_page(admin):
    for form, status in ((BOCOM | {"name": "x", "address": "ftp://x"}, 422), (BOCOM | {"name": "x", "why": "no"}, 422),
                         ({"name": "nobody", "action": "rotate", "why": "a leak"}, 404)):  # fmt: skip
        answer = admin.post("/deliveries/changes", data=form)
        assert answer.status_code == status and 'role="alert"' in answer.text


def test_a_person_settles_a_doubt(admin, services):
    with transaction(services.engine) as session:
        id = queue.enqueue(session, Message("icbc", "stop_order", "O-1", "O-1", "{}"), now_ms())
        queue.claim(session, queue.get(session, id), now_ms())
        queue.settle(session, queue.get(session, id), Outcome(DeliveryVerb.DOUBT, "broke"), now_ms())
    assert "broke" in admin.get("/deliveries?state=unknown").text
    assert admin.post(f"/deliveries/{id}/settle", data={"said": "arrived", "why": "phoned"}).status_code == 303
    with transaction(services.engine) as session:
        assert queue.get(session, id).state is DeliveryState.DELIVERED
    assert admin.post(f"/deliveries/{id}/settle", data={"said": "send_again", "why": "x"}).status_code == 409


def test_signed_messages_come_in_once_and_others_not_at_all(app, services, monkeypatch):
    with_endpoint(services, "abc", "https://abc.example/in")
    taken = []
    monkeypatch.setitem(
        delivery_handlers.TAKEN, "note", lambda _s, endpoint, said, _now: taken.append((endpoint, said)) or "noted"
    )
    body = json.dumps({"kind": "note", "text": "x"}).encode()
    secret = signing.secret_of(deliveries.master_key(services), "abc", 1, "in")
    headers = signing.sign(secret, "m1", now_ms(), body)
    stranger = app.test_client()
    first, again = (
        stranger.post("/api/v1/hooks/abc", data=body, headers=headers, content_type="application/json")
        for _ in range(2)
    )
    assert (first.json, again.json, len(taken)) == ({"taken": "noted"}, {"taken": "repeat"}, 1)
    forged = stranger.post("/api/v1/hooks/abc", data=body + b" ", headers=headers, content_type="application/json")
    assert (forged.status_code, forged.json["code"]) == (401, "signature_refused")
    for text in (b"[]", b"{", b'{"kind":[]}', b"[" * 60_000):
        signed = signing.sign(secret, f"m-{len(text)}", now_ms(), text)
        assert (
            stranger.post("/api/v1/hooks/abc", data=text, headers=signed, content_type="application/json").status_code
            == 422
        )
    huge = stranger.post("/api/v1/hooks/abc", data=b" " * 70_000, headers=headers, content_type="application/json")
    assert huge.status_code == 413
    assert stranger.get("/api/v1/hooks/abc").status_code == 405
