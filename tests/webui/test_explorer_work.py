"""A day's work in a real browser: limits, money, exploring, undo of everything, thousands of nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import ARTIFACTS
from explorer_pages import STATE, Open, at, chain, drawn, idle, pick, ready, status, still, until
from playwright.sync_api import Page, expect

from webui import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_is_silently_partial(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    pick(page, "王芳")
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".rt-sum")).to_contain_text("3 relationships to 3 nodes")
    expect(dialog).to_contain_text("50,000 CNY".replace("50,000", "50K"))
    page.keyboard.press("Escape")
    pick(page, "invoice")  # the collector: two in, one out, a phone
    page.keyboard.press("e")
    dialog.get_by_label("At most, each").fill("1")
    dialog.get_by_role("button", name="Expand", exact=True).click()
    expect(page.locator(".rt-limits")).to_be_hidden()  # both transfers in are on the canvas already
    page.goto("/explorer")
    page.get_by_role("combobox", name="Search").fill("phone:138")
    page.locator(".rt-search [role=option]").first.wait_for()
    page.get_by_role("combobox", name="Search").fill("A-collector")
    page.keyboard.press("Enter")  # at once, while the list still answers the phone: the collector comes
    ready(page, 1)
    assert page.evaluate(
        "() => [...document.querySelector('[data-explorer]').ringtraceExplorer.core.state.nodes.keys()]"
    ) == ["Account:A-collector"]
    page.locator(".rt-stage").focus()
    page.keyboard.press("e")
    dialog.get_by_label("At most, each").fill("1")
    dialog.get_by_role("button", name="Expand", exact=True).click()
    expect(status(page)).to_contain_text("showing 1 of 2")
    expect(page.locator(".rt-limits")).to_contain_text("TRANSFER")
    idle(page)
    page.screenshot(path=ARTIFACTS / "work-connector.png")
    page.locator(".rt-limits").click()
    dialog.get_by_role("button", name="Show more").click()
    dialog.get_by_role("button", name="All, up to 2,000").click()
    expect(page.locator(".rt-limits")).to_be_hidden()


def test_money_flow_bands_play_trace_and_what_can_still_be_stopped(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    page.goto("/explorer?label=Account&id=A-victim")
    idle(page)
    pick(page, "王芳")
    page.keyboard.press("d")
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Money flow")).to_have_attribute("aria-pressed", "true")
    idle(page)
    xs = [at(page, "Account", id)[0] for id in ("A-victim", "A-mule1", "A-mule2", "A-cash")]
    assert xs == sorted(xs), "bands run from victim to cash-out"
    page.screenshot(path=ARTIFACTS / "work-flow.png")
    lines = page.locator("[data-explorer]").get_attribute("data-lines")
    page.get_by_role("button", name="To the start").click()
    assert int(page.locator("[data-explorer]").get_attribute("data-lines") or 0) < int(lines or 0), (
        "only the first moment"
    )
    page.get_by_role("button", name="Next moment").click()
    page.get_by_role("button", name="Play").click()
    expect(page.locator("[data-explorer]")).to_have_attribute("data-lines", lines or "", timeout=25_000)
    pick(page, "王芳")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("50,000.00 CNY")
    for wanted in ("Still within reach", "can still catch it", "ATM 0012"):
        expect(dialog).to_contain_text(wanted)
    page.screenshot(path=ARTIFACTS / "work-reachable.png")


def test_the_way_of_a_single_transfer(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    page.locator(".rt-stage").focus()
    page.keyboard.press("x")
    expect(status(page)).to_contain_text("select a line of money")
    page.get_by_role("tab", name="Relationships").click()
    page.locator(".rt-table-grid tbody tr", has_text="29,000").first.click()
    page.locator(".rt-details").get_by_role("button", name="Way of this transfer").click()
    expect(status(page)).to_contain_text("1 can have fed it, 2 can have carried it on")
    path = "() => [...document.querySelector('[data-explorer]').ringtraceExplorer.core.state.path].sort()"
    assert page.evaluate(path) == [f"TRANSFER:{id}" for id in ("T1", "T2", "T4", "T5")]
    still(page)
    page.screenshot(path=ARTIFACTS / "work-way.png")
    page.locator(".rt-stage").focus()
    page.keyboard.press("Control+z")
    assert page.evaluate(path) == []
    page.keyboard.press("x")
    expect(status(page)).to_contain_text("2 can have carried it on")


def test_paths_with_options_and_a_plain_answer_when_there_is_none(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    pick(page, "王芳", "ATM")
    page.keyboard.press("p")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Direction").select_option("against")
    dialog.get_by_role("button", name="Find").click()
    expect(dialog.locator(".rt-sum")).to_contain_text("No path within 6 steps. Try any direction")
    dialog.get_by_label("Direction").select_option("along")
    dialog.get_by_role("button", name="Find").click()
    expect(status(page)).to_contain_text("1 shortest path of 3 steps")


def test_exploring_groups_layouts_lasso_keyboard_and_undo_of_all_of_it(sign_in: Open) -> None:
    page = sign_in("ana", "analyst")
    page.goto("/explorer?label=Device&id=D1")
    idle(page)
    before = page.locator("[data-explorer]").get_attribute("data-nodes")
    page.get_by_label("Group by").select_option("device")
    expect(page.locator("[data-explorer]")).not_to_have_attribute("data-nodes", before or "")
    page.get_by_role("button", name="Undo group").click()
    expect(page.locator("[data-explorer]")).to_have_attribute("data-nodes", before or "")
    for layout in ("hierarchy", "layers", "radial", "circle", "map", "force"):
        page.get_by_label("Layout", exact=True).select_option(layout)
        idle(page)
        assert drawn(page) > 20, layout
    page.locator(".rt-stage").focus()
    page.keyboard.press("Control+a")
    expect(page.locator(".rt-details")).to_contain_text("selected")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".rt-details")).not_to_contain_text("Nothing selected")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    box = page.locator(".rt-lasso").bounding_box()
    assert box
    corners = [
        (10, 10),
        (box["width"] - 10, 10),
        (box["width"] - 10, box["height"] - 10),
        (10, box["height"] - 10),
        (10, 12),
    ]
    page.mouse.move(box["x"] + corners[0][0], box["y"] + corners[0][1])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
    page.mouse.up()
    expect(status(page)).to_contain_text(f"{before} nodes inside")
    page.get_by_role("button", name="Account", exact=False).filter(has=page.locator(".rt-swatch")).first.click(
        modifiers=["Shift"]
    )
    page.get_by_role("button", name="Undo legend").click()
    expect(page.locator("[data-explorer]")).to_have_attribute("data-nodes", before or "")
    page.locator(".rt-stage").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("c")
    expect(status(page)).to_contain_text("nodes taken off")


ACTIONS = (Path(build.SOURCE) / "src/actions.ts").read_text("utf-8")
#: Actions that ask first: what is pressed in their dialog.
ANSWERS = {"expand": "Expand", "down": "Follow", "up": "Follow", "path": "Find", "note": "Put it"}
#: Actions that change only what is looked at or open something to read: no step, nothing to take back.
LOOKS = {
    "inspect", "page", "copy", "others", "reachable", "selectKind", "selectAll", "lasso", "locate", "fit", "legend", "table", "names", "cypher", "search",
    "undo", "redo", "history", "help", "escape",
}  # fmt: skip


def test_undo_takes_back_every_action_exactly_and_redo_brings_it_again(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    for key in ("h", "n"):  # something is hidden, and something has been expanded
        pick(page, "ATM" if key == "h" else "王芳")
        page.keyboard.press(key)
        idle(page)
    tried = set()
    for id, key in re.findall(r'\{ id: "(\w+)", word: "\w+"(?:, key: "([^"]+)")?', ACTIONS):
        if id in LOOKS:
            tried.add(id)
            continue
        if id == "trail":
            page.get_by_role("tab", name="Relationships").click()
            page.locator(".rt-table-grid tbody tr").first.click()
            page.locator(".rt-stage").focus()
        else:
            pick(page, *(("王芳", "invoice") if id == "path" else ("王芳",)))
        before, steps = page.evaluate(STATE)
        if key:
            page.keyboard.press(key)
        else:
            _by_the_menu(page, id)
        if id in ANSWERS:
            dialog = page.get_by_role("dialog")
            if id == "note":
                dialog.locator("textarea").fill("seen")
            dialog.get_by_role("button", name=ANSWERS[id], exact=True).click()
        until(page, f"{MORE_STEPS}({steps})")
        idle(page)
        after, now = page.evaluate(STATE)
        page.locator(".rt-stage").focus()
        for _step in range(now - steps):
            page.keyboard.press("Control+z")
        assert page.evaluate(STATE) == [before, steps], f"undo of {id}"
        for _step in range(now - steps):
            page.keyboard.press("Control+y")
        assert page.evaluate(STATE) == [after, now], f"redo of {id}"
        for _step in range(now - steps):
            page.keyboard.press("Control+z")
        tried.add(id)
    assert len(tried) == ACTIONS.count("{ id: "), "every action of the list"
    _undo_of_controls(page)


CHOSEN = "(all) => all.map((one) => one.value)"


def _undo_of_controls(page: Page) -> None:
    """Every choice of the toolbar's lists, the legend and the emptying of the canvas, taken back with all the toolbar says."""
    lists = page.locator(".rt-toolbar select")
    choices: list[Callable[[], None]] = []
    for index in range(lists.count()):
        now = lists.nth(index).input_value()
        for value in lists.nth(index).locator("option").evaluate_all(CHOSEN):
            if value != now:
                choices.append(lambda index=index, value=value: lists.nth(index).select_option(value))
    for entry in range(page.locator("button.rt-entry").count()):
        choices.append(lambda entry=entry: page.locator("button.rt-entry").nth(entry).click())
    choices.append(lambda: page.get_by_role("button", name="Clear the canvas").click())
    assert len(choices) > 12
    for choose in choices:
        (before, steps), looks = page.evaluate(STATE), lists.evaluate_all(CHOSEN)
        choose()
        until(page, f"{MORE_STEPS}({steps})")
        idle(page)
        after = page.evaluate(STATE)
        assert after[0] != before
        page.locator(".rt-stage").focus()
        page.keyboard.press("Control+z")
        assert page.evaluate(STATE) == [before, steps] and lists.evaluate_all(CHOSEN) == looks
        page.keyboard.press("Control+y")
        assert page.evaluate(STATE) == after
        page.keyboard.press("Control+z")


