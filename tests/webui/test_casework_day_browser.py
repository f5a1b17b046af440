"""The day in the browser, on both databases: a victim's call, orders, part of it frozen, the next hop, money returned, the code.

Two people at two browsers; the bank, the outbox and the clock are the scenario's (tests/chase.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread

import pytest
import small_town
from browsing import ARTIFACTS, Watch
from chase import Clock, Day, ScenarioMoney, scenario
from conftest import PASSWORD
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from security.roles import system_actor
from usecases import access, people
from webui.app import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEXT = "我在2024年5月1日11点30分被冒充公安的人骗了，从6222020200012345678转账五万元到M-1001，对方电话13800138000。"


@dataclass
class Desk:
    """One person at a browser."""

    page: Page
    watch: Watch
    home: str

    def open(self, address: str) -> Desk:
        self.page.goto(self.home + address)
        return self

    def click(self, selector: str) -> Desk:
        with self.page.expect_navigation():
            self.page.click(selector)
        return self

    def picture(self, name: str) -> None:
        self.page.screenshot(path=ARTIFACTS / f"casework-day-{name}.png", full_page=True)

    def shows(self, *words: str) -> bool:
        said = self.page.locator("main").inner_text()
        return all(word in said for word in words)


@contextmanager
def open_house(day: Day, browser: Browser) -> Iterator[dict[str, Desk]]:
    """The day's house behind a socket, with an officer and a chief signed in."""
    app = create_app(day.services, {"RATELIMIT_ENABLED": False})
    signing = SecureCookieSessionInterface().get_signing_serializer(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}"
    desks = {}
    for name, role in (("officer", "investigator"), ("chief", "supervisor")):
        made = people.create(day.services, system_actor(), name, [role], name.title())
        access.change_password(day.services, made.person.actor("127.0.0.1"), made.password, PASSWORD)
        signed = access.sign_in(day.services, name, PASSWORD, "127.0.0.1")
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "ringtrace", "value": signing.dumps({"sid": signed.token}), "url": home}])
        page = context.new_page()
        desks[name] = Desk(page, Watch(page, home), home)
    try:
        yield desks
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def day(tmp_path, database_url) -> Iterator[Day]:
    """The scenario over a fresh installation whose graph is the small town."""
    built = small_town.build(tmp_path, database_url=database_url)
    bank, clock = scenario(), Clock()
    made = Day.over(replace(built, clock=clock, money=ScenarioMoney(bank)), bank, clock)
    yield made
    built.store.close()
    made.close()


def test_a_day_from_the_call_to_money_returned_in_the_browser(day, browser):
    ARTIFACTS.mkdir(exist_ok=True)
    with open_house(day, browser) as desks:
        officer, chief = desks["officer"], desks["chief"]
        officer.open("/leads/new")
        officer.page.fill("#text", TEXT)
        officer.page.fill("#reporter", "王芳 13900139000")
        officer.click("#file")
        code = officer.page.locator("#code").inner_text()
        officer.click("#filed").click("#assign").click("#verify")
        lead = officer.page.url.removeprefix(officer.home)
        assert officer.shows("M-2002", "29,000.00", "M-3003", "20,000.00") and not officer.shows("王芳")
        officer.picture("lead")
        officer.page.uncheck("input[name=account][value=M-1001]")
        officer.click("#order")
        for account in ("M-2002", "M-3003"):
            chief.open("/orders?show=draft").click(f"a:has-text('{account}')").click("#approve")
        day.pass_time(5)
        assert day.run() == ["applied", "applied"]

        officer.open("/orders?show=frozen_part").click("a:has-text('M-2002')")
        assert officer.shows("12,000.00", "M-4004", "17,000.00")
        officer.picture("order-frozen-part")
        officer.click("#next").click("a:has-text('M-4004')")
        chief.open(officer.page.url.removeprefix(officer.home)).click("#approve")
        assert day.run() == ["applied"]
        day.pass_time(100)

        case = officer.open(lead).page.locator("#case").get_attribute("href")
        officer.open(case)
        officer.page.fill("form[action$='/victim'] [name=name]", "刘强")
        officer.page.fill("form[action$='/victim'] [name=loss]", "25000")
        officer.page.fill("form[action$='/victim'] [name=account]", "6222020200099999999")
        officer.click("form[action$='/victim'] button")
        officer.page.fill("form[action$='/pay-to'] [name=account]", "6222020200012345678")
        officer.click("form[action$='/pay-to'] button")
        officer.open("/orders/ledger")
        assert officer.shows("12,000.00", "17,050.00", "17,000.00")
        officer.picture("ledger-held")
        officer.open(case).click("form[action$='/return'] button")
        assert officer.shows("30,700.00", "15,350.00")
        chief.open(case).click("form[action$='/approve-return'] button")
        assert set(day.run()) == {"applied"}
        officer.open(case)
        assert officer.shows("46,050.00", "28,950.00")  # returned, not found
        officer.picture("case-returned")
        officer.open("/orders/ledger").picture("ledger-returned")
        assert officer.page.locator("main tbody tr").count() == 3

        officer.open(lead)
        officer.page.fill("form[action$='/determination'] [name=amount]", "50000")
        officer.page.fill("form[action$='/determination'] [name=grounds]", "money followed to three banks")
        officer.click("form[action$='/determination'] button")
        chief.open(lead).click("button[name=agrees][value=yes]")
        chief.open("/kpi")
        assert chief.shows("61.4 %", "46,050.00", "75,000.00", "5.0")
        chief.picture("kpi")
        chief.open("/kpi?by=week")
        assert chief.shows("2024-W18")
        officer.page.context.clear_cookies()  # the reporter has no account
        officer.open("/outcome")
        officer.page.fill("#code", code)
        officer.click("main button[type=submit]")
        assert officer.shows("30,700.00")
        officer.picture("outcome")
        assert officer.watch.wrong == [] and chief.watch.wrong == []
