"""Scoring in a real browser: propose a rule, back-test, approve as another person, see it fire, release the hold."""

from __future__ import annotations

import threading

import pytest
import requests
import small_town
from browsing import ARTIFACTS, Watch
from conftest import PASSWORD
from playwright.sync_api import Page
from werkzeug.serving import make_server

from core.clock import now_ms
from security.roles import system_actor
from usecases import access, api_keys, bootstrap, people
from webui.fast_transfers import FastTransfers
from webui.serve import wsgi

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def served(tmp_path, database_url):
    """(address, services, a bank's key) of an installation that scores."""
    services = bootstrap.with_scoring(small_town.build(tmp_path, database_url=database_url))
    services.scoring.start()
    for name, role in (("ana", "analyst"), ("sup", "supervisor")):
        made = people.create(services, system_actor(), name, [role], name)
        access.change_password(services, made.person.actor(""), made.password, PASSWORD)
    key = api_keys.create(services, system_actor(), "core banking", "bank_system", 5)
    app = wsgi(services)
    assert isinstance(app, FastTransfers)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", services, key.text
    server.shutdown()
    thread.join(10)
    bootstrap.close(services)


def sign_in(page: Page, home: str, name: str) -> None:
    page.goto(home + "/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.btn-primary")
    page.wait_for_url(home + "/")


def test_a_rule_goes_from_proposal_to_a_released_hold(browser, served):
    home, _, key = served
    ARTIFACTS.mkdir(exist_ok=True)
    first = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = first.new_page()
    watch = Watch(page, home)
    sign_in(page, home, "ana")
    page.goto(home + "/rules")
    page.screenshot(path=ARTIFACTS / "scoring-rules.png", full_page=True)
    rules = page.locator("textarea").input_value()
    assert "cross_border: {score: 0.3}" in rules
    page.fill("textarea", rules.replace("cross_border: {score: 0.3}", "cross_border: {score: 0.75}"))
    page.fill("input[name=note]", "cross-border payments of scam victims")
    page.get_by_role("button", name="Propose", exact=True).click()
    page.wait_for_url("**/rules/1")
    page.click("[data-back-test]")
    page.wait_for_selector("[data-report]")
    page.screenshot(path=ARTIFACTS / "scoring-rule-set.png", full_page=True)
    assert page.get_by_role("button", name="Approve").count() == 0, "nobody approves their own proposal"
    assert "6 transfers" in page.locator("[data-report]").inner_text()
    assert watch.wrong == []
    first.close()

    second = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = second.new_page()
    watch = Watch(page, home)
    sign_in(page, home, "sup")
    page.goto(home + "/rules/1")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_selector("[data-state=approved]")

    transfer = {"id": "X-1", "payer": "A-clean", "payee": "A-abroad", "amount_minor": 600_000, "currency": "CNY",
                "at_ms": now_ms(), "payee_country": "MM"}  # fmt: skip
    answer = requests.post(
        home + "/api/v1/transfers", json=transfer, headers={"Authorization": f"Bearer {key}"}, timeout=60
    ).json()
    assert answer["answer"] == "hold" and "cross_border" in {hit["rule"] for hit in answer["hits"]}, answer
    assert answer["rule_set"].startswith("v1-")

    page.goto(home + "/alerts")
    page.screenshot(path=ARTIFACTS / "scoring-alerts.png", full_page=True)
    page.locator("[data-alert=X-1] a", has_text="Open").click()
    page.wait_for_selector("text=leave the country")
    page.get_by_role("link", name="Open in the explorer").click()
    page.wait_for_selector('[data-explorer][data-nodes="1"]:not([data-busy])')  # the payee is not known here
    page.goto(home + "/holds")
    page.screenshot(path=ARTIFACTS / "scoring-holds.png", full_page=True)
    page.locator(f"[data-hold={answer['hold']['id']}] a", has_text="Open").click()
    page.fill("input[name=note]", "the customer called back and knows the payee")
    page.screenshot(path=ARTIFACTS / "scoring-hold.png", full_page=True)
    page.get_by_role("button", name="Release").click()
    page.wait_for_selector("[data-state=released]")
    for name in ("lists", "warnings"):
        page.goto(f"{home}/{name}")
        page.screenshot(path=ARTIFACTS / f"scoring-{name}.png", full_page=True)
    page.click("button[lang=zh]")
    page.goto(home + "/holds?which=all")
    page.screenshot(path=ARTIFACTS / "scoring-holds-zh.png", full_page=True)
    assert "已放行" in page.locator("main").inner_text()
    assert watch.wrong == []
    second.close()
    told = requests.get(home + "/api/v1/transfers/X-1", headers={"Authorization": f"Bearer {key}"}, timeout=60).json()
    for _ in range(40):
        if told["final"] == "settled":
            break
        told = requests.get(
            home + "/api/v1/transfers/X-1", headers={"Authorization": f"Bearer {key}"}, timeout=60
        ).json()
    assert told["final"] == "settled"
