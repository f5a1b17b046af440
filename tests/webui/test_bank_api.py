"""The bank's side over HTTP: docs/api.md run as it stands, and what bad requests get on the short way."""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest
import requests
import small_town
from answering import Answering
from sqlalchemy import select
from werkzeug.serving import make_server
from with_endpoint import with_endpoint

from core.clock import now_ms
from core.db import transaction
from core.errors import NotAllowed
from outbox import signing
from outbox.tables import DeliveryRow
from scoring.holds import Verb
from security.roles import Actor, Permission, system_actor
from usecases import api_keys, bootstrap, deliveries, holds, verification
from webui.app import create_app
from webui.guard import access_of
from webui.serve import wsgi

#: A transfer that waits for its customer.
HELD = {"payer": "A-clean", "payee": "A-mule1", "amount_minor": 900_000, "currency": "CNY"}
DOC = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """(address, services, key) of an installation that scores."""
    services = bootstrap.with_scoring(small_town.build(tmp_path_factory.mktemp("bank")))
    services.scoring.start()
    key = api_keys.create(services, system_actor(), "core banking", "bank_system", 5)
    server = make_server("127.0.0.1", 0, wsgi(services), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", services, key
    server.shutdown()
    thread.join(10)
    bootstrap.close(services)


def post(served, body, **headers):
    home, _, key = served
    told = {"Authorization": f"Bearer {key.text}", "Content-Type": "application/json"} | headers
    return requests.post(f"{home}/api/v1/transfers", data=body, headers=told, timeout=60)


def test_the_ten_minute_integration_runs_as_written(served, capsys):
    home, _, key = served
    section = DOC.read_text(encoding="utf-8").split("## Integrate a bank in ten minutes")[1]
    code = re.search(r"```python\n(.*?)```", section, re.S).group(1)
    names = {"BASE": home, "KEY": key.text, "ask_the_customer": lambda code: code}
    exec(compile(code, str(DOC), "exec"), names)
    assert "leave the country" in capsys.readouterr().out
    code = code.replace("2026-000017", "2026-000018").replace('"amount_minor": 600000', '"amount_minor": 900000')
    exec(compile(code, str(DOC), "exec"), names)


def test_every_address_for_a_banks_key_is_in_the_document_and_no_other(served):
    app = create_app(served[1])
    there = set()
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if access is not None and access.machines and access.permission is Permission.TRANSFERS_SCORE:
            place = re.sub("<[^>]*>", "<id>", rule.rule).removeprefix("/api/v1")
            there |= {(method, place) for method in rule.methods & {"GET", "POST"}}
    section = DOC.read_text(encoding="utf-8").split("\n## Machines\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(GET|POST) (/[^`]*)`", section, re.M)) == there


def test_the_document_says_every_status_the_bank_must_expect(served):
    text = DOC.read_text(encoding="utf-8").split("\n## Errors\n")[1].split("\n## ")[0]
    listed = {int(found) for row in re.findall(r"^\| ([0-9, ]+) \|", text, re.M) for found in row.split(",")}
    assert {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503} <= listed


class Receiver(Answering):
    """A bank's receiver made of the document's own code."""

    code: ClassVar[dict[str, Any]] = {}
    secret = ""
    refused: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            self.code["receive"](self.headers, body, self.secret, time.time())
        except ValueError as error:
            self.refused.append(str(error))
            return self.answer(400)
        return self.answer(200)

    def do_GET(self) -> None:
        self.answer(200 if self.code["known"](unquote(self.path.rsplit("/", 1)[1])) else 404)


