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
def first_of_pair(start, order, there):  # type: ignore[no-untyped-def]
    """Position of the first row of each row's pair; `start` and `order` list the rows of each node at the near end.

    `there` is the node at the far end of each row. One visit a row, no sorting of pairs.
    """
    first = np.empty(len(there), np.int64)
    seen_by = np.full(len(start) - 1, -1, np.int64)
    seen_at = np.empty(len(start) - 1, np.int64)
    for here in range(len(start) - 1):
        for at in range(start[here], start[here + 1]):
            row = order[at]
            if seen_by[there[row]] != here:
                seen_by[there[row]] = here
                seen_at[there[row]] = row
            first[row] = seen_at[there[row]]
    return first


@njit(cache=True)
def attribute(purses, amount, at_ms, shape, rule):  # type: ignore[no-untyped-def]
    """Links (inflow, outflow, amount) that say which money pays which payment, account by account.

    `purses` is (in_start, in_order, out_start, out_order). `shape` is (n_purses, window_s in ms, equal times allowed).
    `rule` is (last in first out, smallest explained share): an outflow is taken as funded by the inflows of the last
    window, oldest first (or newest first), when together they cover at least that share of it; otherwise it is paid
    from older money and leaves them untouched. Each step uses up an inflow or an outflow, so there are fewer links
    than inflows and outflows together, however busy the account.
    """
    in_start, in_order, out_start, out_order = purses
    n_purses, window, equal = shape
    lifo, explained = rule
    n = len(amount)
    lot = np.empty(2 * n, np.int64)
    pays = np.empty(2 * n, np.int64)
    money = np.empty(2 * n, np.int64)
    left = amount.copy()
    queue = np.empty(n, np.int64)
    count = 0
    for purse in range(n_purses):
        i, i_end = in_start[purse], in_start[purse + 1]
        j, j_end = out_start[purse], out_start[purse + 1]
        if i == i_end or j == j_end:
            continue
        head, tail, live = 0, 0, 0.0
        while j < j_end:
            now = at_ms[out_order[j]]
            while i < i_end and (at_ms[in_order[i]] < now or (equal != 0 and at_ms[in_order[i]] == now)):
                queue[tail] = in_order[i]
                live += left[in_order[i]]
                tail += 1
                i += 1
            while head < tail and at_ms[queue[head]] < now - window:
                live -= left[queue[head]]
                head += 1
            if head == tail:
                live = 0.0
            out = out_order[j]
            j += 1
            if head == tail or live + 0.5 < explained * amount[out]:
                continue
            need = amount[out]
            while need > 0 and head < tail:
                first = queue[tail - 1] if lifo != 0 else queue[head]
                take = min(need, left[first])
                if take > 0:
                    lot[count], pays[count], money[count] = first, out, take
                    count += 1
                    left[first] -= take
                    live -= take
                    need -= take
                if left[first] == 0:
                    if lifo != 0:
                        tail -= 1
                    else:
                        head += 1
    return lot[:count].copy(), pays[:count].copy(), money[:count].copy()


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
