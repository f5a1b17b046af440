"""Whether a run fits: memory at hand, and the refusal when it does not."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import TooLarge

#: What stays free for everything else in the process and on the machine.
SPARE_BYTES = 256 << 20


def available_bytes() -> int:
    """Memory that can be taken without swapping, also within a container's limit."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) << 10
    limit, used = (_number(Path(f"/sys/fs/cgroup/memory.{name}")) for name in ("max", "current"))
    return free if limit is None or used is None else min(free, max(0, limit - used))


def need(what: str, wanted_bytes: int, at_hand: int | None = None) -> None:
    """Raises TooLarge, saying both numbers, when `wanted_bytes` is more than what is at hand."""
    free = (available_bytes() if at_hand is None else at_hand) - SPARE_BYTES
    if wanted_bytes > free:
        raise TooLarge(
            f"{what} needs about {_mib(wanted_bytes):,} MiB of memory, {_mib(max(0, free)):,} MiB can be had: "
            "free memory, use a larger machine, or leave this algorithm out"
        )


def _mib(count: int) -> int:
    return -(-count // (1 << 20))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    text = "".join(_lines(path))
    return int(text) if text.isdigit() else None
