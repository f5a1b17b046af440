"""Temporal simple cycles: depth-first search from each first payment, inside a window, with amounts that fit."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def _after(start, order, at_ms, node, time, equal):  # type: ignore[no-untyped-def]
    """First position in a node's time-sorted rows later than `time` (or at it, when equal times count)."""
    low, high = start[node], start[node + 1]
    while low < high:
        middle = (low + high) // 2
        at = at_ms[order[middle]]
        if at < time or (at == time and equal == 0):
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def cycles(start, order, columns, limits, tolerance):  # type: ignore[no-untyped-def]
    """All temporal simple cycles, as (rows of all cycles one after another, length of each, roots cut short).

    `start`, `order` list each node's outgoing rows by time (self-transfers left out); `columns` is (src, dst, amount,
    at_ms, currency). `limits` is (min hops, max hops, window ms, equal times, steps per root, most cycles, in order of time). Each next
    amount lies between (1 - drop) and (1 + rise) times the one before, `tolerance` = (drop, rise).

    The root is the cycle's first payment; where order does not count, the first row. Where all times are equal, a cycle
    may come once for each rotation whose amounts fit. A root that takes more than
    `steps` is cut and counted.
    """
    src, dst, amount, at_ms, currency = columns
    least, most, window, equal, steps, cap, ordered = limits
    drop, rise = tolerance
    n_nodes = len(start) - 1
    last_in = np.full(n_nodes, np.iinfo(np.int64).min, np.int64)
    for row in order:
        last_in[dst[row]] = max(last_in[dst[row]], at_ms[row])
    rows = np.empty(1024, np.int64)
    lengths = np.empty(256, np.int64)
    used, count, cut = 0, 0, 0
    on_path = np.zeros(n_nodes, np.bool_)
    path = np.empty(most, np.int64)
    place = np.empty(most, np.int64)
    for first in range(len(order)):
        root = order[first]
        home, end = src[root], at_ms[root] + window
        if last_in[home] < at_ms[root]:
            continue
        path[0] = root
        depth, taken = 1, 0
        on_path[dst[root]] = True
        place[0] = _after(start, order, at_ms, dst[root], at_ms[root], max(equal, 1 - ordered))
        while depth > 0:
            current = path[depth - 1]
            node = dst[current]
            position = place[depth - 1]
            if position >= start[node + 1] or at_ms[order[position]] > end or taken > steps:
                on_path[node] = False
                depth -= 1
                continue
            place[depth - 1] += 1
            taken += 1
            row = order[position]
            if currency[row] != currency[root] or (ordered == 0 and row < root):
                continue
            if amount[row] < (1.0 - drop) * amount[current] or amount[row] > (1.0 + rise) * amount[current]:
                continue
            target = dst[row]
            if target == home:
                if depth + 1 < least:
                    continue
                if count >= cap:
                    taken = steps + 1
                    continue
                if used + depth + 1 > len(rows):
                    rows = np.append(rows, np.empty(len(rows), np.int64))
                if count == len(lengths):
                    lengths = np.append(lengths, np.empty(len(lengths), np.int64))
                for k in range(depth):
                    rows[used + k] = path[k]
                rows[used + depth] = row
                lengths[count] = depth + 1
                used += depth + 1
                count += 1
            elif depth + 1 < most and not on_path[target]:
                on_path[target] = True
                path[depth] = row
                earliest = at_ms[row] if ordered != 0 else at_ms[root]
                place[depth] = _after(start, order, at_ms, target, earliest, max(equal, 1 - ordered))
                depth += 1
        cut += taken > steps
    return rows[:used].copy(), lengths[:count].copy(), cut
