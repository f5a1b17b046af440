"""Stop-payment orders by API, with the rights and refusals their pages have."""

from __future__ import annotations

import pytest
from with_endpoint import with_endpoint

from security.roles import system_actor
from usecases import casefiles, leads, stop_orders
from usecases.leads import Report

AT_MS = 1_714_536_000_000
ORDER = {
    "bank": "icbc",
    "account": "A-collector",
    "holder": "someone",
    "amount_minor": 470_000,
    "transfer_at_ms": AT_MS,
}


@pytest.fixture(scope="module")
def case_id(services):
    with_endpoint(services, "icbc", "https://icbc.example/in")
    filed = leads.file(services, system_actor(), Report("hotline", "paid to A-mule1"))
    return casefiles.open_from_lead(services, system_actor(), filed.lead_id)


def drafted(client, case_id, **other):
    answer = client.post("/api/v1/orders", json={"case_id": case_id, "orders": [{**ORDER, **other}]})
    assert answer.status_code == 200, answer.text
    return answer.json["order_ids"][0]


def test_an_order_is_drafted_by_one_approved_by_another_and_read_as_it_stands(client_as, case_id):
    officer, chief = client_as("investigator"), client_as("supervisor")
    at = f"/api/v1/orders/{drafted(officer, case_id)}"
    assert officer.get(at).json["state"] == "draft"
    assert officer.post(f"{at}/approval", json={"version": 1}).status_code == 403
    stale = chief.post(f"{at}/approval", json={"version": 2})
    assert (stale.status_code, stale.json["code"]) == (409, "stale")
    done = chief.post(f"{at}/approval", json={"version": 1}).json
    assert (done["state"], done["stop_number"], [line["verb"] for line in done["ledger"]]) == (
        "approved",
        1,
        ["ordered"],
    )
    assert done["answers"] == [] and done["due_at_ms"] == done["approved_at_ms"] + 2 * 3_600_000
    again = chief.post(f"{at}/approval", json={"version": done["version"]})
    assert (again.status_code, again.json["code"]) == (409, "illegal_step")
    waiting = officer.get("/api/v1/orders?state=waiting").json["orders"]
    assert done["id"] in [order["id"] for order in waiting]
    assert client_as("administrator").get(at).status_code == 403


def test_nobody_approves_their_own_and_a_draft_can_be_taken_back(client_as, case_id):
    chief = client_as("supervisor")
    at = f"/api/v1/orders/{drafted(chief, case_id, account='A-own')}"
    own = chief.post(f"{at}/approval", json={"version": 1})
    assert (own.status_code, own.json["code"]) == (403, "own_approval")
    assert chief.post(f"{at}/withdrawal", json={}).json["state"] == "withdrawn"
    assert chief.post(f"{at}/withdrawal", json={}).status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"amount_minor": 1.5}, {"amount_minor": True}, {"amount_minor": 0}, {"holder": ""}, {"approved_by": "x"}]
)
def test_wrong_drafts_are_refused_whole(client_as, services, case_id, wrong):
    before = len(stop_orders.listed(services, system_actor(), case_id=case_id))
    body = {"case_id": case_id, "orders": [ORDER, {**ORDER, **wrong}]}
    assert client_as("investigator").post("/api/v1/orders", json=body).status_code == 422
    assert len(stop_orders.listed(services, system_actor(), case_id=case_id)) == before


def test_pages_follow_each_other_without_gap_or_repeat(client_as, case_id, monkeypatch):
    monkeypatch.setattr(stop_orders, "MAX_PAGE", 2)
    officer = client_as("investigator")
    made = {drafted(officer, case_id, account=f"A-page{at}") for at in range(5)}
    seen, after = [], ""
    while True:
        page = officer.get("/api/v1/orders", query_string={"case_id": case_id, "after": after}).json
        seen += [order["id"] for order in page["orders"]]
        if not (after := page["next"]):
            break
    assert made <= set(seen) and len(seen) == len(set(seen))
    assert officer.get("/api/v1/orders?after=x").status_code == 422
    assert officer.get("/api/v1/orders?state=nothing").status_code == 422


def test_no_order_is_drafted_for_a_case_that_is_not_there_or_closed(client_as, services):
    officer = client_as("investigator")
    nowhere = officer.post("/api/v1/orders", json={"case_id": "case-x", "orders": [ORDER]})
    assert nowhere.status_code == 404
    filed = leads.file(services, system_actor(), Report("hotline", "x"))
    closed = casefiles.open_from_lead(services, system_actor(), filed.lead_id)
    casefiles.close(services, system_actor(), closed, "nothing found")
    answer = officer.post("/api/v1/orders", json={"case_id": closed, "orders": [ORDER]})
    assert (answer.status_code, answer.json["code"]) == (409, "case_closed")
    assert stop_orders.listed(services, system_actor(), case_id=closed) == []
