"""In a real browser: what a stop-payment order could still reach, named styles, and a view that keeps all of the canvas."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browsing import ARTIFACTS
from conftest import LiveServer
from explorer_pages import STATE, Open, at, chain, idle, pick, ready, status, still
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
#: What stands on the canvas beside each account, by its id: the sign, and the words of the last line.
REACHED = """() => { const { core } = document.querySelector('[data-explorer]').ringtraceExplorer;
  return Object.fromEntries([...(core.reach?.rows ?? [])].map(([key, rows]) => [key, rows.map((row) => [row.left_minor, row.reachable, row.why])])); }"""


def flow(page: Page) -> None:
    page.get_by_role("button", name="Money flow").click()
    idle(page)


def test_money_mode_says_what_an_order_could_still_reach(sign_in: Open, tmp_path: Path) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    legend = page.locator(".rt-legend")
    expect(legend).not_to_contain_text("Stop payment")
    flow(page)
    expect(legend).to_contain_text("50,000.00 CNY")
    expect(legend).to_contain_text("Money of 王芳")
    left = page.evaluate(REACHED)
    assert sum(row[0] for rows in left.values() for row in rows) == 5_000_000, "nothing taken is lost"
    assert left["Account:A-cash"] == [[4_700_000, True, ""]]
    row = page.locator(".rt-table-grid tbody tr", has_text="ATM 0012")
    expect(row).to_contain_text("✓ can still catch it")
    row.click()
    expect(page.locator(".rt-details")).to_contain_text("47,000.00 CNY")
    page.screenshot(path=ARTIFACTS / "canvas-reach.png")
    exported = _json_file(page, tmp_path)
    cash = next(node for node in exported["nodes"] if node["id"] == "A-cash")
    assert cash["properties"]["within_reach_minor"] == 4_700_000 and cash["properties"]["reach_currency"] == "CNY"
    # with the money at 12:08 only, it lies elsewhere; what was said before is not said of this
    page.evaluate(
        "() => { const { core } = document.querySelector('[data-explorer]').ringtraceExplorer; core.run({ do: 'asOf', asOf: { atMs: Date.parse('2024-05-01T12:08:00+08:00'), kind: 'happened' } }); }"
    )
    expect(legend).to_contain_text("as of 2024-05-01 12:08:00")
    assert page.evaluate(REACHED)["Account:A-mule1"][0][0] == 2_100_000
    page.get_by_label("What an order could still reach").uncheck()
    expect(legend).not_to_contain_text("can still catch it")
    assert page.evaluate(REACHED) == {}


def test_whose_money_is_looked_for_can_be_chosen_and_an_unknown_victim_is_said(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    page.goto("/explorer?label=Account&id=A-mule1")
    idle(page)
    flow(page)
    expect(page.locator(".rt-legend")).to_contain_text("Nobody here is known as a victim")
    chain(page)
    pick(page, "invoice")  # the collector's money: it went to the cash machine
    page.keyboard.press("r")
    page.get_by_role("dialog").get_by_label("Which money leaves first").select_option("traced_first")
    page.get_by_role("button", name="Show it on the canvas").click()
    expect(page.get_by_role("button", name="Money flow")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".rt-legend")).to_contain_text("the traced money (lower bound)")
    expect(page.locator(".rt-legend")).to_contain_text("47,000.00 CNY")


def test_a_view_keeps_style_and_path_and_opens_as_it_was(sign_in: Open, shared_server: LiveServer) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    page.get_by_label("Style").select_option("role")
    expect(page.locator(".rt-legend")).to_contain_text("Colours: role")
    page.get_by_role("tab", name="Relationships").click()
    page.locator(".rt-table-grid tbody tr", has_text="29,000").first.click()
    page.locator(".rt-stage").focus()
    page.keyboard.press("x")
    expect(status(page)).to_contain_text("2 can have carried it on")
    pick(page, "ATM")
    page.keyboard.press("k")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save the view", exact=True).click()
    page.get_by_role("dialog").get_by_label("Title").fill("Way of 29,000")
    page.get_by_role("dialog").get_by_role("button", name="Save the view").click()
    page.wait_for_url("**/explorer?view=*")
    before, stood = _kept(page), _places(page)
    page.screenshot(path=ARTIFACTS / "canvas-style.png")
    page.reload()
    ready(page, 5)
    expect(page.get_by_label("Style")).to_have_value("role")
    assert _kept(page) == before
    assert all(abs(now - then) < 0.06 for now, then in zip(_places(page), stood, strict=True)), "to a tenth"
    page.keyboard.press("Control+z")  # opening is a step like any other


def _places(page: Page) -> list[float]:
    places = sorted(json.loads(page.evaluate(STATE)[0])["places"]["map"])
    return [number for _key, at in places for number in (at["x"], at["y"])]


def _kept(page: Page) -> dict[str, object]:
    state = json.loads(page.evaluate(STATE)[0])
    names = ("hidden", "pinned", "filter", "mode", "fold", "groupBy", "look", "path", "diff", "asOf", "openGroups")
    assert state["path"]["set"] and state["pinned"]["set"]
    return {name: state[name] for name in names} | {"rels": sorted(key for key, _ in state["rels"]["map"])}  # fmt: skip


def _json_file(page: Page, folder: Path) -> dict:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile(r"^JSON \(complete")).click()
    download.value.save_as(folder / "graph.json")
    return json.loads((folder / "graph.json").read_text("utf-8"))


def test_filters_by_amount_and_score_the_hidden_list_the_overview_and_a_picture_without_names(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    board = page.locator("[data-explorer]")
    page.get_by_role("spinbutton", name="Amount from").fill("30000")
    page.get_by_role("spinbutton", name="Amount from").press("Enter")
    expect(page.locator(".rt-counts")).to_contain_text("filters leave out 3 relationships and 1 node")
    page.get_by_role("button", name="Undo filter").click()
    ready(page, 5)
    score = "() => { const { core } = document.querySelector('[data-explorer]').ringtraceExplorer; core.run({ do: 'bring', name: 'aAdd', found: [{ nodes: [{ label: 'Account', id: 'A-mule1', properties: { score: 0.9 } }, { label: 'Account', id: 'A-mule2', properties: { score: 0.3 } }], rels: [] }] }); }"
    page.evaluate(score)
    low = page.get_by_label("Score from")
    low.focus()
    for _step in range(6):
        page.keyboard.press("PageUp")
    ready(page, 4)
    expect(page.locator(".rt-counts")).to_contain_text("and 1 node")
    page.get_by_role("button", name="Reset").click()
    ready(page, 5)

    hidden = page.locator(".rt-toolbar button", has_text="Hidden:")
    hidden.focus()  # greyed, yet the keyboard gets there
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("nothing is hidden")
    pick(page, "王芳", "ATM")
    page.keyboard.press("h")
    ready(page, 3)
    expect(hidden).to_have_text("Hidden: 2")
    hidden.click()
    page.get_by_role("menuitem", name="Show again: 王芳").click()
    ready(page, 4)
    expect(hidden).to_have_text("Hidden: 1")
    page.keyboard.press("Shift+H")
    ready(page, 5)

    page.locator(".rt-stage").focus()
    page.keyboard.press("b")
    expect(status(page)).to_contain_text("press B to show them again")
    named = "() => document.querySelector('[data-explorer]').ringtraceExplorer.core"
    assert page.evaluate(f"({named})().labels") is False and page.evaluate(f"({named})().amounts") is False
    assert "blur" in page.locator(".rt-right").evaluate("(side) => getComputedStyle(side).filter")
    page.screenshot(path=ARTIFACTS / "canvas-no-names.png")
    page.keyboard.press("b")
    assert page.evaluate(f"({named})().labels") is True
    expect(board).to_have_attribute("data-nodes", "5")

    more = "() => { const { core } = document.querySelector('[data-explorer]').ringtraceExplorer; core.run({ do: 'bring', name: 'aAdd', found: [{ nodes: Array.from({ length: 12 }, (_, i) => ({ label: 'Phone', id: `P${i}`, properties: {} })), rels: [] }] }); core.renderer.fit(); }"
    page.evaluate(more)  # an overview is worth its room from a dozen nodes on
    ready(page, 17)
    small = page.locator(".rt-minimap")
    expect(small).to_be_hidden()  # all of it is on screen: the overview would only lie on the drawing
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
    expect(small).to_be_visible()
    before = at(page, "Account", "A-mule1")
    box = small.bounding_box()
    assert box
    page.mouse.click(box["x"] + 8, box["y"] + box["height"] / 2)
    still(page)
    assert at(page, "Account", "A-mule1")[0] > before[0] + 20, "the left end of the drawing is in the middle now"


def test_a_note_on_a_line_a_copy_of_a_shared_view_and_two_views_compared(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    colleague = sign_in("sam", "supervisor")
    chain(page)
    page.get_by_role("tab", name="Relationships").click()
    page.locator(".rt-table-grid tbody tr", has_text="29,000").first.click()
    page.locator(".rt-stage").focus()
    page.keyboard.press("o")
    page.get_by_role("dialog").get_by_label("Mark").select_option("star")
    page.get_by_role("dialog").locator("textarea").fill("Half of it at once")
    page.get_by_role("button", name="Put it").click()
    expect(page.locator(".rt-noted")).to_contain_text("important: Half of it at once")
    _view(page, "Save the view", "Whole chain")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Share", exact=True).click()
    page.get_by_role("dialog").get_by_label("supervisor").check()
    page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    expect(status(page)).to_contain_text("shared with role:supervisor")

    colleague.bring_to_front()  # a tab behind another draws no frames
    colleague.goto(page.url)
    ready(colleague, 5)
    colleague.get_by_role("tab", name="Relationships").click()
    colleague.locator(".rt-table-grid tbody tr", has_text="29,000").first.click()
    expect(colleague.locator(".rt-noted footer")).to_contain_text("ines")
    pick(colleague, "ATM")
    colleague.keyboard.press("Delete")
    ready(colleague, 4)
    _view(colleague, "Save as a copy", "Without the cash machine")
    expect(colleague.locator(".rt-view-title")).to_have_text("Without the cash machine")
    colleague.get_by_role("button", name="Views").click()
    colleague.get_by_role("menuitem", name="Open a view").click()
    row = colleague.get_by_role("dialog").locator("li", has_text="Whole chain")
    expect(row).to_contain_text("ines")
    row.get_by_role("button", name="Compare").click()
    expect(status(colleague)).to_contain_text("compared: 0 added (+), 2 gone (−), 0 changed (~)")
    ready(colleague, 5)
    colleague.screenshot(path=ARTIFACTS / "canvas-compared.png")


def _view(page: Page, entry: str, title: str) -> None:
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name=entry, exact=True).click()
    page.get_by_role("dialog").get_by_label("Title").fill(title)
    page.get_by_role("dialog").get_by_role("button", name="Save the view").or_(
        page.get_by_role("dialog").get_by_role("button", name=entry)
    ).last.click()
    expect(status(page)).to_contain_text(f"{title} saved")
