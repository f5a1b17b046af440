"""Kernels over arrays of transfers: which payment passes on which money, and how much of it is traced.

Every function works on int64 arrays of transfers sorted by time, and costs time linear in transfers. A *purse* is one
account in one currency; money of two currencies never meets.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def group(keys, n_keys):  # type: ignore[no-untyped-def]
    """CSR by key, keeping the given order inside a key: (start of each key, length n_keys + 1; positions)."""
    start = np.zeros(n_keys + 1, np.int64)
    for key in keys:
        start[key + 1] += 1
    for i in range(n_keys):
        start[i + 1] += start[i]
    at = start[:-1].copy()
    order = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        order[at[keys[i]]] = i
        at[keys[i]] += 1
    return start, order


@njit(cache=True)
def first_of_pair(start, order, there, n_there):  # type: ignore[no-untyped-def]
    """Position of the first row of each row's pair; `start` and `order` list the rows of each node at the near end.

    `there` is the node at the far end of each row, below `n_there`. One visit a row, no sorting of pairs.
    """
    first = np.empty(len(there), np.int64)
    seen_by = np.full(n_there, -1, np.int64)
    seen_at = np.empty(n_there, np.int64)
    for here in range(len(start) - 1):
        for at in range(start[here], start[here + 1]):
            row = order[at]
            if seen_by[there[row]] != here:
                seen_by[there[row]] = here
                seen_at[there[row]] = row
            first[row] = seen_at[there[row]]
    return first


@njit(cache=True, nogil=True)
def count(keys, n_keys):  # type: ignore[no-untyped-def]
    """How many rows have each key."""
    found = np.zeros(n_keys, np.int32)
    for key in keys:
        found[key] += 1
    return found


@njit(cache=True, nogil=True)
def partners(here, there, number, start, at_ms):  # type: ignore[no-untyped-def]
    """(different partners, time from first to last row) of some nodes: `number` is a node's place among them, or -1.

    `start` says where each one's rows begin when they are put together; rows are in order of time.
    """
    some = len(start) - 1
    far = np.empty(start[some], np.int32)
    at = start[:-1].copy()
    first, last = np.empty(some, np.int64), np.empty(some, np.int64)
    for i in range(len(here)):
        one = number[here[i]]
        if one >= 0:
            if at[one] == start[one]:
                first[one] = at_ms[i]
            last[one] = at_ms[i]
            far[at[one]] = there[i]
            at[one] += 1
    different = np.zeros(some, np.int64)
    seen_by = np.full(len(number), -1, np.int32)
    for one in range(some):
        for k in range(start[one], start[one + 1]):
            if seen_by[far[k]] != one:
                seen_by[far[k]] = one
                different[one] += 1
    return different, last - first


@njit(cache=True, nogil=True)
def rows_of(keys, wanted):  # type: ignore[no-untyped-def]
    """Rows whose key is marked `wanted`, ascending."""
    found = 0
    for key in keys:
        found += wanted[key]
    rows = np.empty(found, np.int64)
    found = 0
    for i in range(len(keys)):
        if wanted[keys[i]]:
            rows[found] = i
            found += 1
    return rows


@njit(cache=True, nogil=True)
def total_of(keys, values, wanted):  # type: ignore[no-untyped-def]
    """Sum of the values of each key that is marked `wanted`, 0 of the others."""
    found = np.zeros(len(wanted), np.float64)
    for i in range(len(keys)):
        if wanted[keys[i]]:
            found[keys[i]] += values[i]
    return found


@njit(cache=True, nogil=True)
def narrowed(n, lot, pays, also):  # type: ignore[no-untyped-def]
    """(rows below n that occur in a link or in `also`, ascending; `lot` and `pays` as places among them)."""
    place = np.zeros(n, np.int32)
    for part in (lot, pays, also):
        for row in part:
            place[row] = 1
    found = 0
    for row in range(n):
        found += place[row]
    rows = np.empty(found, np.int64)
    found = 0
    for row in range(n):
        if place[row]:
            rows[found] = row
            place[row] = found
            found += 1
    new_lot, new_pays = np.empty(len(lot), np.int64), np.empty(len(pays), np.int64)
    for k in range(len(lot)):
        new_lot[k] = place[lot[k]]
        new_pays[k] = place[pays[k]]
    return rows, new_lot, new_pays


@njit(cache=True, nogil=True)
def weave(rows, more, place, woven):  # type: ignore[no-untyped-def]
    """Fill `woven` with `rows`, value k of `more` before row `place[k]` (ascending)."""
    at = 0
    for k in range(len(more)):
        while at < place[k]:
            woven[at + k] = rows[at]
            at += 1
        woven[at + k] = more[k]
    for i in range(at, len(rows)):
        woven[i + len(more)] = rows[i]


@njit(cache=True)
def _find(parent, x):  # type: ignore[no-untyped-def]
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@njit(cache=True)
def join(parent, first, second):  # type: ignore[no-untyped-def]
    """Union pairs into `parent` in place (smallest position is the root), then point everything at its root."""
    for k in range(len(first)):
        a, b = _find(parent, first[k]), _find(parent, second[k])
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for x in range(len(parent)):
        parent[x] = _find(parent, x)


@njit(cache=True)
def unspent(lot, money, amount):  # type: ignore[no-untyped-def]
    """What the links leave of each inflow, minor units."""
    left = amount.copy()
    for k in range(len(lot)):
        left[lot[k]] -= money[k]
    return left


@njit(cache=True)
def pooled_retained(lot, pays, left, amount):  # type: ignore[no-untyped-def]
    """Share of each inflow's pool that stayed behind, 0 to 1; 1 where nothing was passed on.

    Inflows paid onward by the same outflow are one pool: a collector's cut is then spread over all it collected and
    does not fall on the last inflow alone.
    """
    n = len(amount)
    parent = np.arange(n)
    last = np.full(n, -1, np.int64)
    for k in range(len(lot)):
        if last[pays[k]] >= 0:
            a, b = _find(parent, last[pays[k]]), _find(parent, lot[k])
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
        last[pays[k]] = lot[k]
    total = np.zeros(n)
    stay = np.zeros(n)
    for x in range(n):
        root = _find(parent, x)
        total[root] += amount[x]
        stay[root] += left[x]
    share = np.ones(n)
    for x in range(n):
        root = _find(parent, x)
        if left[x] < amount[x] and total[root] > 0:
            share[x] = stay[root] / total[root]
    return share


@njit(cache=True)
def money_order(lot, pays, at_ms):  # type: ignore[no-untyped-def]
    """Rank of each transfer such that money comes in before it goes out, also among transfers of one instant.

    Without equal times this is the order of time. Inside one instant links decide; where they run in a circle, the
    first transfer in the given order goes first. A link whose lot ranks after its payment runs against the order.
    """
    n = len(at_ms)
    same = np.zeros(len(lot), np.int64)
    waits = np.zeros(n, np.int64)
    for k in range(len(lot)):
        if at_ms[lot[k]] == at_ms[pays[k]]:
            same[k] = 1
            waits[pays[k]] += 1
    start, order = group(lot, n)
    rank = np.full(n, -1, np.int64)
    ready = np.empty(n, np.int64)
    placed = 0
    low = 0
    while low < n:
        high = low
        head = tail = placed
        while high < n and at_ms[high] == at_ms[low]:
            if waits[high] == 0:
                ready[tail] = high
                tail += 1
            high += 1
        oldest = low
        while placed < high:
            if head == tail:
                while waits[oldest] <= 0 or rank[oldest] >= 0:
                    oldest += 1
                waits[oldest] = 0
                ready[tail] = oldest
                tail += 1
            x = ready[head]
            head += 1
            rank[x] = placed
            placed += 1
            for at in range(start[x], start[x + 1]):
                k = order[at]
                if same[k] == 1 and rank[pays[k]] < 0 and waits[pays[k]] > 0:
                    waits[pays[k]] -= 1
                    if waits[pays[k]] == 0:
                        ready[tail] = pays[k]
                        tail += 1
        low = high
    return rank


@njit(cache=True)
def trace(seeded, links, amount, order, max_hops):  # type: ignore[no-untyped-def]
    """Follow seeded money along links, each step in money order.

    `seeded` is money per transfer that is traced from the start; `links` is (start, lot's links in CSR order, pays,
    money); `order` lists transfers in money order. Returns (traced money, hop: 0 for a seed, -1 when not reached, else one more
    than the inflow that gives most of it, traced money that left the account the transfer came into, traced money per link). Within one inflow traced and
    other money leave pro rata, and traced money out never exceeds traced money in.
    """
    start, by_lot, pays, money = links
    n = len(amount)
    traced = seeded.copy()
    hop = np.full(n, -1, np.int64)
    gone = np.zeros(n, np.int64)
    most = np.zeros(n, np.int64)
    carried = np.zeros(len(pays), np.int64)
    for x in range(n):
        if traced[x] > 0:
            hop[x] = 0
    for x in order:
        if traced[x] <= 0 or hop[x] + 1 >= max_hops:
            continue
        lot_left = amount[x]
        for at in range(start[x], start[x + 1]):
            k = by_lot[at]
            y = pays[k]
            if traced[x] == amount[x]:
                share = money[k]
            elif money[k] == lot_left:
                share = traced[x] - gone[x]
            else:
                share = np.int64(traced[x] * (money[k] / amount[x]))
            share = min(share, traced[x] - gone[x], money[k], amount[y] - traced[y])
            lot_left -= money[k]
            if share <= 0:
                continue
            carried[k] = share
            gone[x] += share
            traced[y] += share
            if share > most[y]:
                most[y] = share
                if hop[y] != 0:
                    hop[y] = hop[x] + 1
    return traced, hop, gone, carried


@njit(cache=True)
def count_paths(ends, links, order):  # type: ignore[no-untyped-def]
    """Paths from each transfer forward to an end, as floats (they may be astronomically many); 1 at an end itself."""
    start, by_lot, pays, carried = links
    paths = np.zeros(len(ends))
    for x in order[::-1]:
        onward = 0.0
        for at in range(start[x], start[x + 1]):
            k = by_lot[at]
            if carried[k] > 0:
                onward += paths[pays[k]]
        paths[x] = onward if onward > 0 else 1.0
    return paths