MORE_STEPS = "((steps) => document.querySelector('[data-explorer]').ringtraceExplorer.core.history.log.done > steps)"


def _by_the_menu(page: Page, id: str) -> None:
    assert id == "fold"
    box = page.locator(".rt-stage").bounding_box()
    assert box
    page.mouse.click(box["x"] + 15, box["y"] + 15, button="right")
    page.get_by_role("menuitem", name="Fold parallel relationships").click()


def test_a_pasted_list_comes_at_once_and_the_selection_is_turned_round_and_copied(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/explorer")
    box = page.get_by_role("combobox", name="Search")
    box.evaluate("""(input) => { const data = new DataTransfer(); data.setData("text/plain", "A-mule1\\nA-mule2\\n13800138000\\nnobody");
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""")
    expect(status(page)).to_contain_text("3 of 4 found. Not found exactly: nobody (1).")
    ready(page, 3)
    page.evaluate("() => document.querySelector('[data-explorer]').ringtraceExplorer.core.select(['Account:A-mule1'])")
    page.locator(".rt-stage").focus()
    page.keyboard.press("Shift+A")
    picked = "() => [...document.querySelector('[data-explorer]').ringtraceExplorer.core.picked].sort()"
    assert page.evaluate(picked) == ["Account:A-mule2", "Phone:+8613800138000"]
    page.keyboard.press("Control+c")
    expect(status(page)).to_contain_text("2 ids copied")
    assert sorted(page.evaluate("navigator.clipboard.readText()").split("\n")) == ["+8613800138000", "A-mule2"]
    page.keyboard.press("Control+z")
    expect(status(page)).to_contain_text("Taken back: add")


def test_thousands_of_nodes_are_drawn_moved_and_picked_without_a_graphics_card(sign_in: Open) -> None:
    """A worker paints them: the picture follows the hand, is painted anew where it went, and answers clicks."""
    page = sign_in("ines", "investigator")
    page.goto("/explorer?renderer=canvas")
    page.evaluate(MANY)
    still(page)
    until(page, "document.querySelector('.rt-crowd')?.width > 1")
    assert drawn(page) > 20
    box = page.locator(".rt-stage").bounding_box()
    assert box
    before = at(page, "Account", "N0")
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 68, box["y"] + 38, steps=4)
    page.mouse.up()
    still(page)
    moved = at(page, "Account", "N0")
    assert abs(moved[0] - before[0] - 60) < 1 and abs(moved[1] - before[1] - 30) < 1
    # painted anew at the new place: the last picture is no longer shifted
    until(page, "document.querySelector('.rt-crowd').style.transform === 'translate(0px, 0px) scale(1)'")
    page.mouse.move(*moved)
    expect(page.locator(".rt-hover")).to_have_text("N0")
    page.mouse.click(*moved)
    expect(page.locator(".rt-details")).to_contain_text("N0")
    page.screenshot(path=ARTIFACTS / "work-thousands.png")


