"""Chromium for the tests of pages, and what no page may do in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from optional_parts import missing
from playwright.sync_api import Browser, Page, sync_playwright

from webui import build

CHROMIUM = Path("/usr/bin/chromium")
ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@contextmanager
def chromium_with(*args: str) -> Iterator[Browser]:
    """Chromium as it starts on a machine without a graphics card, and the front end built for it."""
    if not CHROMIUM.exists():
        missing("chromium", f"needs {CHROMIUM} (apt-get install chromium)")
    build.build()
    ARTIFACTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", *args])
        yield launched
        launched.close()


class Watch:
    """What must not happen on any page: an error in the console, a request to elsewhere, a name that runs."""

    def __init__(self, page: Page, home: str) -> None:
        self.home = urlsplit(home).netloc
        self.wrong: list[str] = []
        page.on("console", lambda said: self.wrong.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on(
            "response",
            lambda answer: self.wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
        )

    def _request(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != self.home:
            self.wrong.append(f"left the machine: {url}")
