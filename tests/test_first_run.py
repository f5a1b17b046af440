"""What `make run` does, and what a newcomer then sees: a generated town, its findings, and pictures for the README."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from neo4j_server.launcher import free_port
from PIL import Image
from playwright.sync_api import sync_playwright

from core.settings import Settings

ARTIFACTS = Path(__file__).parent / "artifacts"
CHROMIUM = "/usr/bin/chromium"
LIMIT_S = 240


class Installation:
    """`ringtrace up` on a home of its own: what it printed each time, and its address."""

    def __init__(self, home):
        self.home, self.port = home, free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self):
        """Start and wait until it is ready; returns what it printed."""
        environment = {**os.environ, "RINGTRACE_HOME": str(self.home), "RINGTRACE_PORT": str(self.port)}
        command = [sys.executable, "-m", "cli.main", "up", "--transfers", "20000"]
        log = (self.home.parent / "log").open("w+")
        self.process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.address}/readyz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.3)
        log.seek(0)
        said = log.read()
        assert self.process.poll() is None, said
        return said

    def stop(self):
        """End it; it is killed when it does not."""
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise


def said(address):
    """What the service says of itself."""
    with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("first") / "var")
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def first(installation):
    """A first run: (address, what it printed, home)."""
    return installation.address, installation.start(), installation.home


def test_it_prints_findings_and_a_password_once(first):
    _, said, _ = first
    for name in ("community", "cycle", "fan_in", "fan_out", "mule_chain", "risk"):
        assert re.search(rf"{name}\s+│\s+\d+", said), said
    assert len(re.findall(r"one-time password\s+\S{12,}", said)) == 1
    assert "Traceback" not in said


def test_scoring_starts_though_detection_ran_before(first):
    """Pools of threads do not come along with a fork: a service forked from the detecting process never began to score."""
    address, _, _ = first
    deadline = time.monotonic() + LIMIT_S
    while said(address)["scoring"] != "ready" and time.monotonic() < deadline:
        time.sleep(0.2)
    assert said(address) == {"status": "ok", "scoring": "ready"}


def test_the_store_is_not_opened_twice_and_a_load_beside_the_service_is_applied_by_it(first, tmp_path):
    _, _, home = first
    table = tmp_path / "accounts.csv"
    table.write_text("id,name\nNEW-1,Newcomer\n")
    mapping = tmp_path / "m.yaml"
    mapping.write_text("target: Account\ncolumns: {id: id, name: name}\n")
    environment = {**os.environ, "RINGTRACE_HOME": str(home)}
    command = [sys.executable, "-m", "cli.main"]
    done = subprocess.run(
        [*command, "load", str(table), "--format", "delimited", "--mapping", str(mapping)],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "read 1 = loaded 1 + duplicate 0 + rejected 0" in done.stdout
    assert "will apply the new batch by itself" in done.stderr
    done = subprocess.run([*command, "detect", "fan_in"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "in use by another process" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_newcomer_looks_around(first, require):
    address, said, _ = first
    if not Path(CHROMIUM).exists():
        require("chromium", f"{CHROMIUM} is not there")
    ARTIFACTS.mkdir(exist_ok=True)
    password = re.search(r"one-time password\s+(\S+)", said).group(1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        outside: list[str] = []
        page.on(
            "request",
            lambda sent: outside.append(sent.url) if not sent.url.startswith((address, "data:", "blob:")) else None,
        )
        page.goto(address)
        page.fill("input[name=name]", "admin")
        page.fill("input[type=password]", password)
        page.click("button[type=submit]")
        fields = page.locator("input[type=password]")
        for number, text in enumerate((password, "a quiet river at dawn 7", "a quiet river at dawn 7")):
            fields.nth(number).fill(text)
        page.click("main button[type=submit]")
        page.wait_for_load_state("networkidle")
        page.goto(f"{address}/")
        page.screenshot(path=ARTIFACTS / "first-overview.png")
        page.goto(f"{address}/findings?kind=mule_chain")
        page.locator("a[href^='/findings/']").first.click()
        page.wait_for_selector("[data-explorer-embed]:not([data-busy])[data-nodes]")
        network = page.locator("[data-explorer-embed]").first
        deadline = time.monotonic() + 60
        while colours(network.screenshot(path=ARTIFACTS / "first-network.png")) <= 40 and time.monotonic() < deadline:
            page.wait_for_timeout(200)
        page.screenshot(path=ARTIFACTS / "first-finding.png", full_page=True)
        browser.close()
    assert not outside
    assert colours((ARTIFACTS / "first-network.png").read_bytes()) > 40, "the network is not drawn"


def colours(picture: bytes) -> int:
    """Different colours in a small copy of a picture: a blank one has a few."""
    with Image.open(io.BytesIO(picture)) as read:
        return len(set(read.convert("RGB").resize((200, 100)).get_flattened_data()))


def test_a_second_start_keeps_the_data_and_makes_no_new_administrator(first, installation):
    _, before, home = first
    assert "one-time password" in before
    installation.stop()
    said = installation.start()
    assert "one-time password" not in said
    assert "new TRANSFER" not in said
    assert Settings(home=home).store_path.exists()
