"""The explorer in a real browser on a generated network, beside the offline pyvis page and bare vis-network.

`python -m bench.explorer [--transfers 1000000] [--home DIR]` drives headless Chromium as it starts without a graphics card
and prints: first paint; expansion of a node with about 200 neighbours, from the call to the second frame after it is
drawn, and the server's part; search suggestions; frames while panning and zooming 5,000 nodes with 10,000 lines, the same
graph in the three; and 20,000 nodes. `--home` keeps the network for the next run.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import io
import json
import logging
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from core.settings import Settings
from exports._base import ExportMeta
from exports.html import EXPORTER
from graph.model import Node, Rel, Subgraph
from loaders.town import generate
from security.roles import system_actor
from usecases import access, bootstrap, people
from usecases.load import load
from usecases.services import Services
from webui import build
from webui.app import create_app

#: As Chromium starts on a machine without a graphics card: it composes pages by the processor, and computes WebGL there too.
ARGS = ["--no-sandbox"]
#: All of the page through software WebGL: what a forced driver does, and no machine by itself.
FORCED = [*ARGS, "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
PASSWORD = "correct horse battery staple"
GOALS = "goals: first paint < 1,000 ms; 200 neighbours drawn < 300 ms, server p99 < 50 ms; 5,000/10,000 at >= 30 frames a second; suggestions < 100 ms"

#: Frames of the page while something drives it: intervals between animation frames, and pictures newly painted.
WATCH = """() => { window.benchFrames = []; window.benchPictures = 0; let last = performance.now();
  const step = (now) => { window.benchFrames.push(now - last); last = now; window.benchRun && requestAnimationFrame(step); };
  window.benchRun = true; requestAnimationFrame(step);
  const real = ImageBitmapRenderingContext.prototype.transferFromImageBitmap;
  if (!window.benchWraps) ImageBitmapRenderingContext.prototype.transferFromImageBitmap = function (...given) { window.benchPictures += 1; return real.apply(this, given); };
  window.benchWraps = true; }"""
STOP = "() => { window.benchRun = false; return [window.benchFrames.slice(2), window.benchPictures]; }"
PAINTED = """() => new Promise((done) => new PerformanceObserver((list, observer) => {
  const first = list.getEntriesByName('first-contentful-paint')[0];
  if (first) { observer.disconnect(); done(first.startTime); }
}).observe({ type: 'paint', buffered: true }))"""
EXPAND = """async ([label, id]) => {
  const explorer = document.querySelector('[data-explorer]').ringtraceExplorer;
  const key = `${label}:${id}`;
  const groups = (await explorer.core.api.neighbours(key)).filter((group) => group.rel !== 'INVOLVES');
  const start = performance.now();
  await explorer.loading.expandBy(key, { groups, order: 'amount', limit: 2000, narrow: {}, whole: true });
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [performance.now() - start, explorer.core.view.nodes.size];
}"""
LOAD = """async (graph) => {
  const explorer = document.querySelector('[data-explorer]').ringtraceExplorer;
  const places = new Map(graph.nodes.map((node) => [`${node.label}:${node.id}`, { x: node.x, y: node.y }]));
  const start = performance.now();
  explorer.loadGraph({ nodes: graph.nodes.map(({ label, id }) => ({ label, id, properties: {} })), rels: graph.rels }, places);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}"""


def made(nodes: int, rels: int, seed: int = 7) -> dict[str, Any]:
    """A graph with hubs, as fraud networks have them, with places in clusters."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 4000, (max(1, nodes // 100), 2))
    home = rng.integers(0, len(centres), nodes)
    places = centres[home] + rng.normal(0, 260, (nodes, 2))
    start = rng.integers(0, nodes, rels)
    end = np.minimum(nodes - 1, (rng.pareto(1.6, rels) * nodes / 30).astype(int))
    end = np.where(end == start, (end + 1) % nodes, end)
    return {
        "nodes": [{"label": "Account", "id": f"N{i}", "x": round(float(x), 1), "y": round(float(y), 1)} for i, (x, y) in enumerate(places)],
        "rels": [
            {"type": "TRANSFER", "id": f"t{i}", "start": ["Account", f"N{a}"], "end": ["Account", f"N{b}"],
             "properties": {"amount_minor": 100 + i, "currency": "CNY", "at_ms": 1_700_000_000_000 + i}}
            for i, (a, b) in enumerate(zip(start, end, strict=True))
        ],
    }  # fmt: skip


