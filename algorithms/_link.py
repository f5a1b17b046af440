"""Which payment passes on which money, for all accounts at once: deals movements out into blocks and runs the kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from algorithms import _link_kernel as kernel

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
T = TypeVar("T")

#: Purses of a block, as a power of two: the movements of so many accounts fit a core's cache.
_BITS, _MOST_BLOCKS = 11, 1024
#: Fewer movements than this are done before threads have started.
_ONE_THREAD = 50_000


def at_once(rows: int, jobs: Sequence[Callable[[], T]], threads: int = 0) -> list[T]:
    """Results of the jobs, in threads (one a job unless said) when there are many rows: kernels without the interpreter lock."""
    if rows < _ONE_THREAD or len(jobs) < 2:
        return [job() for job in jobs]
    with ThreadPoolExecutor(threads or len(jobs)) as pool:
        return list(pool.map(lambda job: job(), jobs))


def attributed(
    ends: tuple[Ints, Ints], values: tuple[Ints, Ints], currency: Ints, n_nodes: int, stop: Bools, converted: Bools,
    rule: tuple[int, int, int, float],
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """Links as (inflow, payment, money), account by account; `ends` is (payer, payee), `values` (time, amount) by row.

    `rule` as in `_link_kernel.attribute`. What comes to or leaves a `stop` node, or reaches the payee `converted`, is
    no inflow. Rows are in order of time. The links do not depend on the number of threads.
    """
    src, dst = ends
    currencies = int(currency.max()) + 1 if len(currency) else 1
    purses = n_nodes * currencies
    bits = max(_BITS, int(np.ceil(np.log2(max(1, purses) / _MOST_BLOCKS))))
    shape = (currencies, bits, (purses >> bits) + 1)
    none = np.zeros(0, np.bool_)

    def side(near: Ints, far: Ints, skip: Bools) -> tuple[Ints, Ints]:
        start = kernel.tally(near, far, currency, stop, skip, shape)
        records = np.empty((int(start[-1]), 3), np.int64)
        kernel.deal(near, far, currency, stop, skip, shape, values, start, records)
        return records, start

    (came, came_start), (left, left_start) = at_once(
        len(src), [lambda: side(dst, src, converted), lambda: side(src, dst, none)]
    )
    work = came_start + left_start

    def part(first: int, last: int) -> list[Ints]:
        links = tuple(np.empty(int(work[last] - work[first]), np.int64) for _ in range(3))
        count = kernel.attribute(came, came_start, left, left_start, (first, last), bits, rule, links)
        return [column[:count] for column in links]

    threads = min(8, os.cpu_count() or 1) if len(src) >= _ONE_THREAD else 1
    cuts = [0, *np.searchsorted(work, work[-1] * np.arange(1, threads) // threads).tolist(), shape[2]]
    made = at_once(len(src), [partial(part, *pair) for pair in pairwise(cuts)])
    lot, pays, money = (np.concatenate([links[place] for links in made]) for place in range(3))
    return lot, pays, money
