"""Transfers in flight: how many a second, how late, how much memory, and how much sooner than asking a graph store.

`python -m bench.inflight [--transfers N] [--seconds S] [--surge-seconds S] [--neo4j]`: a town is generated and loaded, the service
started as people start it, and loaded over HTTP by another process on the same machine.
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

from sqlalchemy import func, select

from bench._inflight_detection import curves
from bench.measure import machine
from core.db import transaction
from core.settings import Settings
from ledger.columns import Columns
from loaders.town import generate
from scoring.layout import WIDTH, account_bytes
from scoring.tables import ScoredTransferRow
from security.roles import system_actor
from usecases import api_keys, bootstrap
from usecases.load import load

ROOT = Path(__file__).parents[1]
START = "from core.settings import Settings; from webui.serve import serve; serve(Settings())"
PORT = 8765
KNEE_MS = 50.0
FEATURES = {
    "fan-in of the payee in a day": "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE b.id = $payee AND t.at_ms >= $since RETURN count(DISTINCT a.id) AS n",
    "the payer's day": "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE a.id = $payer AND t.at_ms >= $since RETURN count(t) AS n, sum(t.amount_minor) AS s",
    "known payee": "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE a.id = $payer AND b.id = $payee RETURN count(t) AS n",
    "received within two hours": "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE b.id = $payer AND t.at_ms >= $soon RETURN sum(t.amount_minor) AS s",
    "the payer's habit": "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE a.id = $payer RETURN count(t) AS n, avg(t.amount_minor) AS m, max(t.amount_minor) AS x",
    "suspected company of the payee": "MATCH (f:Finding)-[i:INVOLVES]->(b:Account) WHERE b.id = $payee RETURN max(f.score) AS s",
}  # fmt: skip


def main() -> None:
    """Run every part and print its figures."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--transfers", type=int, default=2_000_000)
    ask.add_argument("--seconds", type=float, default=30)
    ask.add_argument("--surge-seconds", type=float, default=600)
    ask.add_argument("--detection", type=int, default=100_000, help="transfers of each town whose stream is scored")
    ask.add_argument("--neo4j", action="store_true", help="also ask a Neo4j named by NEO4J_URI (it is emptied)")
    given = ask.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="ringtrace-bench-") as scratch:
        home = Path(scratch) / "home"
        accounts = prepare(Path(scratch), home, given.transfers)
        compare(home, accounts)
        if given.neo4j:
            compare(home, accounts, store="neo4j")
        served(Path(scratch), home, given)
    curves(given.detection)


def prepare(scratch: Path, home: Path, transfers: int) -> list[str]:
    """A town in the ledger and the embedded store; ids of its accounts."""
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
    return accounts


def compare(home: Path, accounts: list[str], store: str = "ladybug") -> None:
    """The same questions as Cypher and from the state, one transfer after the other, in one process."""
    from usecases.flight import Flight

    settings = Settings(home=home, store=store)  # type: ignore[arg-type]
    if store == "neo4j":
        bootstrap.rebuild_store(settings)
    with bootstrap.running(settings) as services:
        flight = Flight(services)
        began = time.perf_counter()
        flight.start()
        print(f"state of {len(flight.state):,} accounts from the ledger in {time.perf_counter() - began:.1f} s; "
              f"{account_bytes():,} bytes of arrays an account, {flight.state.nbytes / 2**20:.0f} MiB reserved", flush=True)  # fmt: skip
        from scoring.transfer import transfer_of

        dice, at_ms = random.Random(1), int(flight.state.acc.last_ms.max())
        asked = [transfer_of({"id": f"c{n}", "payer": a, "payee": b, "amount_minor": 100_000, "currency": "CNY", "at_ms": at_ms})
                 for n, (a, b) in enumerate(dice.sample(accounts, 2) for _ in range(200))]  # fmt: skip
        for item in asked:
            flight.state.look(item)
        began = time.perf_counter()
        for item in asked:
            flight.state.look(item)
        ours = (time.perf_counter() - began) / len(asked)
        few = asked[:20]
        began = time.perf_counter()
        for item in few:
            params = {"payer": item.payer, "payee": item.payee, "since": at_ms - 86_400_000, "soon": at_ms - 7_200_000}
            for cypher in FEATURES.values():
                wanted = {name: value for name, value in params.items() if f"${name}" in cypher}
                services.store.query(cypher, wanted)
        theirs = (time.perf_counter() - began) / len(few)
        flight.stop()
    print(f"features of one transfer: {1e6 * ours:.0f} µs from the state (all {WIDTH}), {1e3 * theirs:.1f} ms as {len(FEATURES)} Cypher "
          f"queries on {store}: {theirs / ours:,.0f} times", flush=True)  # fmt: skip


