"""The main job in a real browser: search, expand, a mule chain, time filter, undo, export, the export offline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from small_town import CHAIN

from security.roles import system_actor
from usecases import access, people
from webui import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = Path("/usr/bin/chromium")
ARTIFACTS = Path(__file__).parents[1] / "artifacts"
PASSWORD = "correct horse battery staple"
WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
NO_WEBGL = ["--disable-gpu", "--disable-3d-apis"]


@dataclass
class Seen:
    """What went wrong in a page: console errors, script errors, requests to other sites."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=["webgl", "canvas"])
def chromium(request: pytest.FixtureRequest) -> Iterator[tuple[Browser, str]]:
    """A browser with WebGL 2 and one without."""
    if not CHROMIUM.exists():
        pytest.skip("needs /usr/bin/chromium")
    build.build()
    ARTIFACTS.mkdir(exist_ok=True)
    args = ["--no-sandbox", *(WEBGL if request.param == "webgl" else NO_WEBGL)]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=args)
        yield launched, request.param
        launched.close()


@pytest.fixture
def page(chromium: tuple[Browser, str], live_server: object) -> Iterator[tuple[Page, Seen, str]]:
    """A page of someone who has signed in as investigator."""
    browser, kind = chromium
    made = people.create(live_server.services, system_actor(), "ines", ("investigator",), "Ines")
    access.change_password(live_server.services, made.person.actor("127.0.0.1"), made.password, PASSWORD)
    context = browser.new_context(viewport={"width": 1440, "height": 860}, base_url=live_server.url)
    opened, seen = context.new_page(), Seen()
    opened.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: seen.errors.append(str(error)))
    opened.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((live_server.url, "data:", "blob:")) else seen.strangers.append(asked.url)
        ),
    )
    opened.goto("/login")
    opened.fill("input[name=name]", "ines")
    opened.fill("input[name=password]", PASSWORD)
    opened.click("button.btn-primary")
    opened.wait_for_url(lambda url: "/login" not in url)
    yield opened, seen, kind
    assert seen.errors == [] and seen.strangers == []
    assert opened.evaluate("window.ran") is None, "a name ran as script"
    context.close()


def _ready(page: Page, nodes: int) -> None:
    """The drawing holds so many nodes and has settled."""
    page.wait_for_selector(
        f'[data-explorer][data-nodes="{nodes}"]:not([data-busy]), [data-explorer-embed][data-nodes="{nodes}"]:not([data-busy])'
    )


def _say(page: Page) -> str:
    return page.locator(".rt-status").inner_text()


def _at(page: Page, label: str, id: str) -> tuple[float, float]:
    """Where a node is on the page."""
    point = page.evaluate(
        "([label, id]) => document.querySelector('[data-explorer]').ringtraceExplorer.screen(label, id)", [label, id]
    )
    return point["x"], point["y"]


def _drawn(page: Page) -> int:
    """Different colours in a picture of the stage: a blank one has two or three at most."""
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(page.locator(".rt-stage").screenshot())).convert("RGB")
    return len(picture.getcolors(1 << 24) or [])


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
    _ready(opened, 1)
    opened.keyboard.press("e")
    dialog = opened.get_by_role("dialog")
    expect(dialog).to_contain_text("TRANSFER")
    counts = dialog.locator(".rt-group b").all_inner_texts()
    assert counts and all(text.replace(",", "").isdigit() for text in counts), "counts come before anything is loaded"
    opened.screenshot(path=ARTIFACTS / f"explorer-expand-{kind}.png")
    dialog.get_by_role("button", name="Expand", exact=True).click()
    expect(opened.locator("[data-explorer]")).not_to_have_attribute("data-nodes", "1")
    opened.wait_for_selector("[data-explorer]:not([data-busy])")
    nodes = int(opened.locator("[data-explorer]").get_attribute("data-nodes") or 0)
    assert _drawn(opened) > 20, "the stage is not blank"
    opened.locator(".rt-table-grid tbody tr", has_text="A-victim").or_(
        opened.locator(".rt-table-grid tbody tr", has_text="王芳")
    ).first.click()
    expect(opened.locator(".rt-details")).to_contain_text("A-victim")
    opened.locator(".rt-stage").focus()
    opened.keyboard.press("h")
    _ready(opened, nodes - 1)
    expect(opened.get_by_role("button", name="Hidden: 1")).to_be_enabled()
    opened.keyboard.press("Control+z")
    _ready(opened, nodes)
    opened.keyboard.press("Control+y")
    _ready(opened, nodes - 1)
    opened.get_by_role("button", name="Hidden: 1").click()
    opened.get_by_role("menuitem", name="Show all again").click()
    _ready(opened, nodes)
    for _step in range(20):
        opened.keyboard.press("Control+z")
    _ready(opened, 0)
    opened.keyboard.press("Control+y")
    _ready(opened, 1)


def test_mule_chain_time_filter_pin_path_and_offline_export(
    page: tuple[Page, Seen, str], chromium: tuple[Browser, str], tmp_path: Path
) -> None:
    opened, _seen, kind = page
    opened.goto(f"/explorer?finding={CHAIN}")
    _ready(opened, 5)
    assert opened.locator(".rt-select").first.input_value() == "layers"
    opened.wait_for_timeout(400)
    assert _drawn(opened) > 20
    victim, collector = _at(opened, "Account", "A-victim"), _at(opened, "Account", "A-collector")
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
    expect(opened.locator(".rt-status")).to_contain_text("shortest paths of 2 steps")

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
    _ready(opened, 5)

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
    _ready(opened, 5)
    opened.wait_for_timeout(400)
    before = _at(opened, "Account", "A-mule2")
    opened.mouse.move(*before)
    opened.mouse.down()
    opened.mouse.move(before[0] + 30, before[1] + 60, steps=5)
    opened.mouse.up()
    opened.wait_for_timeout(200)
    moved = _at(opened, "Account", "A-mule2")
    assert abs(moved[0] - before[0] - 30) < 4 and abs(moved[1] - before[1] - 60) < 4
    expect(opened.get_by_role("button", name="Undo move")).to_be_enabled()
    opened.mouse.dblclick(*_at(opened, "Account", "A-mule2"))
    expect(opened.locator("[data-explorer]")).not_to_have_attribute("data-nodes", "5")
    opened.get_by_role("tab", name="Relationships").click()
    opened.locator(".rt-table-grid tbody tr").first.click()
    expect(opened.locator(".rt-details")).to_contain_text("50,000.00 CNY")
    expect(opened.locator(".rt-details")).to_contain_text("2024-05-01 12:00:00")


def test_embedded_on_the_finding_page_and_in_chinese(page: tuple[Page, Seen, str]) -> None:
    opened, _seen, kind = page
    opened.goto(f"/findings/{CHAIN}")
    _ready(opened, 5)
    opened.locator("button[name=language][value=zh]").click()
    opened.goto(f"/explorer?finding={CHAIN}")
    _ready(opened, 5)
    expect(opened.locator(".rt-left")).to_contain_text("图例")
    expect(opened.locator(".rt-left")).to_contain_text("账户")
    opened.wait_for_timeout(300)
    opened.screenshot(path=ARTIFACTS / f"explorer-zh-{kind}.png")


def test_an_error_is_said_in_the_status_line(page: tuple[Page, Seen, str]) -> None:
    opened, seen, _kind = page
    opened.goto("/explorer?finding=no-such-finding")
    expect(opened.locator(".rt-status .rt-bad")).to_contain_text("no finding")
    seen.errors.clear()  # the browser itself reports the 404
