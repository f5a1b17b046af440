"""Which payment passes on which money, for all accounts at once: stretch of time by stretch, block of accounts by block."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from algorithms import _at_once
from algorithms import _link_kernel as kernel
from algorithms._at_once import at_once

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Links = tuple[Ints, Ints, Ints]

#: Movements of a stretch of time, and into how many blocks of purses they are dealt out: a block fits a core's cache.
_STRETCH, _BLOCKS = 1 << 20, 128


def attributed(
    ends: tuple[Ints, Ints], columns: tuple[Ints, Ints, Ints], nodes: tuple[int, Bools], converted: Bools,
    rule: tuple[int, int, int, float],
) -> Links:  # fmt: skip
    """Links as (inflow, payment, money); those of one inflow are in order of the payments. `ends` is (payer, payee),
    `columns` (time, amount, currency) by row, `nodes` (how many, which ones are stops).

    `rule` as in `_link_kernel.attribute`. What comes to or leaves a stop, or reaches the payee `converted`, is no
    inflow. Rows are in order of time. The links do not depend on the number of threads.
    """
    (src, dst), (at_ms, amount, currency), (n_nodes, stop) = ends, columns, nodes
    currencies = int(currency.max()) + 1 if len(at_ms) else 1
    bits = (n_nodes * currencies // _BLOCKS).bit_length()
    shape = (currencies, bits, (n_nodes * currencies >> bits) + 1)
    threads = min(4, os.cpu_count() or 1) if len(at_ms) >= _at_once.ONE_THREAD else 1
    kept, kept_start = np.empty((0, 3), np.int64), np.zeros(shape[2] + 1, np.int64)
    room = [np.empty((0, 3), np.int64)] * 2
    made: list[Links] = [(np.zeros(0, np.int64),) * 3]
    for rows in _stretches(at_ms):

        def side(place: int, near: Ints, far: Ints, skip: Bools, rows: tuple[int, int] = rows) -> tuple[Ints, Ints]:
            start = kernel.tally(near, far, currency, stop, skip, shape, rows)
            if len(room[place]) < start[-1]:
                room[place] = np.empty((rows[1] - rows[0], 3), np.int64)
            kernel.deal(near, far, currency, stop, skip, shape, rows, (at_ms, amount), start, room[place])
            return room[place], start

        jobs = [partial(side, 0, dst, src, converted), partial(side, 1, src, dst, np.zeros(0, np.bool_))]
        came, went = at_once(rows[1] - rows[0], jobs)
        sides, last_ms = (kept, kept_start, *came, *went), int(at_ms[rows[1] - 1])
        parts = [partial(_links, sides, part, bits, rule, last_ms) for part in _shares(sides, threads)]
        done = at_once(rows[1] - rows[0], parts)
        made += [links for links, _, _ in done]
        kept = np.concatenate([records for _, records, _ in done])
        kept_start = np.append(0, np.cumsum(np.concatenate([count for _, _, count in done])))
    lot, pays, money = (np.concatenate([links[place] for links in made]) for place in range(3))
    return lot, pays, money


def _stretches(at_ms: Ints) -> Iterator[tuple[int, int]]:
    """(from, to) of the rows that are worked on together; no instant is cut."""
    low = 0
    while low < len(at_ms):
        last = min(len(at_ms), low + _STRETCH) - 1
        high = int(np.searchsorted(at_ms, at_ms[last], side="right"))
        yield low, high
        low = high


def _shares(sides: tuple[Ints, ...], threads: int) -> list[tuple[int, int]]:
    """(from, to) of the blocks of each thread, about equally much work."""
    work = sides[1] + sides[3] + sides[5]
    cuts = np.searchsorted(work, work[-1] * np.arange(1, threads) // threads).tolist()
    return list(pairwise([0, *cuts, len(work) - 1]))


def _links(
    sides: tuple[Ints, ...], part: tuple[int, int], bits: int, rule: tuple[int, int, int, float], last_ms: int
) -> tuple[Links, Ints, Ints]:
    """(links, inflows kept for later, how many of each block) of some blocks."""
    old, came, went = (int(start[part[1]] - start[part[0]]) for start in sides[1::2])
    links = (np.empty(n := old + came + went, np.int64), np.empty(n, np.int64), np.empty(n, np.int64))
    kept, kept_count = np.empty((old + came, 3), np.int64), np.zeros(part[1], np.int64)
    count, held = kernel.attribute(sides, part, bits, rule, links, (last_ms, kept, kept_count))
    lot, pays, money = (column[:count].copy() for column in links)
    return (lot, pays, money), kept[:held].copy(), kept_count[part[0] :]
