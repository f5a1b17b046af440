"""Transfers in flight: how many a second, how late, how much memory, and how much sooner than asking a graph store.

`python -m bench.inflight [--transfers N] [--seconds S] [--surge-seconds S] [--parts surge ...] [--neo4j]`: a town is generated and
loaded, the service started as people start it, and loaded over HTTP by another process on the same machine. A short form for a
small machine: `--transfers 200000 --seconds 8 --surge-seconds 60 --parts cypher surge`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from bench._inflight_cypher import compare
from bench._inflight_detection import curves
from bench._inflight_load import HABITS, KNEE_MS, PORT, STRANGERS, run, tell
from bench._inflight_surge import kept, surge
from bench.measure import machine
from core.settings import Settings
from ledger.columns import Columns
from loaders.town import generate
from security.roles import system_actor
from usecases import api_keys, bootstrap
from usecases.load import load

ROOT = Path(__file__).parents[1]
START = "from core.settings import Settings; from webui.serve import serve; serve(Settings())"
PARTS = ("cypher", "served", "surge", "detection")


def main() -> None:
    """Run every part and print its figures."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--transfers", type=int, default=2_000_000)
    ask.add_argument("--seconds", type=float, default=30)
    ask.add_argument("--surge-seconds", type=float, default=600)
    ask.add_argument("--detection", type=int, default=100_000, help="transfers of each town whose stream is scored")
    ask.add_argument(
        "--parts", nargs="*", choices=PARTS, default=PARTS, help="which parts to run; `surge` finds the knee first"
    )
    ask.add_argument(
        "--scratch", type=Path, help="a folder that keeps the town for another run; without parts it is only made"
    )
    ask.add_argument("--neo4j", action="store_true", help="also ask a Neo4j named by NEO4J_URI (it is emptied)")
    given = ask.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="ringtrace-bench-") as made:
        scratch = given.scratch or Path(made)
        home = scratch / "home"
        if not (scratch / "accounts.json").exists():
            scratch.mkdir(parents=True, exist_ok=True)
            prepare(scratch, home, given.transfers)
        write_loads(scratch, home)
        if "cypher" in given.parts:
            compare(home)
            if given.neo4j:
                compare(home, store="neo4j")
        if {"served", "surge"} & set(given.parts):
            served(scratch, home, given)
    if "detection" in given.parts:
        curves(given.detection)


def prepare(scratch: Path, home: Path, transfers: int) -> None:
    """A town in the ledger and the embedded store; a key and accounts for the client beside it."""
    began = time.perf_counter()
    generate(scratch / "town", transfers=transfers, seed=7, difficulty="normal")
    with bootstrap.running(Settings(home=home)) as services:
        load(services, system_actor(), scratch / "town")
        key = api_keys.create(services, system_actor(), "bench", "bank_system", 5)
        (scratch / "key").write_text(key.text)
        accounts = Columns(services.ledger).ids("Account", services.ledger.head_seq()).to_pylist()
    (scratch / "accounts.json").write_text(json.dumps(random.Random(7).sample(accounts, min(len(accounts), 50_000))))
    print(
        f"prepared {transfers:,} transfers of {len(accounts):,} accounts in {time.perf_counter() - began:.0f} s",
        flush=True,
    )


def write_loads(scratch: Path, home: Path) -> None:
    """What is sent beside strangers paying strangers: past payments again, by the payer's own device, as people pay."""
    if (scratch / HABITS).exists():
        return
    services = bootstrap.open_ledger(Settings(home=home))
    columns, head = Columns(services.ledger), services.ledger.head_seq()
    used = columns.rels("USED_DEVICE", [], ("Account", "Device"), head)
    device = dict(zip(used["from_id"].to_pylist(), used["to_id"].to_pylist(), strict=True))
    moved = columns.rels("TRANSFER", ["amount_minor", "currency"], ("Account", "Account"), head)
    rows = zip(*(moved[name].to_pylist() for name in ("from_id", "to_id", "amount_minor", "currency")), strict=True)
    paid = [(a, b, amount, device.get(a)) for a, b, amount, currency in rows if currency == "CNY" and a != b]
    (scratch / HABITS).write_text(json.dumps(random.Random(7).sample(paid, min(len(paid), 400_000))))
    services.engine.dispose()


def served(scratch: Path, home: Path, given: argparse.Namespace) -> None:
    """The service over HTTP: restart, knee, sustained, batches, surge, recovery, and that nothing acknowledged is lost."""
    acked: set[str] = set()
    os.sync()  # a town just written would still be on its way to the disk that the journal waits for
    process, ready_s = start(home)
    try:
        print(f"restart to ready: {ready_s:.1f} s; resident {resident_mib(process):.0f} MiB", flush=True)
        run(scratch, 200, 3, 1, "warm", acked)
        knee = find_knee(scratch, given.seconds, acked)
        if "served" in given.parts:
            tell("sustained 1,000/s", run(scratch, 1000, given.seconds, 1, "sustained", acked))
            tell("batches of 100, 5,000/s", run(scratch, 5000, given.seconds, 100, "batch", acked))
            odd = run(scratch, 1000, given.seconds, 1, "strangers", acked, load=STRANGERS)
            tell("1,000/s, everybody pays a stranger", odd)
        if "surge" in given.parts:
            surge(scratch, knee, given.surge_seconds, acked)
        print(f"resident {resident_mib(process):.0f} MiB", flush=True)
    finally:
        stop(process)
    kept(home, acked)


def find_knee(scratch: Path, seconds: float, acked: set[str]) -> int:
    """The highest rate with p99 under KNEE_MS and nothing shed, in steps of a quarter; a step that misses is tried once more."""
    rate, best, missed = 500.0, 0, False
    while rate < 20_000:
        told = run(scratch, rate, min(seconds, 8), 1, f"knee{rate:.0f}{'again' if missed else ''}", acked)
        tell(f"offered {rate:,.0f}/s{' again' if missed else ''}", told)
        if _kept_up(told, rate):
            best, rate, missed = int(rate), rate * 1.25, False
        elif missed:
            break
        else:
            missed = True
    print(f"knee: {best:,}/s", flush=True)
    return best or 400


def _kept_up(told: dict[str, Any], rate: float) -> bool:
    in_time = told["p99_ms"] is not None and told["p99_ms"] <= KNEE_MS
    return in_time and told["achieved"] >= 0.93 * rate and set(told["statuses"]) == {"200"}


def start(home: Path) -> tuple[subprocess.Popen[bytes], float]:
    """The service in its own process, once it scores; and the seconds that took."""
    told = {**os.environ, "RINGTRACE_HOME": str(home), "RINGTRACE_PORT": str(PORT)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", START], env=told, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while time.perf_counter() - began < 300:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5) as answer:
                if json.load(answer).get("scoring") == "ready":
                    return process, time.perf_counter() - began
            time.sleep(0.1)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the service did not become ready")


def resident_mib(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of the service and its worker, MiB."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(folder.name) == process.pid or int(stat[1]) == process.pid:
                total += int(stat[21]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            continue
    return total / 2**20


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the service as Ctrl+C would."""
    process.send_signal(signal.SIGINT)
    process.wait(90)


if __name__ == "__main__":
    main()
