"""Deliveries in the browser's terms: endpoints, doubts, and the door signed messages come through."""

from __future__ import annotations

import json

import pytest

from core.clock import now_ms
from core.db import transaction
from outbox import queue, signing
from outbox.model import Message, Outcome
from outbox.states import DeliveryState, DeliveryVerb
from usecases import deliveries, delivery_handlers


@pytest.fixture
def admin(client_as):
    return client_as("administrator")


def test_an_endpoint_is_added_and_its_secrets_are_shown_once(admin, services):
    answer = admin.post(
        "/deliveries/endpoints",
        data={"name": "icbc", "title": "ICBC", "channel": "webhook", "address": "https://icbc.example/in"},
    )
    secret = signing.shown(signing.secret_of(deliveries.master_key(services), "icbc", 1))
    assert secret in answer.text
    page = admin.get("/deliveries").text
    assert "https://icbc.example/in" in page and secret not in page
    assert (
        admin.post("/deliveries/endpoints", data={"name": "x", "channel": "webhook", "address": "ftp://x"}).status_code
        == 422
    )


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


def test_signed_messages_come_in_once_and_others_not_at_all(app, admin, services, monkeypatch):
    admin.post("/deliveries/endpoints", data={"name": "abc", "channel": "webhook", "address": "https://abc.example/in"})
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