MANY = """() => {
  const nodes = Array.from({ length: 2000 }, (_, i) => ({ label: i % 7 ? 'Account' : 'Phone', id: `N${i}`, properties: {} }));
  const key = (i) => [nodes[i].label, nodes[i].id];
  nodes[0].label = 'Account';
  const rels = Array.from({ length: 3000 }, (_, i) => ({ type: 'TRANSFER', id: `t${i}`, start: key(i % 2000), end: key((i * 37 + 11) % 2000), properties: { amount_minor: 100 + i, currency: 'CNY', at_ms: 1700000000000 + i } }));
  const places = new Map(nodes.map((node, i) => [`${node.label}:${node.id}`, { x: (i % 50) * 40, y: Math.floor(i / 50) * 40 }]));
  document.querySelector('[data-explorer]').ringtraceExplorer.loadGraph({ nodes, rels }, places);
}"""


def test_every_disabled_action_says_why_and_help_lists_the_keys(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    page.locator(".rt-stage").focus()
    page.keyboard.press("p")
    expect(status(page)).to_contain_text("select at least two nodes")
    victim = at(page, "Account", "A-victim")
    page.mouse.click(*victim, button="right")
    menu = page.get_by_role("menu")
    for entry in menu.locator('[aria-disabled="true"]').all():
        assert len(entry.locator(".rt-why-not").inner_text()) > 5
    expect(menu).to_contain_text("your role may not run Cypher") if menu.get_by_text("Open as Cypher").count() else None
    page.keyboard.press("Escape")
    page.locator(".rt-stage").focus()
    page.keyboard.press("?")
    for key in ("F", "L", "N", "P", "E", "I", "H", "Shift+H", "G", "T", "/", "Ctrl+Z", "Ctrl+Y", "Esc"):
        expect(page.get_by_role("dialog").locator("kbd", has_text=key).first).to_be_visible()
    page.screenshot(path=ARTIFACTS / "work-help.png")
    page.keyboard.press("Escape")
    page.locator(".rt-stage").focus()
    page.keyboard.press("g")
    expect(page.locator(".rt-left")).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator(".rt-right")).to_be_hidden()
