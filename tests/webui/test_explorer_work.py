"""A day's work in a real browser, part by part: limits, money, exploring, views, Cypher and back, keys, files, languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import LiveServer
from explorer_pages import ARTIFACTS, CHROMIUM, Seen, at, browser, drawn, idle, pick, ready, signed_in, still, until
from optional_parts import missing
from playwright.sync_api import Browser, Page, expect
from small_town import CHAIN

from graph.budget import budget
from usecases import explore, privacy
from webui import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("chromium", "needs /usr/bin/chromium")
    build.build()
    with browser() as launched:
        yield launched


@pytest.fixture
def sign_in(chromium: Browser, shared_server: LiveServer) -> Iterator[Open]:
    """Opens a page of a person with these roles; at the end no page may have had an error or asked another site."""
    seen = Seen()

    def opened(name: str, *roles: str, **options: object) -> Page:
        return signed_in(chromium, shared_server, name, *roles, seen=seen, **options)

    yield opened
    for context in chromium.contexts:
        for page in context.pages:
            assert page.evaluate("window.ran") is None, "a name ran as script"
        context.close()
    assert seen.errors == [] and seen.strangers == []


def chain(page: Page, nodes: int = 5) -> None:
    page.goto(f"/explorer?finding={CHAIN}")
    ready(page, nodes)


def status(page: Page):
    return page.locator(".rt-status-text")


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


#: Everything the canvas holds, as text: two states are the same exactly when these are. With it, steps in effect.
STATE = """() => { const { core } = document.querySelector('[data-explorer]').ringtraceExplorer;
  return [JSON.stringify(core.state, (_, v) => v instanceof Map ? { map: [...v] } : v instanceof Set ? { set: [...v] } : v), core.history.log.done]; }"""
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


MORE_STEPS = "((steps) => document.querySelector('[data-explorer]').ringtraceExplorer.core.history.log.done > steps)"


def _by_the_menu(page: Page, id: str) -> None:
    assert id == "fold"
    box = page.locator(".rt-stage").bounding_box()
    assert box
    page.mouse.click(box["x"] + 15, box["y"] + 15, button="right")
    page.get_by_role("menuitem", name="Fold parallel relationships").click()


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


def test_a_view_is_kept_shared_opened_read_only_and_draws_what_is_gone(
    sign_in: Open, shared_server: LiveServer
) -> None:
    page = sign_in("ines", "investigator")
    colleague = sign_in("tom", "task_force")
    chain(page)
    pick(page, "王芳")
    page.keyboard.press("o")
    page.get_by_role("dialog").locator("textarea").fill("Called at 12:01 <b>twice</b>")
    page.get_by_role("button", name="Put it").click()
    expect(page.locator(".rt-noted")).to_contain_text("Called at 12:01 <b>twice</b>")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save the view", exact=True).click()
    page.get_by_role("dialog").get_by_label("Title").fill("Chain of Wang Fang")
    page.get_by_role("dialog").get_by_role("button", name="Save the view").click()
    expect(status(page)).to_contain_text("Chain of Wang Fang saved")
    page.wait_for_url("**/explorer?view=*")
    address = page.url
    colleague.goto(address)
    expect(status(colleague)).to_contain_text("not shared with you")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Share", exact=True).click()
    page.get_by_role("dialog").get_by_label("Tom (tom)").check()
    page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    expect(status(page)).to_contain_text("shared with tom")
    colleague.goto(address)
    ready(colleague, 5)
    expect(colleague.locator(".rt-view-title")).to_contain_text("read-only, by ines")
    colleague.locator(".rt-table-grid tbody tr", has_text="王芳").first.click()
    expect(colleague.locator(".rt-noted")).to_contain_text("ines")
    colleague.get_by_role("button", name="Views").click()
    expect(colleague.get_by_role("menuitem", name="Share")).to_contain_text("save it as a view of your own first")
    _a_node_that_is_gone(page, shared_server)


def _a_node_that_is_gone(page: Page, live_server: LiveServer) -> None:
    """The stored view names a node the graph does not have: drawn dashed, counted, never dropped."""
    from sqlalchemy import text

    with live_server.services.engine.begin() as connection:
        document = json.loads(
            connection.execute(text("SELECT document FROM saved_view WHERE NOT is_draft")).scalar_one()
        )
        document["nodes"].append({"label": "Account", "id": "A-vanished", "x": 0, "y": 200})
        connection.execute(text("UPDATE saved_view SET document = :d WHERE NOT is_draft"), {"d": json.dumps(document)})
    page.reload()
    ready(page, 6)
    expect(status(page)).to_contain_text("1 node is no longer in the graph and drawn dashed")
    expect(page.locator(".rt-limits")).to_contain_text("gone or restricted")
    page.screenshot(path=ARTIFACTS / "work-ghost.png")


def test_the_last_canvas_is_kept_and_two_dates_are_compared(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    with page.expect_response("**/api/v1/views/draft"):
        page.get_by_label("Layout", exact=True).select_option("circle")
    page.goto("/explorer")
    page.get_by_role("button", name="Continue the last canvas").click()
    ready(page, 5)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Past time, or compare two dates").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("At this time").fill("2024-05-01T12:08:00")
    dialog.get_by_label("Compare with this time (optional)").fill("2024-05-01T12:30:00")
    dialog.get_by_role("button", name="Show").click()
    expect(status(page)).to_contain_text("added (+)")
    page.screenshot(path=ARTIFACTS / "work-compare.png")
    page.get_by_role("button", name="Undo open").click()
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Past time, or compare two dates").click()
    dialog.get_by_label("At this time").fill("2024-05-01T12:08:00")
    dialog.get_by_role("button", name="Show").click()
    expect(status(page)).to_contain_text("as of 2024-05-01 12:08:00")
    expect(page.locator("[data-explorer]")).to_have_attribute("data-lines", "2")


def test_from_a_click_to_cypher_and_back_and_to_a_detector(sign_in: Open) -> None:
    page = sign_in("ana", "analyst")
    chain(page)
    pick(page, "王芳")
    with page.expect_popup() as popup:
        page.keyboard.press("y")
    console = popup.value
    expect(console.locator(".cm-content")).to_contain_text("MATCH (a:Account)-[r:TRANSFER]->(b:Account)")
    console.get_by_role("button", name="Run").click()
    expect(console.locator(".rt-panel", has=console.get_by_role("heading", name="Rows"))).to_contain_text("5 ·")
    console.locator(".cm-content").wait_for()  # the page's script has run: the button works
    with console.expect_popup() as back:
        console.get_by_role("button", name="Open in the explorer").click()
    ready(back.value, 5)
    console.locator(".cm-content").click()
    console.keyboard.press("Control+a")
    console.keyboard.type("MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE a.id = $id RETURN a, t, b")
    console.fill("input[name=title]", "Money out")
    console.get_by_role("button", name="Keep").first.click()
    console.get_by_label("Tags, separated by commas").fill("money, first look")
    console.get_by_label("Offer it in the right-click menu of").select_option("Account")
    console.get_by_label("Parameter that takes the id").select_option("id")
    console.locator("form", has_text="Tags").get_by_role("button", name="Keep").click()
    expect(console.locator(".rt-list")).to_contain_text("first look")
    console.fill("#params", '{"id": "A-victim"}')
    console.get_by_role("button", name="Plan").click()
    expect(console.locator("pre")).to_contain_text("PROJECTION")
    console.screenshot(path=ARTIFACTS / "work-console.png")
    page.bring_to_front()  # a tab behind another draws no frames
    page.goto("/explorer?label=Account&id=A-clean")
    idle(page)
    page.mouse.click(*at(page, "Account", "A-clean"), button="right")
    page.get_by_role("menuitem", name="Money out").click()
    expect(status(page)).to_contain_text("Money out:")
    _proposed_and_approved(page, sign_in("sam", "supervisor"))


def _proposed_and_approved(page: Page, second: Page) -> None:
    page.goto("/console/detectors")
    page.fill("input[name=name]", "large_transfers")
    page.fill("input[name=title]", "Large transfer")
    page.fill("textarea[name=reason]", "More than 40,000 at once")
    page.locator(".cm-content").click()
    page.keyboard.type("MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE t.amount_minor > 4000000 RETURN a, t, b")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator(".rt-panel").first).to_contain_text("Somebody else must decide on your proposal.")
    second.goto("/console/detectors")
    second.get_by_role("button", name="Approve").click()
    expect(second.locator(".rt-panel").first).to_contain_text("runs on each load")


def test_files_leave_and_our_own_comes_back(sign_in: Open, tmp_path: Path) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    for name, start in (
        ("PNG picture", b"\x89PNG"),
        ("PDF document", b"%PDF-"),
        ("Excel workbook", b"PK"),
        ("SVG picture", b"<?xml"),
        ("JSON (complete", b"{"),
    ):
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=name).click()
        saved = tmp_path / f"file{len(list(tmp_path.iterdir()))}"
        download.value.save_as(saved)
        assert saved.read_bytes().startswith(start), name
    page.goto("/explorer")
    for file, said in (
        (saved, "5 nodes found here, 0 not"),
        (_bad(tmp_path, "a.json", "{"), "ringtrace-graph"),
        (_bad(tmp_path, "b.json", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'), "XML"),
        (_bad(tmp_path, "c.json", "x" * 2_200_000), "larger than 2 MiB"),
    ):
        page.get_by_role("button", name="Export").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("menuitem", name="Open a Ringtrace JSON file").click()
        chooser.value.set_files(file)
        expect(status(page)).to_contain_text(said)
    ready(page, 5)


def test_a_stopped_question_says_so_and_offers_narrower_ones(sign_in: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    page = sign_in("ines", "investigator")
    chain(page)
    pick(page, "王芳")
    with monkeypatch.context() as patch:
        patch.setattr(explore, "budget", lambda _seconds: budget(0))
        page.keyboard.press("e")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Stopped at the limit of time or memory")
        for offer in ("Last 30 days", "Last 7 days", "10,000 and more"):
            expect(dialog.get_by_role("button", name=offer)).to_be_visible()
        page.screenshot(path=ARTIFACTS / "work-stopped.png")
    dialog.get_by_role("button", name="10,000 and more").click()
    expect(dialog.locator(".rt-sum")).to_contain_text("relationships to")
    page.keyboard.press("Escape")
    with monkeypatch.context() as patch:
        patch.setattr(explore, "budget", lambda _seconds: budget(0))
        pick(page, "王芳", "ATM")
        page.keyboard.press("p")
        dialog.get_by_role("button", name="Find").click()
        expect(dialog.or_(status(page)).filter(has_text="Narrow it by type").first).to_be_visible()


def test_names_of_ten_thousand_letters_or_right_to_left_break_nothing(sign_in: Open) -> None:
    page = sign_in("ines", "investigator")
    page.goto("/explorer")
    page.evaluate(ODD_NAMES)
    ready(page, 3)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), "nothing hangs over the edge"
    for id in ("long", "arabic", "turned"):
        page.mouse.click(*at(page, "Account", id))
        expect(page.locator(".rt-details")).to_contain_text(id)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), id
    assert "\u202e" not in page.locator(".rt-explorer").inner_text(), "what turns the reading round is written out"
    page.screenshot(path=ARTIFACTS / "work-odd-names.png")


ODD_NAMES = """() => {
  const names = { long: 'W'.repeat(10000), arabic: '\u0645\u062d\u0645\u062f \u0639\u0644\u064a', turned: 'pay\u202egnp.exe' };
  const nodes = Object.entries(names).map(([id, name]) => ({ label: 'Account', id, properties: { name } }));
  const rel = (id, a, b) => ({ type: 'TRANSFER', id, start: ['Account', a], end: ['Account', b], properties: { amount_minor: 100, currency: 'CNY', at_ms: 1700000000000 } });
  const places = new Map(nodes.map((node, i) => [`Account:${node.id}`, { x: i * 300, y: 0 }]));
  document.querySelector('[data-explorer]').ringtraceExplorer.loadGraph({ nodes, rels: [rel('1', 'long', 'arabic'), rel('2', 'arabic', 'turned')] }, places);
}"""


def test_a_stale_view_is_said_and_restricted_nodes_are_dashed_and_counted(
    sign_in: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = sign_in("ines", "investigator")
    page.goto("/explorer?view=view-no-such")
    expect(status(page)).to_contain_text("view")
    expect(page.locator(".rt-status .rt-bad")).to_be_visible()
    chain(page)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save the view", exact=True).click()
    page.get_by_role("dialog").get_by_label("Title").fill("Not all for everybody")
    page.get_by_role("dialog").get_by_role("button", name="Save the view").click()
    page.wait_for_url("**/explorer?view=*")
    monkeypatch.setattr(privacy, "may_see", lambda _actor, key: key[1] != "A-cash")
    page.reload()
    ready(page, 5)
    expect(status(page)).to_contain_text("1 node is restricted for you and drawn dashed")
    expect(page.locator(".rt-limits")).to_contain_text("1 node is gone or restricted")
    assert "ATM 0012" not in page.locator(".rt-explorer").inner_text()
    page.screenshot(path=ARTIFACTS / "work-restricted.png")


def _bad(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize(("size", "name"), [((1280, 720), "1280"), ((3840, 2160), "4k"), ((390, 844), "phone")])
def test_chinese_dark_and_every_screen(sign_in: Open, size: tuple[int, int], name: str) -> None:
    page = sign_in("mei", "investigator", viewport={"width": size[0], "height": size[1]}, color_scheme="dark")
    page.goto("/explorer")
    page.locator("button[name=language][value=zh]").click()
    chain(page)
    expect(page.locator(".rt-toolbar")).to_contain_text("资金流")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), "nothing hangs over the edge"
    page.screenshot(path=ARTIFACTS / f"work-zh-dark-{name}.png")
    page.goto(f"/findings/{CHAIN}")
    ready(page, 5)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), (
        "a finding reads without moving"
    )
    assert page.locator(".rt-stage").evaluate("(stage) => stage.getBoundingClientRect().height") > 150
    page.locator(".rt-stage").scroll_into_view_if_needed()
    page.screenshot(path=ARTIFACTS / f"work-finding-{name}.png", full_page=name == "phone")


def test_text_has_enough_contrast_on_light_and_dark(sign_in: Open) -> None:
    """WCAG 2.2 AA, 1.4.3: 4.5 to 1 for all text of these pages that is not inside a drawing."""
    page = sign_in("ana", "analyst")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        chain(page)
        pick(page, "王芳")
        poor = page.evaluate(CONTRAST)
        assert poor == [], f"{scheme}: {poor[:5]}"
        for address in (f"/findings/{CHAIN}", "/findings", "/console"):
            page.goto(address)
            poor = page.evaluate(CONTRAST.replace(".rt-explorer *", "body *"))
            assert poor == [], f"{scheme} {address}: {poor[:5]}"


CONTRAST = """() => {
  const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const read = (text) => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = text; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const back = (el) => { for (let e = el; e; e = e.parentElement) { const c = read(getComputedStyle(e).backgroundColor); if (c[3] > 200) return c; } return [255, 255, 255, 255]; };
  const poor = [];
  for (const el of document.querySelectorAll('.rt-explorer *')) {
    const own = [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !el.offsetParent || el.closest('[aria-hidden=true], svg, canvas')) continue;
    const [a, b] = [light(read(getComputedStyle(el).color)), light(back(el))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${el.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
