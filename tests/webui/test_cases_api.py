"""Cases, what follows an order, and returns by API: the rights, refusals and audit lines of their pages."""

from __future__ import annotations

import hashlib
import json

import pytest
from with_endpoint import with_endpoint

from core.clock import now_ms
from core.ids import fresh
from graph.excerpt import Holder
from outbox import signing
from security.audit import AuditFilter
from security.roles import system_actor
from usecases import audit_log, deliveries, leads
from usecases import trace as tracing
from usecases.leads import Report

RAW = "application/octet-stream"
AT_MS = 1_714_536_000_000


@pytest.fixture(scope="module", autouse=True)
def _bank(services):
    with_endpoint(services, "icbc", "https://icbc.example/in")


@pytest.fixture
def lead_id(services):
    return leads.file(services, system_actor(), Report("hotline", "paid to A-mule1", amount_minor=900_00)).lead_id


@pytest.fixture
def case(client_as, lead_id):
    """A fresh open case as the API gives it."""
    made = client_as("investigator").post("/api/v1/cases", json={"lead_id": lead_id, "title": "Mule 1"})
    assert made.status_code == 200, made.text
    return made.json


def bank_says(services, client, message, sender="icbc"):
    body = json.dumps(message).encode()
    secret = signing.secret_of(deliveries.master_key(services), sender, 1, "in")
    headers = signing.sign(secret, fresh("msg"), now_ms(), body)
    answer = client.post(f"/api/v1/hooks/{sender}", data=body, headers=headers, content_type="application/json")
    assert answer.status_code == 200, answer.text
    return answer.json["taken"]


def frozen_order(services, client_as, case_id, account, frozen=400_00, hops=()):
    """An order that was approved and of which the bank froze a part."""
    officer, chief = client_as("investigator"), client_as("supervisor")
    wanted = {"bank": "icbc", "account": account, "holder": "H", "amount_minor": 500_00, "transfer_at_ms": AT_MS}
    (id,) = officer.post("/api/v1/orders", json={"case_id": case_id, "orders": [wanted]}).json["order_ids"]
    assert chief.post(f"/api/v1/orders/{id}/approval", json={"version": 1}).status_code == 200
    said = {"kind": "stop_answer", "order_id": id, "answer": "frozen_part", "account": account, "holder": "H", "at_ms": now_ms(),
            "frozen_minor": frozen, "stop_at_ms": now_ms(), "next_hops": list(hops)}  # fmt: skip
    assert bank_says(services, officer, said) == "applied"
    return id


def test_a_case_is_opened_listed_and_read_with_all_that_gathers_in_it(client_as, services, case, lead_id):
    officer, at = client_as("investigator"), f"/api/v1/cases/{case['id']}"
    assert (case["title"], case["state"], [row["id"] for row in case["leads"]]) == ("Mule 1", "open", [lead_id])
    assert case["rollup"] == {"lost_minor": 900_00, "frozen_minor": 0, "returned_minor": 0, "not_found_minor": 900_00}
    assert officer.post("/api/v1/cases", json={"lead_id": lead_id}).json["code"] == "in_case"
    other = leads.file(services, system_actor(), Report("police", "the same mule A-mule1")).lead_id
    assert len(officer.post(f"{at}/leads", json={"lead_id": other}).json["leads"]) == 2
    linked = officer.post(f"{at}/links", json={"kind": "finding", "target": "F-chain", "reason": "same accounts"}).json
    assert [(row["kind"], row["target"]) for row in linked["links"]] == [("finding", "F-chain")]
    assert officer.post(f"{at}/links", json={"kind": "finding", "target": "F-chain"}).status_code == 409
    assert officer.post(f"{at}/notes", json={"text": "rang the bank"}).json["timeline"][0]["text"] == "rang the bank"
    task = officer.post(f"{at}/tasks", json={"title": "ask the shop", "due_at_ms": AT_MS}).json["id"]
    done = officer.post(f"/api/v1/tasks/{task}/completion", json={}).json
    assert [(row["id"], row["state"], row["due_at_ms"]) for row in done["tasks"]] == [(task, "done", AT_MS)]
    assert officer.post(f"/api/v1/tasks/{task}/completion", json={}).status_code == 409
    victim = officer.post(f"{at}/victims", json={"name": "刘强", "loss_minor": 100_00}).json["id"]
    read = client_as("auditor").get(at).json
    assert victim in [row["id"] for row in read["victims"]] and read["rollup"]["lost_minor"] == 1_000_00
    assert {row["what"] for row in read["timeline"]} >= {"case.opened", "case.linked", "task.done", "victim.added"}
    assert any(row["times"] > 1 for row in read["views"])
    assert case["id"] in [row["id"] for row in officer.get("/api/v1/cases?state=open").json["cases"]]
    assert case["id"] in [row["id"] for row in officer.get("/api/v1/cases?mine=true").json["cases"]]
    lines = audit_log.read(services, system_actor(), AuditFilter(text=case["id"]), 200).lines
    assert {line.action for line in lines} >= {"case.read", "case.link", "case.note", "task.add", "victim.add"}


