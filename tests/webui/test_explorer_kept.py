"""In a real browser: views kept and shared, Cypher and back, files, stopped questions, odd names, languages and screens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browsing import ARTIFACTS
from conftest import LiveServer
from explorer_pages import Open, at, chain, idle, pick, ready, status
from playwright.sync_api import Page, expect
from small_town import CHAIN

from graph.budget import budget
from usecases import asking, privacy

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
    standing = page.locator(".rt-standing")
    expect(standing).to_contain_text("added (+)")
    page.screenshot(path=ARTIFACTS / "work-compare.png")
    page.get_by_role("button", name="Undo open").click()
    whole = page.locator("[data-explorer]").get_attribute("data-lines") or ""
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Past time, or compare two dates").click()
    dialog.get_by_label("At this time").fill("2024-05-01T12:08:00")
    dialog.get_by_role("button", name="Show").click()
    expect(status(page)).to_contain_text("as of 2024-05-01 12:08:00")
    expect(page.locator("[data-explorer]")).to_have_attribute("data-lines", "2")
    page.get_by_role("button", name="Fit to screen").click()
    pick(page, "王芳")  # whatever is said meanwhile, that this is the past stays on screen
    standing.get_by_role("button", name="as of 2024-05-01 12:08:00: had happened by then. Back to now").click()
    expect(standing).to_be_empty()
    expect(page.locator("[data-explorer]")).to_have_attribute("data-lines", whole)


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
        patch.setattr(asking, "budget", lambda _seconds: budget(0))
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
        patch.setattr(asking, "budget", lambda _seconds: budget(0))
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