def test_the_documents_receiver_takes_an_outcome_once_and_nothing_forged_or_replayed(served, capsys):
    _, services, key = served
    section = DOC.read_text(encoding="utf-8").split("## Integrate a bank in ten minutes")[1]
    code = re.findall(r"```python\n(.*?)```", section, re.S)[1]
    Receiver.code, Receiver.refused = {}, []
    exec(compile(code, str(DOC), "exec"), Receiver.code)
    Receiver.secret = signing.shown(signing.secret_of(deliveries.master_key(services), "doc-bank", 1))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    place = f"http://127.0.0.1:{server.server_port}/in"
    with_endpoint(services, "doc-bank", place)
    holds.set_webhook(services, system_actor(), f"key-{key.key.id}", "doc-bank")
    body = {
        "id": "D-1",
        "payer": "A-clean",
        "payee": "A-mule1",
        "amount_minor": 900_000,
        "currency": "CNY",
        "at_ms": now_ms(),
    }
    said = post(served, json.dumps(body)).json()
    services.settle_tables()
    holds.step(services, said["hold"]["id"], Verb.RELEASE, by="test", person="test")
    deliveries.dispatcher(services).run_once()
    with transaction(services.engine) as opened:
        row = opened.scalars(select(DeliveryRow).where(DeliveryRow.subject == said["hold"]["id"])).one()
        assert (row.state, Receiver.refused) == ("delivered", [])
        sent, id = row.body.encode(), row.id
    assert capsys.readouterr().out.startswith("execute D-1\n")
    good = signing.secret_of(deliveries.master_key(services), "doc-bank", 1)
    back = signing.secret_of(deliveries.master_key(services), "doc-bank", 1, "in")
    again = signing.sign(good, id, now_ms(), sent) | {"Idempotency-Key": row.idempotency_key}
    assert requests.post(place, data=sent, headers=again, timeout=60).status_code == 200
    assert "execute" not in capsys.readouterr().out, "the same message once more executes nothing"
    for headers, text in (
        (signing.sign(back, id, now_ms(), sent), sent),  # the secret of the other direction
        (signing.sign(good, id, now_ms() - 301_000, sent), sent),  # an old message replayed
        (signing.sign(good, id, now_ms(), sent), sent.replace(b"true", b"false")),  # another text
    ):
        refused = requests.post(place, data=text, headers=headers | {"Idempotency-Key": "other"}, timeout=60)
        assert refused.status_code == 400
    rotated = signing.sign(b"n" * 32, id, now_ms(), sent, good) | {"Idempotency-Key": row.idempotency_key}
    assert requests.post(place, data=sent, headers=rotated, timeout=60).status_code == 200
    assert [requests.get(f"{place}/{name}", timeout=60).status_code for name in (row.idempotency_key, "x")] == [
        200,
        404,
    ]
    server.shutdown()
    server.server_close()


def test_a_held_transfer_is_verified_released_and_told_to_the_bank_once(served):
    home, services, key = served
    with_endpoint(services, "bank-a", "http://127.0.0.1:9/never")
    holds.set_webhook(services, system_actor(), f"key-{key.key.id}", "bank-a")
    body = {
        "id": "H-1",
        "payer": "A-clean",
        "payee": "A-mule1",
        "amount_minor": 900_000,
        "currency": "CNY",
        "at_ms": now_ms(),
    }
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key.text}"
    said = session.post(f"{home}/api/v1/transfers", json=body, timeout=60).json()
    assert said["answer"] == "hold" and said["hold"]["needs"] == "verification", said
    place = f"{home}/api/v1/holds/{said['hold']['id']}"
    assert session.post(f"{place}/verifications", json={"verifier": "always_yes"}, timeout=60).status_code == 422
    task = session.post(f"{place}/verifications", json={"verifier": "sms_code"}, timeout=60).json()
    wrong = session.post(f"{place}/verifications/{task['id']}", json={"answer": "x"}, timeout=60).json()
    assert wrong["state"] == "waiting"
    right = session.post(f"{place}/verifications/{task['id']}", json={"answer": task["told"]["code"]}, timeout=60)
    assert right.json()["state"] == "released"
    assert (
        session.post(
            f"{place}/verifications/{task['id']}", json={"answer": task["told"]["code"]}, timeout=60
        ).status_code
        == 409
    )
    assert session.post(f"{place}/appeal", json={"reason": "too late for that"}, timeout=60).status_code == 409
    other = api_keys.create(services, system_actor(), "another bank", "bank_system", 5)
    assert requests.get(place, headers={"Authorization": f"Bearer {other.text}"}, timeout=60).status_code == 404
    with transaction(services.engine) as opened:
        rows = opened.scalars(select(DeliveryRow).where(DeliveryRow.subject == said["hold"]["id"])).all()
    assert len(rows) == 1 and '"execute":true' in rows[0].body