def test_evidence_comes_and_goes_by_its_bytes(client_as, case):
    officer, at = client_as("investigator"), f"/api/v1/cases/{case['id']}/files?name=../receipt.pdf"
    kept = officer.post(at, data=b"%PDF-1.4 receipt", content_type=RAW)
    assert kept.json["sha256"] == hashlib.sha256(b"%PDF-1.4 receipt").hexdigest()
    (row,) = officer.get(f"/api/v1/cases/{case['id']}").json["evidence"]
    assert (row["name"], row["media_type"], row["sha256"]) == ("receipt.pdf", "application/pdf", kept.json["sha256"])
    got = officer.get(f"/api/v1/evidence/{row['id']}")
    assert got.data == b"%PDF-1.4 receipt" and got.headers["Content-Disposition"].startswith("attachment")
    assert officer.post(at, data=b"<html>", content_type=RAW).json["code"] == "markup"
    assert officer.post(at, json={}).status_code == 415
    assert client_as("auditor").post(at, data=b"%PDF-1.4", content_type=RAW).status_code == 403
    assert officer.get("/api/v1/evidence/file-x").status_code == 404


def test_a_case_is_merged_into_another_and_closed_by_who_may(client_as, services, case):
    officer, chief = client_as("investigator"), client_as("supervisor")
    second = leads.file(services, system_actor(), Report("hotline", "second report")).lead_id
    kept = officer.post("/api/v1/cases", json={"lead_id": second}).json["id"]
    at = f"/api/v1/cases/{case['id']}"
    assert officer.post(f"{at}/merge", json={"into": kept, "reason": ""}).status_code == 422
    assert officer.post(f"{at}/merge", json={"into": "case-x", "reason": "one gang"}).status_code == 404
    merged = officer.post(f"{at}/merge", json={"into": kept, "reason": "one gang"}).json
    assert merged["id"] == kept and len(merged["leads"]) == 2
    assert (officer.get(at).json["state"], officer.get(at).json["merged_into"]) == ("merged", kept)
    assert officer.post(f"{at}/tasks", json={"title": "late"}).json["code"] == "case_closed"
    assert officer.post(f"/api/v1/cases/{kept}/closure", json={"outcome": "done"}).status_code == 403
    assert chief.post(f"/api/v1/cases/{kept}/closure", json={"outcome": "done"}).json["state"] == "closed"


def test_pages_of_cases_follow_each_other(client_as, services, monkeypatch):
    officer = client_as("investigator")
    made = set()
    for at in range(3):
        lead = leads.file(services, system_actor(), Report("hotline", f"report {at}")).lead_id
        made.add(officer.post("/api/v1/cases", json={"lead_id": lead}).json["id"])
    monkeypatch.setattr("usecases.casefiles.MAX_PAGE", 2)
    seen, after = [], ""
    while True:
        page = officer.get("/api/v1/cases", query_string={"state": "all", "after": after}).json
        seen += [row["id"] for row in page["cases"]]
        if not (after := page["next"]):
            break
    assert made <= set(seen) and len(seen) == len(set(seen))
    assert officer.get("/api/v1/cases?after=x").status_code == 422


