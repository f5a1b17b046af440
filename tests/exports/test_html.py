"""The shared page draws offline, asks for nothing, and runs no text. Looked at in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_samples import HOSTILE, hostile, meta, sample, written
from optional_parts import missing
from playwright.sync_api import Browser, Page, sync_playwright

from exports.html import EXPORTER
from graph.model import Node, Rel, Subgraph

CHROMIUM = Path("/usr/bin/chromium")
BLANK = """() => { const c = document.querySelector('#mynetwork canvas');
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n; }"""


def test_the_file_names_no_outside_address_and_says_what_it_is() -> None:
    page = written(EXPORTER, sample()).decode()
    assert not re.search(r"""(src|href)\s*=\s*["'](?!data:,)""", re.sub(r"<script.*?</script>", "", page, flags=re.S))
    assert "cdn" not in re.sub(r"<script>.*?</script>", "", page, flags=re.S).lower()
    assert "chen" in page and "data version 12" in page and "showing 5 of 4,819" in page
    assert "default-src &#39;none&#39;" in page


def test_chinese_page() -> None:
    page = written(EXPORTER, sample(), meta(language="zh")).decode()
    assert '<html lang="zh">' in page and "图例" in page


def test_parallel_transfers_are_one_line_with_count_and_total() -> None:
    assert '"label":"2 × = 12,346.00 CNY"' in written(EXPORTER, sample()).decode()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_text_cannot_leave_its_place(text: str) -> None:
    page = written(EXPORTER, hostile(text), meta(title=text, author=text)).decode()
    assert page.count("<script") - _script_words() == 3, "data, vis-network and the viewer; nothing more"
    assert "onerror=" not in re.sub(r"<script.*?</script>", "", page, flags=re.S).replace("onerror=&#34;", "")


def _script_words() -> int:
    """How often the fixed parts themselves hold the word."""
    return written(EXPORTER, Subgraph((), ())).decode().count("<script") - 3


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("chromium", "needs /usr/bin/chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def _open(browser: Browser, path: Path) -> tuple[Page, list[str], list[str]]:
    """The page opened offline, with every request it tries and every console error."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-drawn]")
    return page, [url for url in asked if not url.startswith(("file:", "data:"))], errors


@pytest.mark.browser
def test_it_draws_offline_and_shows_details_on_click(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "ring.html"
    path.write_bytes(written(EXPORTER, sample()))
    page, asked, errors = _open(chromium, path)
    assert asked == [] and errors == []
    assert page.evaluate(BLANK) > 500, "the canvas is not blank"
    page.get_by_role("button", name="Account 王芳").first.click()
    assert "12.00 CNY" in page.locator("#details").inner_text()
    page.get_by_role("button", name="2 × =").click()
    assert "2023-11-14T22:13:20.000Z" in page.locator("#details").inner_text()
    artifacts = Path("tests/artifacts")
    artifacts.mkdir(exist_ok=True)
    page.screenshot(path=artifacts / "export-html.png")
    page.context.close()


@pytest.mark.browser
def test_hostile_text_never_runs(chromium: Browser, tmp_path: Path) -> None:
    nodes = tuple(Node("Account", text, {"name": text, "title": text}) for text in HOSTILE)
    rels = tuple(
        Rel("TRANSFER", text, nodes[0].key, node.key, {"memo": text}) for text, node in zip(HOSTILE, nodes, strict=True)
    )
    path = tmp_path / "bad.html"
    title = "".join(HOSTILE)
    path.write_bytes(written(EXPORTER, Subgraph(nodes, rels, HOSTILE), meta(title=title, author=title)))
    page, asked, errors = _open(chromium, path)
    for index in range(page.locator("#list button").count()):
        page.locator("#list button").nth(index).click()
    page.locator("#details button").first.click()
    page.mouse.move(400, 400)
    assert page.evaluate("window.pwned") is None
    assert asked == [] and errors == []
    page.context.close()
