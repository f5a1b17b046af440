"""Jobs that let go of the interpreter lock (compiled kernels, Arrow, large numpy steps), side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

#: Fewer rows than this are done before threads have started.
ONE_THREAD = 50_000


def at_once(rows: int, jobs: Sequence[Callable[[], T]], threads: int = 0) -> list[T]:
    """Results of the jobs in their order, in threads (one a job unless said) when there are many rows."""
    if rows < ONE_THREAD or len(jobs) < 2:
        return [job() for job in jobs]
    with ThreadPoolExecutor(threads or len(jobs)) as pool:
        return list(pool.map(lambda job: job(), jobs))