def test_a_refused_hold_is_appealed_once_and_granted_by_a_person_and_both_outcomes_are_told(served):
    home, services, key = served
    with_endpoint(services, "appeal-bank", "http://127.0.0.1:9/never")
    holds.set_webhook(services, system_actor(), f"key-{key.key.id}", "appeal-bank")
    clerk = Actor("u-clerk", "clerk", frozenset({"supervisor"}))
    body = {
        "id": "AP-1",
        "payer": "A-clean",
        "payee": "A-mule1",
        "amount_minor": 900_000,
        "currency": "CNY",
        "at_ms": now_ms(),
    }
    hold = post(served, json.dumps(body)).json()["hold"]["id"]
    services.settle_tables()
    before = holds.rates(services, clerk)
    holds.act(services, clerk, hold, Verb.REFUSE, "the payee is a known mule")
    place, told = f"{home}/api/v1/holds/{hold}", {"Authorization": f"Bearer {key.text}"}
    reason = {"reason": "the customer shows a contract with the payee"}
    assert requests.post(f"{place}/appeal", json={"reason": "no"}, headers=told, timeout=60).status_code == 422
    assert requests.post(f"{place}/appeal", json=reason, headers=told, timeout=60).json()["appeal"] == "open"
    assert requests.post(f"{place}/appeal", json=reason, headers=told, timeout=60).status_code == 409
    assert holds.rates(services, clerk).appeals == before.appeals + 1
    with pytest.raises(NotAllowed, match="somebody else decides on the appeal"):
        holds.act(services, clerk, hold, Verb.APPEAL_DENIED, "I was right before")
    holds.act(services, clerk, hold, Verb.APPEAL_GRANTED, "the contract was checked")
    assert requests.get(place, headers=told, timeout=60).json()["state"] == "released"
    after = holds.rates(services, clerk)
    assert (after.released, after.appeals) == (before.released + 1, before.appeals), "a granted appeal is a wrong hold"
    view = holds.view(services, clerk, hold)
    assert [step.verb for step in view.steps] == ["refuse", "appeal", "appeal_granted"]
    with transaction(services.engine) as opened:
        rows = opened.scalars(select(DeliveryRow).where(DeliveryRow.subject == hold).order_by(DeliveryRow.id)).all()
    assert [json.loads(row.body)["execute"] for row in rows] == [False, True]


def test_an_appeal_is_turned_down_by_another_than_who_refused(served):
    home, services, key = served
    hold = post(served, json.dumps(HELD | {"id": "AP-2", "at_ms": now_ms()})).json()["hold"]["id"]
    services.settle_tables()
    first, second = (Actor(f"u-{name}", name, frozenset({"supervisor"})) for name in ("first", "second"))
    holds.act(services, first, hold, Verb.REFUSE, "the payee is a known mule")
    told = {"Authorization": f"Bearer {key.text}"}
    reason = {"reason": "the customer shows a contract with the payee"}
    assert requests.post(f"{home}/api/v1/holds/{hold}/appeal", json=reason, headers=told, timeout=60).ok
    with pytest.raises(NotAllowed) as refused:
        holds.act(services, first, hold, Verb.APPEAL_DENIED, "I was right before")
    assert refused.value.code == "own_decision"
    assert holds.act(services, second, hold, Verb.APPEAL_DENIED, "the contract is forged").appeal == "denied"


