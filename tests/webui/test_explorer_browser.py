"""The main job in a real browser: search, expand, a mule chain, time filter, undo, export, the export offline."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from browsing import ARTIFACTS, chromium_with
from conftest import LiveServer
from explorer_pages import Seen, at, drawn, idle, ready, signed_in
from playwright.sync_api import Browser, Page, expect
from small_town import CHAIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_READERS = count(1)
NO_WEBGL = ("--disable-gpu", "--disable-3d-apis")


@pytest.fixture(scope="module", params=["webgl", "canvas"])
def chromium(request: pytest.FixtureRequest) -> Iterator[tuple[Browser, str]]:
    """A browser with WebGL 2 (computed by the processor, so asked for) and one without any."""
    with chromium_with(*(() if request.param == "webgl" else NO_WEBGL)) as launched:
        yield launched, request.param


@pytest.fixture
def page(chromium: tuple[Browser, str], shared_server: LiveServer) -> Iterator[tuple[Page, Seen, str]]:
    """A page of an investigator, whose tab draws by this renderer."""
    launched, kind = chromium
    seen = Seen()
    # a person of this test's own: a chosen language is remembered
    opened = signed_in(launched, shared_server, f"reader{next(_READERS)}", "investigator", seen=seen)
    opened.on("console", lambda said: seen.errors.append(said.text) if said.type == "error" else None)
    opened.goto(f"/explorer?renderer={kind}")
    yield opened, seen, kind
    assert seen.errors == [] and seen.strangers == []
    assert opened.evaluate("window.ran") is None, "a name ran as script"
    opened.context.close()


def _say(page: Page) -> str:
    return page.locator(".rt-status").inner_text()


def test_search_expand_hide_undo(page: tuple[Page, Seen, str]) -> None:
    opened, _seen, kind = page
    opened.goto("/explorer")
    assert opened.locator("[data-explorer]").get_attribute("data-renderer") == kind
    opened.keyboard.press("Tab")
    opened.locator(".rt-stage").focus()
    opened.keyboard.press("/")
    opened.keyboard.type("A-mule1")
    opened.locator(".rt-search [role=option]").first.wait_for()
    opened.keyboard.press("Enter")
    ready(opened, 1)
    opened.keyboard.press("e")
    dialog = opened.get_by_role("dialog")
    expect(dialog).to_contain_text("TRANSFER")
    counts = dialog.locator(".rt-group b").all_inner_texts()
    assert counts and all(text.replace(",", "").isdigit() for text in counts), "counts come before anything is loaded"
    opened.screenshot(path=ARTIFACTS / f"explorer-expand-{kind}.png")
    dialog.get_by_role("button", name="Expand", exact=True).click()
    expect(opened.locator("[data-explorer]")).not_to_have_attribute("data-nodes", "1")
    idle(opened)
    nodes = int(opened.locator("[data-explorer]").get_attribute("data-nodes") or 0)
    assert drawn(opened) > 20, "the stage is not blank"
    opened.locator(".rt-table-grid tbody tr", has_text="A-victim").or_(
        opened.locator(".rt-table-grid tbody tr", has_text="王芳")
    ).first.click()
    expect(opened.locator(".rt-details")).to_contain_text("A-victim")
    opened.locator(".rt-stage").focus()
    opened.keyboard.press("h")
    ready(opened, nodes - 1)
    expect(opened.get_by_role("button", name="Hidden: 1")).to_be_enabled()
    opened.keyboard.press("Control+z")
    ready(opened, nodes)
    opened.keyboard.press("Control+y")
    ready(opened, nodes - 1)
    opened.get_by_role("button", name="Hidden: 1").click()
    opened.get_by_role("menuitem", name="Show all again").click()
    ready(opened, nodes)
    for _step in range(20):
        opened.keyboard.press("Control+z")
    ready(opened, 0)
    opened.keyboard.press("Control+y")
    ready(opened, 1)


def test_mule_chain_time_filter_pin_path_and_offline_export(
    page: tuple[Page, Seen, str], chromium: tuple[Browser, str], tmp_path: Path
) -> None:
    opened, _seen, kind = page
    opened.goto(f"/explorer?finding={CHAIN}")
    ready(opened, 5)
    assert opened.locator(".rt-select").first.input_value() == "layers"
    assert drawn(opened) > 20
    victim, collector = at(opened, "Account", "A-victim"), at(opened, "Account", "A-collector")
    assert victim[0] < collector[0], "money flows left to right"
    opened.screenshot(path=ARTIFACTS / f"explorer-chain-{kind}.png")

    opened.mouse.click(*victim)
    expect(opened.locator(".rt-details")).to_contain_text("A-victim")
    opened.keyboard.down("Shift")
    opened.mouse.click(*collector)
    opened.keyboard.up("Shift")
    expect(opened.locator(".rt-details")).to_contain_text("2 selected")
    opened.mouse.click(*collector, button="right")
    opened.get_by_role("menuitem", name="Shortest path").click()
    opened.get_by_role("dialog").get_by_label("Direction").select_option("along")
    opened.get_by_role("dialog").get_by_role("button", name="Find").click()
    expect(opened.locator(".rt-status")).to_contain_text("1 shortest path of 2 steps")

    opened.locator(".rt-stage").focus()
    opened.keyboard.press("k")
    high = opened.get_by_label("Time to")
    high.focus()
    for _step in range(6):
        opened.keyboard.press("PageDown")
    expect(opened.locator(".rt-counts")).to_contain_text("leave out")
    assert "leave out" in _say(opened)
    fewer = int(opened.locator("[data-explorer]").get_attribute("data-lines") or 0)
    assert 0 < fewer < 5
    opened.screenshot(path=ARTIFACTS / f"explorer-filtered-{kind}.png")
    opened.get_by_role("button", name="Reset").click()
    ready(opened, 5)

    opened.get_by_role("button", name="Export").click()
    with opened.expect_download() as download:
        opened.get_by_role("menuitem", name="Web page").click()
    saved = tmp_path / "chain.html"
    download.value.save_as(saved)
    _open_offline(chromium[0], saved, kind)


def _open_offline(browser: Browser, saved: Path, kind: str) -> None:
    """The exported page draws with no connection, asks for nothing and runs nothing of the data."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(saved.as_uri())
    page.wait_for_selector("body[data-drawn]")
    assert page.get_attribute("body", "data-drawn") == "5"
    page.locator("#list button").first.click()
    assert page.locator("#details dt").count() > 1
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("window.ran") is None
    page.screenshot(path=ARTIFACTS / f"export-chain-{kind}.png")
    context.close()


