"""One load on the served installation by the client in a process of its own, and the line that says what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PORT = 8765
#: The 99th percentile that a rate must keep.
KNEE_MS = 50.0
#: Who pays whom: past payments again, or any two of 50,000 accounts, which rules find suspicious again and again.
HABITS, STRANGERS = "payments.json", "accounts.json"


def run(
    scratch: Path,
    rate: float,
    seconds: float,
    batch: int,
    prefix: str,
    acked: set[str],
    connections: int = 48,
    then: tuple[float, float, float] | None = None,
    load: str = HABITS,
) -> dict[str, Any]:
    """What the client reports; ids that were acknowledged are added to `acked`. `then`: its rate, seconds and patience."""  # fmt: skip
    acks = scratch / "acks"
    done = subprocess.run(
        [sys.executable, "-m", "bench._inflight_client", str(PORT), str(scratch / "key"), str(scratch / load),
         str(rate), str(seconds), str(batch), str(connections), f"{prefix}-{time.time_ns()}", str(acks),
         *map(str, then or ())],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    acked |= set(acks.read_text().split())
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def tell(what: str, told: dict[str, Any]) -> None:
    """One line."""
    print(f"{what}: {told['achieved']:,}/s acknowledged, p50 {told['p50_ms']} ms, p99 {told['p99_ms']} ms, max {told['max_ms']} ms, "
          f"the generator itself late p99 {told['own_late_p99_ms']} ms, answers {told['statuses']}, unsent {told['unsent']}, "
          f"shed without Retry-After {told['without_retry_after']}, not allowed {told['not_allowed']:.1%}", flush=True)  # fmt: skip
