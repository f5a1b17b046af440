"""Casework's pages: a lead becomes a case, orders, a return; hostile text stays text; rights hold."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re

import pytest
from markupsafe import escape
from small_town import HOSTILE
from sqlalchemy import delete, text
from with_endpoint import with_endpoint

from cases.kpi import GROUPS, KPIS
from core.db import transaction
from core.errors import NotFound
from scoring.tables import ScoredTransferRow
from security.roles import Actor, system_actor
from usecases import casefiles, evidence, leads, stop_orders
from usecases.leads import Report
from webui import keyset, paging
from webui.app import create_app
from webui.casework_words import CASEWORK

TEXT = f"2024年5月1日12点从A-victim转账50000元到A-mule1 {HOSTILE}"
RAW = "application/octet-stream"


@pytest.fixture(scope="module")
def filed(services):
    with_endpoint(services, "icbc", "https://icbc.example/in")
    return leads.file(services, system_actor(), Report("hotline", TEXT, reporter="王芳 139"))


@pytest.fixture(scope="module")
def case_id(services, filed):
    """An open case that no other test needs to have made."""
    mine = leads.file(services, system_actor(), Report("hotline", "paid to A-mule1"))
    return casefiles.open_from_lead(services, system_actor(), mine.lead_id)


def test_a_lead_is_filed_by_form_and_its_code_reads_the_outcome(client_as, app):
    client = client_as("investigator")
    page = client.post(
        "/leads", data={"source": "hotline", "text": TEXT, "amount": "50,000.00", "reporter": "someone"}
    ).text
    code = re.search(r'id="code">([0-9A-Z-]{19})<', page)[1]
    lead = client.get(re.search(r'href="(/leads/lead-[0-9a-f]+)"', page)[1]).text
    assert "A-collector" in lead and HOSTILE not in lead and "Nothing was read" not in lead
    stranger = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.get("/outcome").text)[1]
    answer = stranger.post("/outcome", data={"code": code, "csrf_token": token})
    assert answer.status_code == 200 and 'id="outcome"' in answer.text and "someone" not in answer.text
    assert stranger.post("/outcome", data={"code": "0000-0000-0000-0000", "csrf_token": token}).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"source": "x", "text": "y"},
        {"source": "staff", "text": " "},
        {"source": "staff", "text": "y", "amount": "1e3x"},
        {"source": "staff", "text": "y", "amount": "1.005"},
    ],
)
def test_a_wrong_form_is_told_and_nothing_is_taken(client_as, form):
    assert client_as("investigator").post("/leads", data=form).status_code == 422


def test_a_lead_opens_in_the_explorer_for_who_may_read_it(client_as, filed):
    officer = client_as("investigator")
    assert f"/explorer?lead={filed.lead_id}" in officer.get(f"/leads/{filed.lead_id}").text
    page = officer.get(f"/explorer?lead={filed.lead_id}").text
    keys = json.loads(html.unescape(re.search(r'data-keys="([^"]*)"', page)[1]))
    assert ["Account", "A-mule1"] in keys and len({tuple(key) for key in keys}) == len(keys)
    assert officer.get("/explorer?lead=lead-none").status_code == 404
    assert client_as("auditor").get(f"/explorer?lead={filed.lead_id}").status_code == 403


def test_a_lead_goes_through_to_a_case(client_as, services, filed):
    officer, chief = client_as("investigator"), client_as("supervisor")
    at = f"/leads/{filed.lead_id}"
    assert officer.post(f"{at}/assign", data={}).status_code == 303
    items = {f"item-{item.seq}": "confirmed" for item in leads.one(services, system_actor(), filed.lead_id).items}
    assert officer.post(f"{at}/verify", data={**items, "kind": "account", "value": "A-collector"}).status_code == 303
    case = officer.post(f"{at}/case", data={}).location
    assert officer.post(f"{at}/case", data={}).status_code == 409
    for verb, data in (
        ("note", {"text": HOSTILE}), ("task", {"title": "call the bank", "due": "2024-05-02T09:30"}), ("victim", {"name": "刘强", "loss": "100.50"}),
        ("link", {"kind": "finding", "target": "F-chain", "reason": "same accounts"}),
    ):  # fmt: skip
        assert officer.post(f"{case}/{verb}", data=data).status_code == 303, verb
    assert officer.post(f"{case}/link", data={"kind": "finding", "target": "F-chain"}).status_code == 409
    assert officer.post(f"{case}/fly", data={}).status_code == 422
    page = officer.get(case).text
    assert (
        "call the bank" in page
        and "05-02 09:30" in page
        and "100.50" in page
        and HOSTILE not in page
        and "supervisor" not in page
    )
    assert (
        officer.post(
            f"{at}/determination", data={"is_fraud": "yes", "typology": "fake_police", "amount": "50000", "grounds": ""}
        ).status_code
        == 422
    )
    said = {"is_fraud": "yes", "typology": "fake_police", "amount": "50000", "grounds": "money followed"}
    assert officer.post(f"{at}/determination", data=said).status_code == 303
    assert officer.post(f"{at}/decision", data={"agrees": "yes"}).status_code == 403
    assert chief.post(f"{at}/decision", data={"agrees": "no", "why": ""}).status_code == 422
    assert chief.post(f"{at}/decision", data={"agrees": "yes"}).status_code == 303


def test_the_reporter_is_sealed_and_each_look_is_on_record(client_as, services, filed):
    assert "王芳 139" not in client_as("investigator").get(f"/leads/{filed.lead_id}").text
    assert client_as("investigator").post(f"/leads/{filed.lead_id}/reporter", data={"why": "x"}).status_code == 403
    chief = client_as("supervisor")
    assert chief.post(f"/leads/{filed.lead_id}/reporter", data={"why": ""}).status_code == 422
    assert "王芳 139" in chief.post(f"/leads/{filed.lead_id}/reporter", data={"why": "ask for the account"}).text
    assert "ask for the account" in chief.get("/audit?action=reporter.read").text


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n....", 303), ("../../x.txt", "转账记录".encode("gb18030"), 303), ("a.zip", b"PK\x03\x04..", 422),
        ("a.pdf", b"<html><script>1</script>", 422), ("a.png", b"MZ\x90", 422), ("a.txt", b"", 422), ("a.txt", b"\x00\xff\x00", 422),
        ("big.txt", b"x" * (20 * 1024 * 1024 + 1), 422), ("huge.txt", b"x" * (21 * 1024 * 1024), 413), ("x.svg", b"<svg onload=1>", 422),
    ],
    ids=["png", "text", "zip", "html", "program", "nothing", "bytes", "big", "huge", "svg"],  # else the bytes are the name
)  # fmt: skip
def test_evidence_is_taken_by_what_it_is(client_as, case_id, name, content, status):
    officer = client_as("investigator")
    answer = officer.post(
        f"/cases/{case_id}/evidence", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code == status, (case_id, re.findall(r'role="alert"[^<]*<?[^<]*', answer.text))
    if status == 303:
        link = re.findall(r'href="(/cases/evidence/[^"]+)"', officer.get(f"/cases/{case_id}").text)[-1]
        got = officer.get(link)
        assert got.data == content and got.headers["Content-Disposition"].startswith("attachment")
        assert got.mimetype == "application/octet-stream"


def test_orders_are_drafted_changed_and_approved_by_another(client_as, services, case_id):
    officer, chief = client_as("investigator"), client_as("supervisor")
    draft = stop_orders.Draft("icbc", "A-mule1", "H", 100_00, "CNY", "T1", 1_714_536_000_000)
    (id,) = stop_orders.draft(services, system_actor(), case_id, [draft])
    assert "A-mule1" in officer.get("/orders?show=draft").text
    assert (
        officer.post(f"/orders/{id}/edit", data={"version": "1", "holder": "H", "amount": "90.00"}).status_code == 303
    )
    assert chief.post(f"/orders/{id}/approve", data={"version": "1"}).status_code == 409  # edited since
    assert chief.post(f"/orders/{id}/approve", data={"version": "x"}).status_code == 422
    assert officer.post(f"/orders/{id}/approve", data={"version": "2"}).status_code == 403
    assert chief.post(f"/orders/{id}/approve", data={"version": "2"}).status_code == 303
    assert chief.post(f"/orders/{id}/approve", data={"version": "2"}).status_code == 409
    for address in (
        f"/orders/{id}",
        "/orders",
        "/orders/ledger",
        "/kpi",
        "/kpi?by=week",
        "/kpi?by=typology",
        "/cases",
        "/leads",
        "/leads?show=all",
    ):
        assert chief.get(address).status_code == 200, address
    assert chief.get("/kpi/csv").data.startswith(b"\xef\xbb\xbfkpi,")
    assert chief.get("/api/v1/kpis?by=region").json["figures"]
    assert chief.get("/leads?after=x").status_code == 422


def test_leads_come_by_api_once(client_as):
    officer = client_as("investigator")
    body = {"source": "agency", "text": "转账到A-mule1", "outside_id": "P-1"}
    first, again = officer.post("/api/v1/leads", json=body), officer.post("/api/v1/leads", json=body)
    assert first.json["code"] and again.json == {"lead_id": first.json["lead_id"], "code": "", "is_repeat": True}
    assert officer.post("/api/v1/leads", json={**body, "text": "other"}).status_code == 409
    assert officer.post("/api/v1/leads", json={**body, "approved_by": "x"}).status_code == 422


def test_each_key_figure_has_its_words(app):
    with app.test_request_context():
        for part in ("definition", "formula"):
            words = {name: str(word) for name, word in CASEWORK[f"kpi_{part}"].items()}
            assert {kpi.name: getattr(kpi, part) for kpi in KPIS} == words


@pytest.mark.parametrize("by", GROUPS)
def test_each_key_figure_is_shown_with_definition_formula_owner_and_a_query_that_runs(client_as, services, filed, by):
    client = client_as("auditor")
    page, sheet = client.get(f"/kpi?by={by}&from=2020-01-01T00:00").text, client.get(f"/kpi/csv?by={by}").data
    rows = list(csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"))))
    told = client.get(f"/api/v1/kpis?by={by}").json
    assert "from=2020-01-01T00" in re.search(r'href="(/kpi/csv[^"]+)"', page)[1]  # the same window
    assert [item["kpi"] for item in told["kpis"]] == [kpi.name for kpi in KPIS]
    for kpi, item in zip(KPIS, told["kpis"], strict=True):
        assert (item["definition"], item["formula"], item["owner"]) == (kpi.definition, kpi.formula, kpi.owner)
        assert escape(kpi.definition) in page and escape(kpi.formula) in page and kpi.owner in page
        with transaction(services.engine) as session:
            read = [(part, whole) for _, part, whole in session.execute(text(item["query"]))]
        figures = [row for row in told["figures"] if row["kpi"] == kpi.name]
        assert [row["part"] for row in figures] == [part or 0 for part, _ in read] or by == "all"
        for row in (row for row in rows if row["kpi"] == kpi.name):
            assert row["definition"] and row["formula"] and row["owner"] and row["query"].startswith("SELECT")


def test_files_come_with_a_lead_and_go_with_it_into_the_case(client_as, services):
    officer = client_as("investigator")
    png, note = b"\x89PNG\r\n\x1a\nreceipt", "转账记录".encode()
    sent = {
        "source": "hotline",
        "text": "paid to A-mule1",
        "files": [(io.BytesIO(png), "a.png"), (io.BytesIO(note), "../n.txt")],
    }
    page = officer.post("/leads", data=sent, content_type="multipart/form-data").text
    lead_id = re.search(r'href="/leads/(lead-[0-9a-f]+)"', page)[1]
    at = f"/leads/{lead_id}"
    links = re.findall(r'href="(/cases/evidence/[^"]+)"', officer.get(at).text)
    assert [officer.get(link).data for link in links] == [png, note]
    assert officer.get(links[0]).headers["Content-Disposition"].startswith("attachment")
    before = len(leads.listed(services, system_actor()))
    wrong = {**sent, "files": [(io.BytesIO(png), "a.png"), (io.BytesIO(b"PK\x03\x04.."), "a.zip")]}
    refused = officer.post("/leads", data=wrong, content_type="multipart/form-data")
    assert refused.status_code == 422 and "paid to A-mule1" in refused.text
    assert len(leads.listed(services, system_actor())) == before  # nothing is taken by halves
    case_id = officer.post(f"{at}/case").headers["Location"].rsplit("/", 1)[1]
    later = {"files": (io.BytesIO(b"%PDF-1.4 later"), "later.pdf")}
    assert officer.post(f"{at}/files", data=later, content_type="multipart/form-data").status_code == 303
    case = officer.get(f"/cases/{case_id}").text
    assert (
        set(links) < set(re.findall(r'href="(/cases/evidence/[^"]+)"', case))
        and "later.pdf" in case
        and "n.txt" in case
    )


def test_files_come_by_api_by_their_bytes_to_leads_of_ones_own(client_as, services):
    officer = client_as("investigator")
    lead_id = officer.post("/api/v1/leads", json={"source": "agency", "text": "x", "outside_id": "F-1"}).json["lead_id"]
    at = f"/api/v1/leads/{lead_id}/files?name=a.pdf"
    assert (
        officer.post(at, data=b"%PDF-1.4 a", content_type=RAW).json["sha256"]
        == hashlib.sha256(b"%PDF-1.4 a").hexdigest()
    )
    for body, code in (
        (b"<html>", "markup"),
        (b"", "empty_file"),
        (b"MZ..", "archive"),
        (b"x" * (20 * 2**20 + 1), "file_too_large"),
    ):
        answer = officer.post(at, data=body, content_type=RAW)
        assert (answer.status_code, answer.json["code"]) == (422, code)
    assert officer.post(at, data=b"x" * (21 * 2**20), content_type=RAW).status_code == 413
    agency = Actor("key-a", "agency-a", frozenset({"agency_system"}))
    with pytest.raises(NotFound):  # somebody else's lead
        evidence.add_to_lead(services, agency, lead_id, "a.txt", b"x")
    own = leads.file(services, agency, Report("agency", "y", outside_id="1"), "api").lead_id
    evidence.add_to_lead(services, agency, own, "a.txt", b"x")
    assert [row.name for row in leads.one(services, system_actor(), own).files] == ["a.txt"]


def test_one_code_is_not_asked_for_from_many_addresses_without_end(services):
    stranger = create_app(services).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.get("/outcome").text)[1]

    def ask(code, address):
        found = stranger.post(
            "/outcome", data={"code": code, "csrf_token": token}, environ_overrides={"REMOTE_ADDR": address}
        )
        return found.status_code

    answers = [ask("1111-2222-3333-4444", f"10.9.0.{number}") for number in range(21)]
    assert answers == [404] * 20 + [429]
    assert ask("1111 2222 3333 4444", "10.9.1.1") == 429  # the same code written otherwise
    assert ask("5555-6666-7777-8888", "10.9.1.1") == 404


def test_who_makes_an_address_chooses_neither_host_nor_scheme_of_the_next_page(app):
    hostile = "/leads?show=all&endpoint=x&values=y&self=z&_external=1&_scheme=javascript&_anchor=a&_method=POST"
    with app.test_request_context(hostile):
        assert keyset.later([(5, "lead-1")], 1) == "/leads?show=all&after=5.lead-1"
        assert paging.pages(50, 50, 50, 200).later == "/leads?show=all&offset=100"


@pytest.fixture
def alerts(services):
    """T-alert is an alert, T-quiet a scored transfer that is none; gone afterwards: the town is everybody's."""
    said = {"number": 1, "decision_id": "D", "key_id": "K", "payer": "A-1", "payee": "A-2", "at_ms": 5, "scored_at_ms": 5,
            "answer": "hold", "score": 0.9, "final": "", "rule_set": "r", "said": "{}", "transfer": '{"currency": "USD"}'}  # fmt: skip
    with transaction(services.engine) as session:
        session.add(ScoredTransferRow(**said, id="T-alert", alert_state="open"))
        session.add(ScoredTransferRow(**{**said, "number": 2}, id="T-quiet", alert_state=""))
    yield
    with transaction(services.engine) as session:
        session.execute(delete(ScoredTransferRow).where(ScoredTransferRow.id.in_(("T-alert", "T-quiet"))))