def test_double_click_drag_and_details(page: tuple[Page, Seen, str]) -> None:
    opened, _seen, _kind = page
    opened.goto(f"/explorer?finding={CHAIN}")
    ready(opened, 5)
    before = at(opened, "Account", "A-mule2")
    opened.mouse.move(*before)
    opened.mouse.down()
    opened.mouse.move(before[0] + 30, before[1] + 60, steps=5)
    opened.mouse.up()
    idle(opened)
    moved = at(opened, "Account", "A-mule2")
    assert abs(moved[0] - before[0] - 30) < 4 and abs(moved[1] - before[1] - 60) < 4
    expect(opened.get_by_role("button", name="Undo move")).to_be_enabled()
    opened.mouse.dblclick(*at(opened, "Account", "A-mule2"))
    expect(opened.locator("[data-explorer]")).not_to_have_attribute("data-nodes", "5")
    opened.get_by_role("tab", name="Relationships").click()
    opened.locator(".rt-table-grid tbody tr").first.click()
    expect(opened.locator(".rt-details")).to_contain_text("50,000.00 CNY")
    expect(opened.locator(".rt-details")).to_contain_text("2024-05-01 12:00:00")


def test_embedded_on_the_finding_page_and_in_chinese(page: tuple[Page, Seen, str]) -> None:
    opened, _seen, kind = page
    opened.goto(f"/findings/{CHAIN}")
    ready(opened, 5)
    opened.locator("button[name=language][value=zh]").click()
    opened.goto(f"/explorer?finding={CHAIN}")
    ready(opened, 5)
    expect(opened.locator(".rt-left")).to_contain_text("图例")
    expect(opened.locator(".rt-left")).to_contain_text("账户")
    opened.screenshot(path=ARTIFACTS / f"explorer-zh-{kind}.png")


def test_an_error_is_said_in_the_status_line(page: tuple[Page, Seen, str]) -> None:
    opened, seen, _kind = page
    opened.goto("/explorer?finding=no-such-finding")
    expect(opened.locator(".rt-status .rt-bad")).to_contain_text("no finding")
    seen.errors.clear()  # the browser itself reports the 404
