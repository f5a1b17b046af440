"""How benches measure: the machine's name, and one function in a child process with its wall time and peak memory."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def machine() -> str:
    """One line: date, processor, cores, memory, Python."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a child said: seconds by step, other figures, and its peak resident memory in MiB."""

    seconds: dict[str, float]
    figures: dict[str, Any]
    peak_mib: float


def in_child(module: str, function: str, *arguments: str) -> Measured:
    """Run `module.function(*arguments)`, which returns (seconds by step, figures), in a fresh process."""
    code = (
        "import importlib, json, resource, sys\n"
        "seconds, figures = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(*sys.argv[3:])\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print('\\n@@' + json.dumps([seconds, figures, peak]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, module, function, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{module}.{function} failed:\n{done.stderr[-3000:]}")
    return Measured(*json.loads(done.stdout.rsplit("@@", 1)[1]))