def test_a_hold_begins_so_many_verifications_and_no_more(served, monkeypatch):
    monkeypatch.setattr(verification, "MAX_BEGUN", 2)
    hold = post(served, json.dumps(HELD | {"id": "MANY-1", "at_ms": now_ms()})).json()["hold"]["id"]
    home, _, key = served
    answers = [
        requests.post(
            f"{home}/api/v1/holds/{hold}/verifications", json={"verifier": "sms_code"}, timeout=60,
            headers={"Authorization": f"Bearer {key.text}"},
        )
        for _ in range(3)
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[2].json()["code"] == "too_many_verifications"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [(b"{", {}, 400), (b'{"id":"a","id":"b"}', {}, 400), (b"{}", {}, 422), (b"{}", {"Content-Type": "text/plain"}, 415),
     (b"{}", {"Authorization": "Bearer rtk_no"}, 401), (b" " * (2 * 1024 * 1024 + 1), {}, 413), (b'{"transfers": []}', {}, 422)],
)  # fmt: skip
def test_bad_requests_get_a_problem(served, body, headers, status):
    answer = post(served, body, **headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json" and answer.json()["status"] == status
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_conflict_alone_and_in_a_batch(served):
    one = {"id": "C-1", "payer": "A-clean", "payee": "B-1", "amount_minor": 100, "currency": "CNY", "at_ms": now_ms()}
    assert post(served, json.dumps(one)).json()["answer"] == "allow"
    assert post(served, json.dumps(one | {"amount_minor": 101})).status_code == 409
    many = post(served, json.dumps({"transfers": [one | {"amount_minor": 101}, one | {"id": "C-2"}]})).json()[
        "decisions"
    ]
    assert many[0]["error"]["code"] == "conflict" and many[1]["answer"] == "allow"


def test_numbers_and_opting_out(served):
    home, services, key = served
    mine = {"id": "W-1", "payer": "A-clean", "payee": "B-1", "amount_minor": 1, "currency": "CNY", "at_ms": now_ms()}
    assert post(served, json.dumps(mine)).status_code == 200
    told = {"Authorization": f"Bearer {key.text}"}
    found = requests.post(
        f"{home}/api/v1/numbers/check", json={"numbers": ["13800138000", "x"]}, headers=told, timeout=60
    ).json()
    assert [item["kind"] for item in found["numbers"]] == ["mobile", "invalid"]
    body = {"account": "A-clean", "opted_out": True}
    assert requests.post(f"{home}/api/v1/warnings/opt-out", json=body, headers=told, timeout=60).json() == body
    unknown = requests.post(
        f"{home}/api/v1/warnings/opt-out", json={"account": "A-victim", "opted_out": True}, headers=told, timeout=60
    )
    assert unknown.status_code == 404
    other = api_keys.create(services, system_actor(), "another bank", "bank_system", 5)
    theirs = {"Authorization": f"Bearer {other.text}"}
    refused = requests.post(f"{home}/api/v1/warnings/opt-out", json=body, headers=theirs, timeout=60)
    assert refused.status_code == 404, "no bank silences another bank's customer"


def test_how_many_numbers_a_key_may_check_is_limited(served, monkeypatch):
    home, services, key = served
    gate = services.scoring.admission
    monkeypatch.setattr(gate, "_clock", lambda: 5.0)
    gate._buckets.clear()
    told = {"Authorization": f"Bearer {key.text}"}
    many = {"numbers": ["13800138000"] * 1000}
    answers = [requests.post(f"{home}/api/v1/numbers/check", json=many, headers=told, timeout=60) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429] and answers[2].headers["Retry-After"] == "1"


def test_a_length_in_other_digits_is_a_bad_request(served):
    import socket
    from urllib.parse import urlsplit

    home, _, key = served
    place = urlsplit(home)
    with socket.create_connection((place.hostname, place.port), 10) as wire:
        wire.sendall(
            f"POST /api/v1/transfers HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {key.text}\r\n"
            "Content-Type: application/json\r\nContent-Length: \xb2\r\nConnection: close\r\n\r\n".encode("latin-1")
        )
        assert b" 400 " in wire.recv(4096).split(b"\r\n")[0]
