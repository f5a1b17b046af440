"""Casework in a real browser: every page looked at in both languages, a lead taken to a case, a drill played through."""

from __future__ import annotations

import pytest
from browsing import ARTIFACTS, Watch
from conftest import PASSWORD, serving
from with_endpoint import with_endpoint

from security.roles import Actor, system_actor
from usecases import access, casefiles, leads, people, stop_orders
from usecases.leads import Report
from usecases.stop_orders import Draft

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEXT = "2024年5月1日12点从A-victim转账50000元到A-mule1，对方电话13800138000"


@pytest.fixture
def page(browser):
    return browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()


@pytest.fixture
def casework_server(tmp_path):
    """An installation on SQLite; the day's pages are looked at on PostgreSQL too (test_casework_day_browser.py)."""
    with serving(tmp_path) as live:
        yield live


def test_casework_in_the_browser(page, casework_server):
    ARTIFACTS.mkdir(exist_ok=True)
    home, services = casework_server.url, casework_server.services
    made = people.create(services, system_actor(), "chief", ["supervisor"], "Chief")
    access.change_password(services, made.person.actor("127.0.0.1"), made.password, PASSWORD)
    officer = Actor("u-officer", "officer", frozenset({"investigator"}))
    with_endpoint(services, "icbc", "https://icbc.example/in")
    filed = leads.file(services, officer, Report("police", TEXT))
    case_id = casefiles.open_from_lead(services, officer, filed.lead_id)
    wanted = Draft("icbc", "A-collector", "someone", 470_000, "CNY", "T4", 1_714_536_000_000 + 20 * 60_000, "trace", 3)
    (order_id,) = stop_orders.draft(services, officer, case_id, [wanted])
    watch = Watch(page, home)
    page.goto(home + "/login")
    page.fill("#name", "chief")
    page.fill("#password", PASSWORD)
    page.click("button.btn-primary")
    page.wait_for_url(home + "/")

    page.goto(home + "/leads/new")
    page.fill("#text", TEXT)
    page.fill("#amount", "50000.00")
    page.click("#file")
    page.wait_for_selector("#code")
    code = page.locator("#code").inner_text()
    page.screenshot(path=ARTIFACTS / "casework-filed.png", full_page=True)
    page.click("#filed")
    page.click("#assign")
    page.wait_for_load_state("networkidle")
    page.click("#verify")
    page.wait_for_load_state("networkidle")
    assert "A-collector" in page.content()
    page.goto(f"{home}/orders/{order_id}")
    page.click("#approve")
    page.wait_for_load_state("networkidle")
    pages = {
        "leads": "/leads", "lead": f"/leads/{filed.lead_id}", "cases": "/cases", "case": f"/cases/{case_id}", "orders": "/orders",
        "order": f"/orders/{order_id}", "ledger": "/orders/ledger", "kpi": "/kpi", "drills": "/drills", "outcome": "/outcome",
    }  # fmt: skip
    for name, address in pages.items():
        page.goto(home + address)
        page.screenshot(path=ARTIFACTS / f"casework-{name}.png", full_page=True)
    page.fill("#code", code)
    page.click("main button[type=submit]")
    page.wait_for_selector("#outcome")

    page.goto(home + "/drills")
    page.fill("input[name=seed]", "7")
    page.click("#begin")
    page.wait_for_selector("#order")
    page.screenshot(path=ARTIFACTS / "casework-drill.png", full_page=True)
    for box in page.locator("input[name=account]").all():
        box.check()
    page.click("#order")
    page.wait_for_load_state("networkidle")
    assert "2 min after" in page.locator("#clock").inner_text()
    while page.locator("button[name=order]").count():
        page.locator("button[name=order]").first.click()
        page.wait_for_load_state("networkidle")
    page.click("#wait")
    page.wait_for_load_state("networkidle")
    page.click("#end")
    page.wait_for_selector("#score")
    page.screenshot(path=ARTIFACTS / "casework-drill-score.png", full_page=True)
    assert int(page.locator("#score b").first.inner_text().split(" / ")[0]) > 50
    page.click("button[lang=zh]")
    for name in ("lead", "case", "order", "kpi"):
        page.goto(home + pages[name])
        page.screenshot(path=ARTIFACTS / f"casework-{name}-zh.png", full_page=True)
    assert watch.wrong == []
