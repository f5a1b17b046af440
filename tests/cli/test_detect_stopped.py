"""Ctrl-C of `ringtrace detect`: it ends in order, says so in one line, and leaves nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa

from core.settings import Settings
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from graph.queries import findings as questions
from ledger.projection import catch_up, check
from usecases import bootstrap

ROOT = Path(__file__).parents[2]
#: The command itself, with one algorithm that waits at a known place: pressing Ctrl-C is then no race.
WAITING = """
import sys, time
from algorithms import fan_out
from algorithms._base import Algorithm, catalog
from cli.main import main
from usecases import detect

def find(task, params):
    print("at work", file=sys.stderr, flush=True)
    for _ in range(1200):
        time.sleep(0.05)
        task.progress(0.5, "half")
    return []

slow = Algorithm("slow", "1", "Slow", fan_out.FanOutParams, find)
known = {"fan_in": catalog()["fan_in"], "slow": slow}
detect.catalog = lambda: known
detect.order = lambda names: [known[name] for name in names]
sys.exit(main(["detect", "fan_in", "slow"]))
"""


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "RINGTRACE_HOME": str(home), "RINGTRACE_BUFFER_POOL_MB": "128", "COLUMNS": "200"}


def test_ctrl_c_ends_the_run_in_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    payers = [f"A{i}" for i in range(12)]
    paid = {
        "from_id": payers, "to_id": ["HUB"] * 12, "id": [f"t{i}" for i in range(12)], "currency": ["CNY"] * 12,
        "amount_minor": [900_000 + i for i in range(12)], "at_ms": [600_000 * i for i in range(12)],
    }  # fmt: skip
    facts = (
        RowSet("Account", conform("Account", pa.table({"id": ["HUB", *payers]}))),
        RowSet("TRANSFER", conform("TRANSFER", pa.table(paid)), "Account", "Account"),
    )
    with bootstrap.running(Settings(home=home, buffer_pool_mb=128)) as services:
        services.ledger.append(Source("x", "test", "x"), [Intake(facts=facts, rows_read=25)], by="test")
        catch_up(services.ledger, services.store)
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING], env=environment(home), cwd=ROOT, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    late = threading.Timer(120, process.kill)
    late.start()
    said: list[str] = []
    try:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line.strip())
            if line.strip() == "at work":
                process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130, said
    finally:
        late.cancel()
        process.kill()
        process.wait(timeout=60)
    assert said[-1] == "ringtrace: stopped; what was written is whole"
    assert not any("Traceback" in line for line in said)
    # What was to come was told before: engines with their reason, and memory.
    told = said[: said.index("at work")]
    assert "engine local for fan_in, slow: the only engine it has" in told
    assert any(line.startswith("memory: at most about 1 MiB") for line in told)
    # The store opens again; what ended before the stop is whole, of what was stopped there is nothing.
    with bootstrap.running(Settings(home=home, buffer_pool_mb=128)) as services:
        page = questions.list_findings(services.store, limit=10)
        assert [item.properties["kind"] for item in page.items] == ["fan_in"]
        check(services.ledger, services.store)
