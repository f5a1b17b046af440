"""Who goes first when the processor is short: threads that answer somebody, before those that tidy up."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BEHIND = 10
_TASKS = Path("/proc/self/task")


def stand_back(thread_id: int | None = None) -> None:
    """This thread (or the one of that system id) works when no other wants the processor, and so do threads it starts.

    Only Linux gives threads their own priority; elsewhere nothing changes.
    """
    if sys.platform == "linux":
        of = thread_id or threading.get_native_id()
        with suppress(OSError):  # it has ended, or a sandbox forbids it
            if os.getpriority(os.PRIO_PROCESS, of) < _BEHIND:
                os.setpriority(os.PRIO_PROCESS, of, _BEHIND)


@contextmanager
def started_stand_back() -> Iterator[None]:
    """Threads that are started meanwhile, also by libraries, stand back; Python's own go on as they are."""
    before = _threads()
    yield
    ours = {thread.native_id for thread in threading.enumerate()}
    for thread_id in _threads() - before - ours:
        stand_back(thread_id)


def _threads() -> set[int]:
    try:
        return {int(path.name) for path in _TASKS.iterdir()}
    except OSError:
        return set()
