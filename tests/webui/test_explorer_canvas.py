"""In a real browser: what a stop-payment order could still reach, named styles, and a view that keeps all of the canvas."""

from __future__ import annotations

import json
import re
from pathlib import Path

from conftest import LiveServer
from explorer_pages import ARTIFACTS, idle, pick, ready
from playwright.sync_api import Page, expect
from test_explorer_work import STATE, Open, chain, chromium, pytestmark, sign_in, status  # noqa: F401  (fixtures)

#: What stands on the canvas beside each account, by its id: the sign, and the words of the last line.
REACHED = """() => { const { core } = document.querySelector('[data-explorer]').ringtraceExplorer;
  return Object.fromEntries([...(core.reach?.rows ?? [])].map(([key, rows]) => [key, rows.map((row) => [row.left_minor, row.reachable, row.why])])); }"""


def flow(page: Page) -> None:
    page.get_by_role("button", name="Money flow").click()
    idle(page)


def test_money_mode_says_what_an_order_could_still_reach(sign_in: Open, tmp_path: Path) -> None:  # noqa: F811
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


def test_whose_money_is_looked_for_can_be_chosen_and_an_unknown_victim_is_said(sign_in: Open) -> None:  # noqa: F811
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


def test_a_view_keeps_style_and_path_and_opens_as_it_was(sign_in: Open, shared_server: LiveServer) -> None:  # noqa: F811
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
    before = _kept(page)
    page.screenshot(path=ARTIFACTS / "canvas-style.png")
    page.reload()
    ready(page, 5)
    expect(page.get_by_label("Style")).to_have_value("role")
    assert _kept(page) == before
    page.keyboard.press("Control+z")  # opening is a step like any other


def _kept(page: Page) -> dict[str, object]:
    state = json.loads(page.evaluate(STATE)[0])
    names = ("hidden", "pinned", "filter", "mode", "fold", "groupBy", "look", "path", "diff", "asOf", "openGroups")
    assert state["path"]["set"] and state["pinned"]["set"]
    places = {key: [round(at["x"]), round(at["y"])] for key, at in state["places"]["map"]}
    return {name: state[name] for name in names} | {"places": places, "rels": sorted(key for key, _ in state["rels"]["map"])}  # fmt: skip


def _json_file(page: Page, folder: Path) -> dict:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile(r"^JSON \(complete")).click()
    download.value.save_as(folder / "graph.json")
    return json.loads((folder / "graph.json").read_text("utf-8"))
