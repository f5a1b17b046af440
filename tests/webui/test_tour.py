"""The five-minute investigation of docs/tour.md, step by step; each picture there is made here (RINGTRACE_TOUR=1 keeps them)."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from browsing import ARTIFACTS
from conftest import LiveServer
from explorer_pages import Seen, idle, signed_in
from PIL import Image
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 150_000


def keep(page: Page, step: str) -> None:
    """The step's picture, scaled and small, beside the document when asked for, else among the test's own."""
    idle(page)
    expect(page.locator(".rt-left")).not_to_contain_text(
        "Loading"
    )  # what an order could still reach is asked after a rest
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize((1080, 645), Image.Resampling.LANCZOS)
    folder = DOCS / "images/tour" if os.environ.get("RINGTRACE_TOUR") else ARTIFACTS
    folder.mkdir(parents=True, exist_ok=True)
    picture.quantize(96).save(folder / f"tour-{step}.png", optimize=True)
    assert (folder / f"tour-{step}.png").stat().st_size < MOST_BYTES


def test_from_a_phone_number_to_the_cash_out(chromium: Browser, shared_server: LiveServer) -> None:
    seen = Seen()
    page = signed_in(chromium, shared_server, "ines", "investigator", seen=seen)
    page.goto("/explorer")
    box = page.get_by_role("combobox", name="Search")
    box.fill("phone:138")
    page.locator(".rt-search [role=option]").first.wait_for()
    keep(page, "1-search")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-explorer][data-nodes="1"]:not([data-busy])')
    page.locator(".rt-stage").focus()
    page.keyboard.press("n")
    page.wait_for_selector('[data-explorer]:not([data-busy]):not([data-nodes="1"])')
    keep(page, "2-phone")
    _pick(page, "invoice")
    page.keyboard.press("u")
    page.get_by_role("dialog").get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Money flow")).to_have_attribute("aria-pressed", "true")
    keep(page, "3-upstream")
    _pick(page, "王芳")
    page.keyboard.press("d")
    page.get_by_role("dialog").get_by_role("button", name="Follow").click()
    expect(page.locator(".rt-table-grid")).to_contain_text("ATM 0012")
    keep(page, "4-cash-out")
    _pick(page, "王芳")
    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_contain_text("Still within reach")
    keep(page, "5-reachable")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save the view", exact=True).click()
    page.get_by_role("dialog").get_by_label("Title").fill("Wang Fang, 1 May")
    page.get_by_role("dialog").get_by_role("button", name="Save the view").click()
    expect(page.locator(".rt-status-text")).to_contain_text("saved")
    keep(page, "6-view")
    assert page.evaluate("window.ran") is None and seen == Seen()
    page.context.close()


def test_the_document_shows_every_step() -> None:
    text = (DOCS / "tour.md").read_text("utf-8")
    for step in ("1-search", "2-phone", "3-upstream", "4-cash-out", "5-reachable", "6-view"):
        assert f"images/tour/tour-{step}.png" in text
        assert (DOCS / f"images/tour/tour-{step}.png").stat().st_size < MOST_BYTES


def _pick(page: Page, name: str) -> None:
    page.locator(".rt-table-grid tbody tr", has_text=name).first.click()
    page.locator(".rt-stage").focus()
