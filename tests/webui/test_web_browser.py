"""A person's day in a real browser: signs in, changes the password, walks every page; nothing leaves the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import ARTIFACTS, Watch
from conftest import PASSWORD
from playwright.sync_api import Page
from small_town import CHAIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WALK = {
    "overview": "/", "search": "/search?q=A-", "findings": "/findings", "finding": f"/findings/{CHAIN}",
    "account": "/node?label=Account&id=A-mule1", "explorer": f"/explorer?finding={CHAIN}", "audit": "/audit",
    "people": "/people", "settings": "/me", "api": "/api/docs",
}  # fmt: skip
#: Pages that ask for more once they are there; waiting for silence takes half a second a page.
ASKING = {"finding", "account", "explorer", "api"}


def sign_in(page: Page, home: str, password: str) -> None:
    page.goto(home)
    page.screenshot(path=ARTIFACTS / "web-login.png")
    page.fill("#name", "admin")
    page.fill("#password", password)
    page.click("button.btn-primary")
    assert page.url.endswith("/me/password")
    for field, text in (("#old", password), ("#new", PASSWORD), ("#again", PASSWORD)):
        page.fill(field, text)
    page.click("button.btn-primary")
    page.wait_for_url(home + "/")


def walk(page: Page, home: str, suffix: str) -> None:
    for name, address in WALK.items():
        page.goto(home + address)
        if name in ASKING:
            page.wait_for_load_state("networkidle")
        page.screenshot(path=ARTIFACTS / f"web-{name}{suffix}.png", full_page=name not in ("explorer", "api"))
        assert page.evaluate("window.ran") is None, name


def test_a_day_in_the_browser(browser, live_server):
    ARTIFACTS.mkdir(exist_ok=True)
    home = live_server.url
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-GB")
    page = context.new_page()
    watch = Watch(page, home)
    sign_in(page, home, live_server.admin_password)
    walk(page, home, "")
    assert watch.wrong == []

    page.goto(home + "/")
    page.locator("[data-quick]").press_sequentially("A-mu")
    page.wait_for_selector(".rt-hit")
    page.screenshot(path=ARTIFACTS / "web-suggest.png")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/node?*")
    assert "A-mule" in page.locator("h1").inner_text()

    page.goto(home + "/console")
    page.fill("#cypher", "MATCH (a:Account)-[t:TRANSFER]->(b:Account) RETURN a, t, b.name AS name LIMIT 20")
    page.press("#cypher", "Control+Enter")
    page.wait_for_selector("text=Rows")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=ARTIFACTS / "web-console.png", full_page=True)
    with page.expect_download() as download:
        page.click("button[formaction$='/csv']")
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    assert page.evaluate("window.ran") is None

    page.click("button[lang=zh]")
    page.emulate_media(color_scheme="dark")
    walk(page, home, "-zh-dark")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    assert watch.wrong == []

    page.locator(".rt-side-foot button").click()
    page.wait_for_url("**/login")
    page.goto(home + "/findings")
    assert "/login?next=" in page.url
    assert watch.wrong == []
    context.close()