def served(scratch: Path, home: Path, given: argparse.Namespace) -> None:
    """The service over HTTP: restart, knee, sustained, batches, surge, recovery, and that nothing acknowledged is lost."""
    acked: set[str] = set()
    process, ready_s = start(home)
    try:
        print(f"restart to ready: {ready_s:.1f} s; resident {resident_mib(process):.0f} MiB", flush=True)
        run(scratch, 200, 3, 1, "warm", acked)
        knee = find_knee(scratch, given.seconds, acked)
        tell("sustained 1,000/s", run(scratch, 1000, given.seconds, 1, "sustained", acked))
        tell("batches of 100, 5,000/s", run(scratch, 5000, given.seconds, 100, "batch", acked))
        surge = run(scratch, 3 * knee, given.surge_seconds, 1, "surge", acked, connections=256)
        tell(f"surge at 3 x knee for {given.surge_seconds:.0f} s", surge)
        time.sleep(3)
        tell("after the surge, 500/s", run(scratch, 500, 5, 1, "after", acked))
        print(f"resident {resident_mib(process):.0f} MiB", flush=True)
        time.sleep(5)
    finally:
        stop(process)
    with transaction(bootstrap.open_ledger(Settings(home=home)).engine) as session:
        kept = set(session.scalars(select(ScoredTransferRow.id)))
        count = session.scalar(select(func.count()).select_from(ScoredTransferRow))
    print(
        f"acknowledged {len(acked):,}, of them lost {len(acked - kept):,}; scored rows {count:,}, ids {len(kept):,}",
        flush=True,
    )


def find_knee(scratch: Path, seconds: float, acked: set[str]) -> int:
    """The highest rate with p99 under KNEE_MS and nothing shed, in steps of a quarter."""
    rate, best = 500.0, 0
    while rate < 20_000:
        told = run(scratch, rate, min(seconds, 8), 1, f"knee{rate:.0f}", acked)
        tell(f"offered {rate:,.0f}/s", told)
        if (
            told["p99_ms"] is None
            or told["p99_ms"] > KNEE_MS
            or told["achieved"] < 0.93 * rate
            or set(told["statuses"]) != {"200"}
        ):
            break
        best, rate = int(rate), rate * 1.25
    print(f"knee: {best:,}/s", flush=True)
    return best or 400


def run(
    scratch: Path, rate: float, seconds: float, batch: int, prefix: str, acked: set[str], connections: int = 48
) -> dict:
    """One load by the client process."""
    acks = scratch / "acks"
    done = subprocess.run(
        [sys.executable, "-m", "bench._inflight_client", str(PORT), str(scratch / "key"), str(scratch / "accounts.json"),
         str(rate), str(seconds), str(batch), str(connections), f"{prefix}-{time.time_ns()}", str(acks)],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    acked |= set(acks.read_text().split())
    return json.loads(done.stdout)


def tell(what: str, told: dict) -> None:
    """One line."""
    print(f"{what}: {told['achieved']:,}/s acknowledged, p50 {told['p50_ms']} ms, p99 {told['p99_ms']} ms, max {told['max_ms']} ms, "
          f"the generator itself late p99 {told['own_late_p99_ms']} ms, answers {told['statuses']}, unsent {told['unsent']}, shed without Retry-After {told['without_retry_after']}", flush=True)  # fmt: skip


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
