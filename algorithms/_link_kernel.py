"""Kernels that find which payment passes on which money, in blocks of accounts so small that they stay in the cache.

Going from account to account through all transfers touches memory at random, and costs the more a transfer the more
transfers there are. So a stretch of time is taken, its movements are dealt out into blocks of neighbouring purses, and
every block is worked on by itself; what is still there at the end of the stretch is kept for the next one. Blocks are
independent and may run at once. A *purse* is one account in one currency; money of two currencies never meets.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: A record is [place of the purse in its block << ROW_BITS | row, time, amount].
ROW_BITS = 40
_ROW = (1 << ROW_BITS) - 1


@njit(cache=True, nogil=True)
def tally(near, far, currency, stop, skip, shape, rows):  # type: ignore[no-untyped-def]
    """Where each block of these rows (from, to) begins; movements of `stop` nodes, to oneself, and marked `skip` are left out.

    `skip` may be empty. `near` is the side whose purses are dealt out; `shape` is (currencies, purses in a block as a power of two, blocks).
    """
    currencies, bits, blocks = shape
    start = np.zeros(blocks + 1, np.int64)
    for i in range(rows[0], rows[1]):
        if near[i] == far[i] or stop[near[i]] or (len(skip) > 0 and skip[i]):
            continue
        start[((near[i] * currencies + currency[i]) >> bits) + 1] += 1
    for block in range(blocks):
        start[block + 1] += start[block]
    return start


@njit(cache=True, nogil=True)
def deal(near, far, currency, stop, skip, shape, rows, values, start, records):  # type: ignore[no-untyped-def]
    """Fill `records` block by block, in the order of rows inside each; `values` is (time, amount)."""
    currencies, bits, _ = shape
    at_ms, amount = values
    inside = (1 << bits) - 1
    at = start[:-1].copy()
    for i in range(rows[0], rows[1]):
        if near[i] == far[i] or stop[near[i]] or (len(skip) > 0 and skip[i]):
            continue
        purse = near[i] * currencies + currency[i]
        place = at[purse >> bits]
        at[purse >> bits] += 1
        records[place, 0] = (purse & inside) << ROW_BITS | i
        records[place, 1] = at_ms[i]
        records[place, 2] = amount[i]


@njit(cache=True, nogil=True)
def _by_purse(records, start, order):  # type: ignore[no-untyped-def]
    """Places of a block's records purse by purse, keeping their order inside one; `start` gets where each begins."""
    start[:] = 0
    for k in range(len(records)):
        start[(records[k, 0] >> ROW_BITS) + 1] += 1
    for purse in range(len(start) - 1):
        start[purse + 1] += start[purse]
    for k in range(len(records)):
        purse = records[k, 0] >> ROW_BITS
        order[start[purse]] = k
        start[purse] += 1
    for purse in range(len(start) - 1, 0, -1):
        start[purse] = start[purse - 1]
    start[0] = 0


@njit(cache=True, nogil=True)
def attribute(sides, part, bits, rule, links, keep):  # type: ignore[no-untyped-def]
    """Links (inflow, outflow, amount) of the blocks from `part[0]` up to `part[1]`; returns (how many, how many kept).

    `sides` is (kept from before, its starts, came in, its starts, went out, its starts): records and where each block's
    begin. `rule` is (window in ms, equal times allowed, last in first out, smallest explained share): an outflow is taken
    as funded by the inflows of the last window, oldest first (or newest first), when together they cover at least that
    share of it; otherwise it is paid from older money and leaves them untouched. Each step uses up an inflow or an
    outflow, so there are fewer links than inflows and outflows together, however busy the account. `keep` is (time of the
    last row, records, their number by block): inflows that a later outflow can still pass on.
    """
    old, old_start, came, came_start, went, went_start = sides
    now, kept, kept_count = keep
    count, held, widest_in, widest_out = 0, 0, 0, 0
    for block in range(part[0], part[1]):
        here = old_start[block + 1] - old_start[block] + came_start[block + 1] - came_start[block]
        widest_in = max(widest_in, here)
        widest_out = max(widest_out, went_start[block + 1] - went_start[block])
    order, queue = np.empty((2, widest_in), np.int64), np.empty(widest_in, np.int64)
    out_order, both = np.empty(widest_out, np.int64), np.empty((widest_in, 3), np.int64)
    start = np.empty((2, (1 << bits) + 1), np.int64)
    for block in range(part[0], part[1]):
        before, new = old[old_start[block] : old_start[block + 1]], came[came_start[block] : came_start[block + 1]]
        outs = went[went_start[block] : went_start[block + 1]]
        ins = both[: len(before) + len(new)]
        ins[: len(before)] = before
        ins[len(before) :] = new
        if len(ins) > 0 and len(outs) > 0:
            _by_purse(ins, start[0], order[0])
            _by_purse(outs, start[1], out_order)
            count = _match(ins, outs, (start[0], order[0], start[1], out_order), queue, rule, links, count)
        first = held
        for k in range(len(ins)):
            if ins[k, 2] > 0 and ins[k, 1] >= now - rule[0]:
                kept[held] = ins[k]
                held += 1
        kept_count[block] = held - first
    return count, held


@njit(cache=True, nogil=True)
def _match(ins, outs, purses, queue, rule, links, count):  # type: ignore[no-untyped-def]
    """Links of one block, written from place `count` on; the amounts of `ins` are used up."""
    window, equal, lifo, explained = rule
    lot, pays, money = links
    in_start, in_order, out_start, out_order = purses
    for purse in range(len(in_start) - 1):
        i, i_end = in_start[purse], in_start[purse + 1]
        j, j_end = out_start[purse], out_start[purse + 1]
        if i == i_end or j == j_end:
            continue
        head, tail, live = 0, 0, 0.0
        while j < j_end:
            out = out_order[j]
            j += 1
            now, need = outs[out, 1], outs[out, 2]
            while i < i_end and (ins[in_order[i], 1] < now or (equal != 0 and ins[in_order[i], 1] == now)):
                queue[tail] = in_order[i]
                live += ins[in_order[i], 2]
                tail += 1
                i += 1
            while head < tail and ins[queue[head], 1] < now - window:
                live -= ins[queue[head], 2]
                head += 1
            if head == tail:
                live = 0.0
            if head == tail or live + 0.5 < explained * need:
                continue
            while need > 0 and head < tail:
                first = queue[tail - 1] if lifo != 0 else queue[head]
                take = min(need, ins[first, 2])
                if take > 0:
                    lot[count], pays[count], money[count] = ins[first, 0] & _ROW, outs[out, 0] & _ROW, take
                    count += 1
                    ins[first, 2] -= take
                    live -= take
                    need -= take
                if ins[first, 2] == 0:
                    if lifo != 0:
                        tail -= 1
                    else:
                        head += 1
    return count
