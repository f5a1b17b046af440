"""The explorer over Neo4j in a real browser: what the store answers is counted, followed, joined and stopped as on the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ARTIFACTS, chromium_with
from conftest import serving
from explorer_pages import Seen, at, idle, pick, ready, signed_in
from playwright.sync_api import Page, expect
from small_town import CHAIN

from core.settings import Settings
from graph.budget import budget
from graph.stores.neo4j import Neo4jStore
from usecases import asking

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(neo4j_store: Neo4jStore, neo4j_settings: Settings, tmp_path: Path) -> Iterator[Page]:
    neo4j_store.wipe()
    seen = Seen()
    told = {
        "store": "neo4j",
        "neo4j_uri": neo4j_settings.neo4j_uri,
        "neo4j_password": neo4j_settings.neo4j_password,
    }
    with serving(tmp_path / "served", **told) as live, chromium_with() as chromium:  # type: ignore[arg-type]
        yield signed_in(chromium, live, "ines", "analyst", seen=seen)
    assert seen.errors == [] and seen.strangers == []


def test_an_investigation_on_neo4j(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog, said = page.get_by_role("dialog"), page.locator(".rt-status-text")
    page.goto("/explorer")
    page.get_by_role("combobox", name="Search").fill("phone:138")
    expect(page.locator(".rt-search [role=option]")).to_have_count(1)
    page.get_by_role("combobox", name="Search").fill("A-collector")
    page.keyboard.press("Enter")  # at once, while the list still answers the phone: the collector comes
    ready(page, 1)

    page.locator(".rt-stage").focus()
    page.keyboard.press("e")
    dialog.get_by_label("At most, each").fill("1")
    dialog.get_by_role("button", name="Expand", exact=True).click()
    expect(said).to_contain_text("showing 1 of 2")
    idle(page)
    page.screenshot(path=ARTIFACTS / "neo4j-connector.png")
    page.locator(".rt-limits").click()
    dialog.get_by_role("button", name="Show more").click()
    dialog.get_by_role("button", name="All, up to 2,000").click()
    expect(page.locator(".rt-limits")).to_be_hidden()

    page.goto(f"/explorer?finding={CHAIN}")
    ready(page, 5)
    pick(page, "王芳", "ATM")
    page.keyboard.press("p")
    dialog.get_by_role("button", name="Find").click()
    expect(said).to_contain_text("1 shortest path of 3 steps")

    page.goto("/explorer?label=Account&id=A-victim")
    idle(page)
    pick(page, "王芳")
    page.keyboard.press("d")
    dialog.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Money flow")).to_have_attribute("aria-pressed", "true")
    idle(page)
    xs = [at(page, "Account", id)[0] for id in ("A-victim", "A-mule1", "A-mule2", "A-cash")]
    assert xs == sorted(xs), "bands run from victim to cash-out"
    expect(page.locator(".rt-legend")).to_contain_text("50,000.00 CNY")
    expect(page.locator(".rt-table-grid tbody tr", has_text="ATM 0012")).to_contain_text("✓ can still catch it")
    page.screenshot(path=ARTIFACTS / "neo4j-flow.png")
    pick(page, "王芳")
    page.keyboard.press("r")
    expect(dialog).to_contain_text("50,000.00 CNY")
    expect(dialog).to_contain_text("can still catch it")
    page.keyboard.press("Escape")

    with monkeypatch.context() as patch:
        patch.setattr(asking, "budget", lambda _seconds: budget(0))
        pick(page, "王芳")
        page.keyboard.press("e")
        expect(dialog).to_contain_text("Stopped at the limit of time or memory")
        expect(dialog.get_by_role("button", name="Last 30 days")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "neo4j-stopped.png")


def test_a_view_the_console_and_files_on_neo4j(page: Page, tmp_path: Path) -> None:
    said, dialog = page.locator(".rt-status-text"), page.get_by_role("dialog")
    page.goto(f"/explorer?finding={CHAIN}")
    ready(page, 5)
    page.get_by_label("Style").select_option("role")
    page.get_by_role("tab", name="Relationships").click()
    page.locator(".rt-table-grid tbody tr", has_text="29,000").first.click()
    page.locator(".rt-stage").focus()
    page.keyboard.press("x")
    expect(said).to_contain_text("2 can have carried it on")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save the view", exact=True).click()
    dialog.get_by_label("Title").fill("Chain on the server")
    dialog.get_by_role("button", name="Save the view").click()
    page.wait_for_url("**/explorer?view=*")
    page.reload()
    ready(page, 5)
    expect(page.locator(".rt-view-title")).to_contain_text("Chain on the server")
    expect(page.get_by_label("Style")).to_have_value("role")
    path = "() => document.querySelector('[data-explorer]').ringtraceExplorer.core.state.path.size"
    assert page.evaluate(path) == 4, "the way drawn strong comes back"

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="JSON (complete").click()
    saved = tmp_path / "view.json"
    download.value.save_as(saved)
    page.goto("/explorer")
    page.get_by_role("button", name="Export").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Open a Ringtrace JSON file").click()
    chooser.value.set_files(saved)
    expect(said).to_contain_text("5 nodes found here, 0 not")
    ready(page, 5)

    pick(page, "王芳")
    with page.expect_popup() as popup:
        page.keyboard.press("y")
    console = popup.value
    expect(console.locator(".cm-content")).to_contain_text("MATCH")
    expect(console.locator(".cm-content")).not_to_contain_text(
        "f.title"
    )  # the example gives way to what was handed over
    console.get_by_role("button", name="Run").click()
    expect(console.locator(".rt-panel", has=console.get_by_role("heading", name="Rows"))).to_contain_text("5 ·")
    console.locator(".cm-content").click()
    console.keyboard.press("Control+a")
    console.keyboard.type("MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE a.id = $id RETURN a, t, b")
    console.fill("input[name=title]", "Money out")
    console.get_by_role("button", name="Keep").first.click()
    console.get_by_label("Offer it in the right-click menu of").select_option("Account")
    console.get_by_label("Parameter that takes the id").select_option("id")
    console.locator("form", has_text="Tags").get_by_role("button", name="Keep").click()
    console.fill("#params", '{"id": "A-victim"}')
    console.get_by_role("button", name="Plan").click()
    expect(console.locator("pre")).to_contain_text("ProduceResults")
    console.screenshot(path=ARTIFACTS / "neo4j-console.png")
    page.bring_to_front()  # a tab behind another draws no frames
    page.goto("/explorer?label=Account&id=A-clean")
    idle(page)
    page.mouse.click(*at(page, "Account", "A-clean"), button="right")
    page.get_by_role("menuitem", name="Money out").click()
    expect(said).to_contain_text("Money out:")