def network(home: Path, transfers: int) -> Services:
    """An installation with so many transfers and one person, made unless it is there."""
    services = bootstrap.open_services(Settings(home=home))
    if services.ledger.head_seq():
        return services
    started = time.perf_counter()
    generate(home / "generated", transfers=transfers, seed=7, difficulty="normal")
    report = load(services, system_actor(), home / "generated")
    print(f"generated and loaded {report.rows_loaded:,} rows in {time.perf_counter() - started:.0f} s", flush=True)
    person = people.create(services, system_actor(), "bench", ("analyst",), "Bench")
    access.change_password(services, person.person.actor("127.0.0.1"), person.password, PASSWORD)
    return services


@contextmanager
def served(services: Services) -> Iterator[str]:
    """The application behind a socket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, create_app(services, {"RATELIMIT_ENABLED": False}), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # as the service does once it has loaded everything (webui/serve.py)
    gc.collect()
    gc.freeze()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def sign_in(browser: Browser, url: str) -> Page:
    page = browser.new_context(base_url=url, viewport={"width": 1440, "height": 860}).new_page()
    page.goto("/login")
    page.fill("input[name=name]", "bench")
    page.fill("input[name=password]", PASSWORD)
    page.click("button.btn-primary")
    page.wait_for_url(lambda where: "/login" not in where)
    return page


def frames(page: Page, stage: str) -> str:
    """Frames a second and the slowest twentieth while dragging and zooming with the graph always in view."""
    box = page.locator(stage).first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    # A grip on empty ground: upper left, where no node of the drawing lies.
    left, top = box["x"] + 12, box["y"] + 40
    page.mouse.move(left, top)
    page.evaluate(WATCH)
    for _turn in range(2):
        page.mouse.down()
        page.mouse.move(left + 200, top + 100, steps=15)
        page.mouse.move(left, top, steps=15)
        page.mouse.up()
        page.mouse.move(x, y)
        for step in range(12):
            page.mouse.wheel(0, -120 if step < 6 else 120)
            page.wait_for_timeout(30)
        page.mouse.move(left, top)
    gaps, pictures = page.evaluate(STOP)
    seconds = sum(gaps) / 1000
    moved = f", {pictures / seconds:.0f} of them newly painted" if pictures else ""
    return f"{len(gaps) / seconds:.0f} frames a second{moved}, slowest twentieth {np.percentile(gaps, 95):.0f} ms"


def timed(job: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds of each call."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        job()
        spent.append(1000 * (time.perf_counter() - started))
    return spent


def busy_account(services: Services, wanted: int = 200) -> tuple[str, int]:
    """The account whose number of neighbours is nearest to `wanted`."""
    rows = services.store.query(
        "MATCH (a:Account)-[r:TRANSFER]-(b:Account) RETURN a.id AS id, count(DISTINCT b.id) AS n ORDER BY n DESC LIMIT 3000"
    ).rows
    id, n = min(rows, key=lambda row: abs(int(row[1]) - wanted))
    return str(id), int(n)


def asked(page: Page, url: str, body: dict[str, Any], times: int = 200) -> list[float]:
    """Milliseconds of each expansion as one kept connection sees it: sent, computed, written down, read to its last byte."""
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    token = page.request.get("/api/v1/me").json()["csrf_token"]
    headers = {"Cookie": cookies, "X-CSRFToken": token, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(url.removeprefix("http://"))

    def once() -> None:
        connection.request("POST", "/api/v1/expand", json.dumps(body), headers)
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read():
            raise SystemExit(f"the expansion was answered with {answer.status}")

    return timed(once, times)


def on_the_network(page: Page, services: Services, url: str) -> None:
    """First paint, expansion, search."""
    paints = []
    for _ in range(5):
        page.goto("/explorer")
        page.wait_for_selector("[data-explorer][data-nodes]")
        paints.append(page.evaluate(PAINTED))
    print(f"first paint of the explorer: median {statistics.median(paints):.0f} ms")
    id, neighbours = busy_account(services)
    drawn = []
    for _ in range(5):
        page.goto("/explorer")
        page.wait_for_selector("[data-explorer][data-nodes]")
        page.evaluate(
            "([l, i]) => document.querySelector('[data-explorer]').ringtraceExplorer.core.api.between([`${l}:${i}`])",
            ["Account", id],
        )
        spent, count = page.evaluate(EXPAND, ["Account", id])
        drawn.append(spent)
    print(
        f"expand {id} with {neighbours} paying neighbours ({count} nodes drawn): median {statistics.median(drawn):.0f} ms to the second frame"
    )
    ask = asked(page, url, {"label": "Account", "id": id, "rel": "TRANSFER", "direction": "in", "limit": 200})
    print(
        f"server, one expansion: median {statistics.median(ask):.1f} ms, p99 {np.percentile(ask, 99):.1f} ms (200 requests, one after the other)"
    )
    texts = [id, id[:5], "phone:138", "王", "account:62"]
    spent = [
        value
        for text in texts
        for value in timed(
            lambda text=text: page.request.get(f"{url}/api/v1/search", params={"q": text, "limit": "12"}), 10
        )
    ]  # type: ignore[misc]
    print(
        f"search suggestions: median {statistics.median(spent):.0f} ms, p95 {np.percentile(spent, 95):.0f} ms (ids, beginnings, phone:138, one Chinese character)"
    )


def ours(page: Page, graph: dict[str, Any]) -> str:
    page.goto("/explorer")
    page.wait_for_selector("[data-explorer][data-nodes]")
    spent = page.evaluate(LOAD, graph)
    page.wait_for_timeout(1500)
    return f"drawn in {spent:,.0f} ms, {frames(page, '.rt-stage')} ({page.get_attribute('[data-explorer]', 'data-renderer')})"


def pyvis_page(browser: Browser, graph: dict[str, Any], folder: Path) -> str:
    nodes = tuple(Node(item["label"], item["id"]) for item in graph["nodes"])
    rels = tuple(
        Rel(item["type"], item["id"], tuple(item["start"]), tuple(item["end"]), item["properties"])
        for item in graph["rels"]
    )
    places = {(item["label"], item["id"]): (item["x"], item["y"]) for item in graph["nodes"]}
    out = io.BytesIO()
    EXPORTER.write(Subgraph(nodes, rels), ExportMeta("bench", "bench", 0, 1, positions=places), out)
    file = folder / "pyvis.html"
    file.write_bytes(out.getvalue())
    return _opened(browser, file, "body[data-drawn]", "canvas")


def bare_vis(browser: Browser, graph: dict[str, Any], folder: Path) -> str:
    script = next(Path(str(files("pyvis"))).rglob("vis-network.min.js")).read_text("utf-8")
    nodes = [{"id": item["id"], "label": item["id"], "x": item["x"], "y": item["y"]} for item in graph["nodes"]]
    edges = [{"from": item["start"][1], "to": item["end"][1], "arrows": "to"} for item in graph["rels"]]
    file = folder / "vis.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><style>#n{{width:1400px;height:800px}}</style><div id=n></div><script>{script}</script>"
        f"<script>const net = new vis.Network(document.getElementById('n'), {{nodes: new vis.DataSet({json.dumps(nodes)}), edges: new vis.DataSet({json.dumps(edges)})}}, {{physics: false, edges: {{smooth: false}}}});"
        "net.once('afterDrawing', () => { document.body.dataset.drawn = '1'; });</script>",
        "utf-8",
    )
    return _opened(browser, file, "body[data-drawn]", "canvas")


def _opened(browser: Browser, file: Path, ready: str, stage: str) -> str:
    page = browser.new_context(viewport={"width": 1440, "height": 860}).new_page()
    started = time.perf_counter()
    page.goto(file.as_uri(), timeout=180_000)
    page.wait_for_selector(ready, timeout=180_000)
    spent = 1000 * (time.perf_counter() - started)
    page.wait_for_timeout(1500)
    told = frames(page, stage)
    page.context.close()
    return f"drawn in {spent:,.0f} ms, {told}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--transfers", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    build.build()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        services = network(options.home or folder / "home", options.transfers)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        with served(services) as url:
            page = sign_in(browser, url)
            print(GOALS)
            on_the_network(page, services, url)
            graph = made(5_000, 10_000)
            print(f"5,000 nodes, 10,000 lines: explorer     {ours(page, graph)}")
            print(f"5,000 nodes, 10,000 lines: pyvis page   {pyvis_page(browser, graph, folder)}")
            print(f"5,000 nodes, 10,000 lines: vis-network  {bare_vis(browser, graph, folder)}")
            print(f"20,000 nodes, 40,000 lines: explorer    {ours(page, made(20_000, 40_000))}")
            browser.close()
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FORCED)
            page = sign_in(browser, url)
            print(f"the page forced through software WebGL, 5,000 nodes: explorer     {ours(page, graph)}")
            print(
                f"the page forced through software WebGL, 5,000 nodes: vis-network  {bare_vis(browser, graph, folder)}"
            )
        browser.close()
        bootstrap.close(services)


if __name__ == "__main__":
    main()