@pytest.mark.usefixtures("alerts")
def test_a_case_is_opened_from_a_finding_and_an_alert_and_tied_to_nothing_that_is_not_there(client_as):
    officer = client_as("investigator")
    assert 'action="/cases/from/finding"' in officer.get("/findings/F-chain").text
    opened = officer.post("/cases/from/finding", data={"target": "F-chain"})
    assert opened.status_code == 303
    case_id = opened.location.rsplit("/", 1)[1]
    assert "/findings/F-chain" in officer.get(opened.location).text
    joined = officer.post("/cases/from/alert", data={"target": "T-alert", "case_id": case_id})
    assert joined.location.endswith(case_id) and "/alerts/T-alert" in officer.get(joined.location).text
    by_alert = officer.post("/api/v1/cases", json={"alert_id": "T-alert"}).json
    assert (by_alert["title"], by_alert["currency"], by_alert["links"][0]["target"]) == ("A-1 → A-2", "USD", "T-alert")
    for kind, target in (("finding", "F-none"), ("alert", "T-none"), ("alert", "T-quiet"), ("alert", "T" * 99)):
        assert officer.post(f"/cases/from/{kind}", data={"target": target}).status_code == 404
        linked = officer.post(f"/cases/{case_id}/link", data={"kind": kind, "target": target[:64]})
        assert linked.status_code == 404, (kind, target)
    assert officer.post("/cases/from/lead", data={"target": "x"}).status_code == 422
    for wrong in ({}, {"lead_id": "x", "finding_id": "F-chain"}):
        assert officer.post("/api/v1/cases", json=wrong).status_code == 422
    assert client_as("auditor").post("/cases/from/finding", data={"target": "F-chain"}).status_code == 403


def test_times_beyond_the_calendar_leave_pages_readable(client_as, services):
    """23:59 of the last day of 9999 is in the year 10000 eight hours further east."""
    officer = client_as("investigator")
    body = {"source": "hotline", "text": "later", "outside_id": "Z-9999", "occurred_at_ms": 253_402_300_799_999}
    lead = officer.post("/api/v1/leads", json=body).json["lead_id"]
    assert officer.get(f"/leads/{lead}").status_code == 200
    case = officer.post("/api/v1/cases", json={"lead_id": lead}).json["id"]
    task = {"title": "never", "due_at_ms": 253_402_300_799_999}
    assert officer.post(f"/api/v1/cases/{case}/tasks", json=task).status_code == 200
    page = officer.get(f"/cases/{case}")
    assert (page.status_code, "253402300799999 ms" in page.text) == (200, True)
