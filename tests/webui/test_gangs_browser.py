"""Gangs and areas in a real browser, both languages and both themes; screenshots are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import gang_town
import pytest
from browsing import ARTIFACTS, Watch
from conftest import LiveServer
from gang_town import GANG
from test_web_browser import sign_in
from werkzeug.serving import make_server

from usecases import people
from webui.app import create_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WALK = {"gangs": "/gangs", "gang": f"/gangs/{GANG}", "areas": "/areas"}


@pytest.fixture(params=["ladybug", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def gang_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    told = {}
    if request.param == "neo4j":
        request.getfixturevalue("neo4j_store")  # emptied
        server_there = request.getfixturevalue("neo4j_settings")
        told = {"store": "neo4j", "neo4j_uri": server_there.neo4j_uri, "neo4j_password": server_there.neo4j_password}
    services = gang_town.build(tmp_path / "gangs", **told)
    password = people.create_first_admin(services)
    assert password is not None
    server = make_server("127.0.0.1", 0, create_app(services, {"RATELIMIT_ENABLED": False}), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield LiveServer(f"http://127.0.0.1:{server.server_port}", services, password)
    server.shutdown()
    thread.join(10)
    services.store.close()
    services.engine.dispose()


def test_gangs_in_the_browser(browser, gang_server):
    ARTIFACTS.mkdir(exist_ok=True)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-GB")
    page = context.new_page()
    watch = Watch(page, gang_server.url)
    sign_in(page, gang_server.url, gang_server.admin_password)
    for suffix in ("", "-zh-dark"):
        for name, address in WALK.items():
            page.goto(gang_server.url + address)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=ARTIFACTS / f"web-{name}{suffix}.png", full_page=True)
            assert page.evaluate("window.ran") is None, name
            wide = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
            assert wide, f"{name} scrolls sideways"
        page.click("button[lang=zh]")
        page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(gang_server.url + WALK["gang"])
    page.wait_for_load_state("networkidle")
    page.screenshot(path=ARTIFACTS / "web-gang-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "phone"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(gang_server.url + "/gangs")
    page.click(f"text={GANG}")
    page.wait_for_url(f"**/gangs/{GANG}")
    assert page.locator("svg.rt-days rect").count() == 4
    assert page.locator("table.rt-heat").count() >= 3
    assert watch.wrong == []