def test_a_draft_is_changed_and_what_was_frozen_is_followed_extended_and_let_go(client_as, services, case):
    officer, chief = client_as("investigator"), client_as("supervisor")
    wanted = {"bank": "icbc", "account": "A-9", "holder": "H", "amount_minor": 500_00, "transfer_at_ms": AT_MS}
    (draft,) = officer.post("/api/v1/orders", json={"case_id": case["id"], "orders": [wanted]}).json["order_ids"]
    changed = officer.post(f"/api/v1/orders/{draft}/changes", json={"version": 1, "amount_minor": 90_00}).json
    assert (changed["amount_minor"], changed["holder"], changed["account"], changed["version"]) == (
        90_00,
        "H",
        "A-9",
        2,
    )
    assert officer.post(f"/api/v1/orders/{draft}/changes", json={"version": 1, "holder": "I"}).json["code"] == "stale"
    assert officer.post(f"/api/v1/orders/{draft}/changes", json={"version": 2, "bank": "ccb"}).status_code == 422
    assert chief.post(f"/api/v1/orders/{draft}/approval", json={"version": 1}).json["code"] == "stale"

    hop = {
        "transfer_id": "T-h",
        "bank": "icbc",
        "account": "A-hop",
        "holder": "J",
        "amount_minor": 100_00,
        "at_ms": AT_MS,
    }
    at = f"/api/v1/orders/{frozen_order(services, client_as, case['id'], 'A-8', hops=[hop])}"
    assert client_as("auditor").post(f"{at}/next-orders", json={}).status_code == 403
    (followed,) = officer.post(f"{at}/next-orders", json={}).json["order_ids"]
    told = officer.get(f"/api/v1/orders/{followed}").json
    assert (told["account"], told["amount_minor"], told["layer"]) == ("A-hop", 100_00, 2)
    assert officer.post(f"{at}/next-orders", json={}).json["code"] == "no_hops"
    assert officer.post(f"{at}/extension", json={"reference": "doc"}).status_code == 403
    assert chief.post(f"{at}/extension", json={"reference": "doc 1"}).status_code == 200
    assert chief.post(f"{at}/extension", json={"reference": "doc 2"}).json["code"] == "third_stop"
    assert chief.post(f"{at}/release", json={"reason": ""}).status_code == 422
    gone = chief.post(f"{at}/release", json={"reason": "a shop's account", "wrong_hold": True}).json
    assert (gone["held_minor"], gone["let_go_minor"], gone["freeze_state"]) == (0, 400_00, "released")
    assert chief.post(f"{at}/release", json={"reason": "again"}).status_code == 409


def test_frozen_money_goes_back_by_two_persons_and_is_reported_paid(client_as, services, case):
    officer, chief = client_as("investigator"), client_as("supervisor")
    frozen_order(services, client_as, case["id"], "A-7")
    at = f"/api/v1/cases/{case['id']}"
    assert officer.post(f"{at}/returns", json={}).json["code"] == "no_destination"
    (victim,) = officer.get(at).json["victims"]
    assert (
        officer.post(f"{at}/pay-to", json={"victim_id": victim["id"], "account": "V-1", "bank": "icbc"}).status_code
        == 200
    )
    plan = officer.post(f"{at}/returns", json={}).json
    assert (plan["state"], plan["money_minor"], plan["police_minor"]) == ("draft", 400_00, 0)
    (share,) = plan["arithmetic"]
    assert (share["claim_minor"], share["amount_minor"]) == (900_00, 400_00)
    assert officer.post(f"/api/v1/returns/{plan['id']}/approval", json={}).status_code == 403
    assert chief.post(f"/api/v1/returns/{plan['id']}/approval", json={}).json["state"] == "approved"
    assert officer.post(f"/api/v1/returns/{plan['id']}/drop", json={}).status_code == 409
    (line,) = plan["lines"]
    paid = {"kind": "return_done", "line_id": line["id"], "amount_minor": line["amount_minor"]}
    assert bank_says(services, officer, paid) == "applied"
    assert officer.get(f"/api/v1/returns/{plan['id']}").json["lines"][0]["returned_at_ms"]
    assert officer.get(at).json["rollup"] == {
        "lost_minor": 900_00, "frozen_minor": 0, "returned_minor": 400_00, "not_found_minor": 500_00,
    }  # fmt: skip


def test_the_orders_a_trace_proposes_are_drafted_in_one_call(client_as, services, monkeypatch):
    at_icbc = [Holder(id, "bank", "icbc", "H") for id in ("A-mule1", "A-mule2", "A-collector")]
    monkeypatch.setattr(tracing.GraphMoney, "holders", lambda _, ids: [one for one in at_icbc if one.id in set(ids)])
    words = "2024年5月1日12点从A-victim转账50000元到A-mule1"
    lead = leads.file(services, system_actor(), Report("hotline", words)).lead_id
    officer = client_as("investigator")
    made = officer.post(f"/api/v1/leads/{lead}/orders", json={})
    assert made.status_code == 200, made.text
    told = [officer.get(f"/api/v1/orders/{id}").json for id in made.json["order_ids"]]
    assert told and all(order["state"] == "draft" and order["lead_id"] == lead for order in told)
    assert officer.post("/api/v1/leads/lead-x/orders", json={}).status_code == 404
