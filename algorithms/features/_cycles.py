"""Cycles that one payment closes: how many, by length, looking at earlier payments only.

A cycle is a sequence of accounts, each once; two payments between the same accounts make one cycle, not two. Payments
at the very time of the closing one are not part of it: with equal times there is no before. Counts agree with IBM's
Graph Feature Preprocessor fed one payment at a time (Blanuša et al. 2024).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from algorithms.features._index import NEVER, first_at

#: Entries looked at forwards, to see whether the money can come back at all, before the search backwards begins.
_GLANCE = 256


@njit(cache=True, nogil=True, inline="always")
def _bounds(lists, at, v, low_ms, high_ms):  # type: ignore[no-untyped-def]
    """Places of a list's entries with low_ms <= time < high_ms."""
    offset = lists[0][v]
    end = offset + lists[1][v]
    low = first_at(at, offset, end, low_ms)
    return low, first_at(at, low, end, high_ms)


@njit(cache=True, nogil=True)
def _cannot_return(home, away, low_ms, now, temporal, out_lists, out_entries, label, stamp, mark, queue):  # type: ignore[no-untyped-def]
    """True when a short look forwards from `away` exhausts all ways on without meeting `home`."""
    at, nbr = out_entries[1], out_entries[0]
    tail, head, looked = 1, 0, 0
    queue[0], stamp[away], label[away] = away, mark, low_ms - 1
    while head < tail:
        x = queue[head]
        head += 1
        low, high = _bounds(out_lists, at, x, label[x] + 1 if temporal else low_ms, now)
        looked += high - low
        if looked > _GLANCE:
            return False
        for place in range(low, high):
            y = nbr[place]
            if y == home:
                return False
            arrives = at[place]
            if stamp[y] != mark or (temporal and arrives < label[y]):
                if tail >= len(queue):
                    return False
                stamp[y], label[y] = mark, arrives
                queue[tail] = y
                tail += 1
    return True


@njit(cache=True, nogil=True)
def _back(home, away, low_ms, now, limits, in_lists, in_entries, label, stamp, mark, queue):  # type: ignore[no-untyped-def]
    """Label what can still reach `home`: temporal, the latest time to leave; else the fewest payments.

    Returns entries looked at, or -1 when the limit was met.
    """
    temporal, longest, steps = limits
    at, nbr = in_entries[1], in_entries[0]
    tail, head, looked = 1, 0, 0
    queue[0], stamp[home], label[home] = home, mark, now if temporal else 0
    while head < tail:
        x = queue[head % len(queue)]
        head += 1
        if not temporal and label[x] >= longest - 1:
            break
        low, high = _bounds(in_lists, at, x, low_ms, label[x] if temporal else now)
        looked += high - low
        if looked > steps:
            return -1
        for place in range(high - 1, low - 1, -1):
            y = nbr[place]
            if y == home:
                continue
            value = at[place] if temporal else label[x] + 1
            if stamp[y] != mark or (temporal and value > label[y]):
                stamp[y], label[y] = mark, value
                if y != away:
                    if tail - head >= len(queue):
                        return -1
                    queue[tail % len(queue)] = y
                    tail += 1
    return looked


@njit(cache=True, nogil=True)
def _closing(home, away, low_ms, now, limits, out_lists, out_entries, labels, paths, found):  # type: ignore[no-untyped-def]
    """Count the ways from `away` to `home` by length into `found`; returns entries looked at, -1 at the limit."""
    temporal, longest, steps = limits
    label, stamp, mark, on_path = labels
    path, place_of, arrival = paths
    at, nbr, prev_at = out_entries[1], out_entries[0], out_entries[2]
    depth, looked = 1, 0
    path[0], arrival[0] = away, low_ms - 1
    place_of[0], _ = _bounds(out_lists, at, away, low_ms, now)
    on_path[away] = True
    while depth > 0:
        x, since, place = path[depth - 1], arrival[depth - 1], place_of[depth - 1]
        end = out_lists[0][x] + out_lists[1][x]
        if place >= end or at[place] >= now or looked > steps:
            on_path[x] = False
            depth -= 1
            continue
        place_of[depth - 1] = place + 1
        looked += 1
        y, time = nbr[place], at[place]
        # The first payment of a pair after `since` stands for all of them: arriving earlier loses nothing.
        if prev_at[place] > since:
            continue
        if y == home:
            found[min(depth + 1, len(found) - 1)] += 1
        elif depth + 1 < longest and depth < len(path) and stamp[y] == mark and not on_path[y]:
            if temporal:
                if time < label[y]:
                    path[depth], arrival[depth], on_path[y] = y, time, True
                    place_of[depth], _ = _bounds(out_lists, at, y, time + 1, now)
                    depth += 1
            elif depth + 1 + label[y] <= longest:
                path[depth], arrival[depth], on_path[y] = y, low_ms - 1, True
                place_of[depth], _ = _bounds(out_lists, at, y, low_ms, now)
                depth += 1
    return -1 if looked > steps else looked


@njit(cache=True, nogil=True)
def _one(home, away, low_ms, now, limits, arenas, label, marks, on_path, queue, paths, found):  # type: ignore[no-untyped-def]
    """Cycles closed by one payment home -> away at `now`; returns -1 when a limit was met."""
    out_lists, out_entries, in_lists, in_entries = arenas
    low, high = _bounds(in_lists, in_entries[1], home, low_ms, now)
    first, last = _bounds(out_lists, out_entries[1], away, low_ms, now)
    if low == high or first == last:
        return 0
    temporal = limits[0]
    if temporal and out_entries[1][first] > in_entries[1][high - 1]:
        return 0
    stamp, counter = marks
    counter[0] += 1
    if _cannot_return(home, away, low_ms, now, temporal, out_lists, out_entries, label, stamp, counter[0], queue):
        return 0
    counter[0] += 1
    since = out_entries[1][first] if temporal else low_ms
    if _back(home, away, since, now, limits, in_lists, in_entries, label, stamp, counter[0], queue) < 0:
        return -1
    if stamp[away] != counter[0]:
        return 0
    labels = (label, stamp, counter[0], on_path)
    return _closing(home, away, low_ms, now, limits, out_lists, out_entries, labels, paths, found)


@njit(cache=True, nogil=True)
def cycles(rows, begin, end, arenas, limits, window_ms, scratch, bins, column, out, cut):  # type: ignore[no-untyped-def]
    """Write the histogram of cycles each row closes; `cut[i]` is set where the counts are a lower bound.

    `limits` is (temporal, longest cycle, steps); `scratch` (label, stamp, counter, on path, queue) of this thread.
    Self-transfers close nothing.
    """
    src, dst, at = rows[0], rows[1], rows[2]
    label, stamp, counter, on_path, queue = scratch
    longest = min(limits[1], len(queue))
    deepest = min(longest, 64)
    paths = (np.empty(deepest, np.int64), np.empty(deepest, np.int64), np.full(deepest, NEVER))
    found = np.zeros(max(65, bins[-1] + 1), np.int64)
    for i in range(begin, end):
        if src[i] == dst[i]:
            continue
        looked = _one(
            src[i], dst[i], at[i] - window_ms, at[i], (limits[0], deepest, limits[2]), arenas, label,
            (stamp, counter), on_path, queue, paths, found,
        )  # fmt: skip
        if looked == 0:
            continue
        if looked < 0:
            cut[i] = True
        for length in range(2, len(found)):
            if found[length]:
                which = np.searchsorted(bins, length, side="right") - 1
                if which >= 0:
                    out[i, column + which] += found[length]
                found[length] = 0
