"""Scatter-gather: one payer, one payee, and two or more accounts the money passes between them.

For a payment as the first leg (payer -> middle) every payee of the middle ends a pattern, as the second leg
(middle -> payee) every payer of the middle begins one; the size is the number of different middles. The order of the
legs does not count. Counts agree with IBM's Graph Feature Preprocessor fed one payment at a time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from algorithms.features._index import first_at


@njit(cache=True, nogil=True, inline="always")
def _window(lists, entries, v, low_ms, now, row):  # type: ignore[no-untyped-def]
    """Places of a list's entries from `low_ms` to `now`, up to `row`."""
    at, rows = entries[1], entries[3]
    offset = lists[0][v]
    end = offset + lists[1][v]
    low = first_at(at, offset, end, low_ms)
    high = first_at(at, low, end, now + 1)
    while high > low and rows[high - 1] > row:
        high -= 1
    return low, high


@njit(cache=True, nogil=True, inline="always")
def _many(entries, low, high, low_ms):  # type: ignore[no-untyped-def]
    """Whether the places hold two different neighbours."""
    seen = 0
    for place in range(low, high):
        if entries[2][place] < low_ms:
            seen += 1
            if seen == 2:
                return True
    return False


@njit(cache=True, nogil=True)
def _work(lists, entries, ends, low, high, low_ms, now, row, most):  # type: ignore[no-untyped-def]
    """Entries in the windows of the neighbours at [low, high) of `ends`; stops counting beyond `most`."""
    total = 0
    for place in range(low, high):
        if ends[2][place] < low_ms:
            first, last = _window(lists, entries, ends[0][place], low_ms, now, row)
            total += last - first + 1
            if total > most:
                break
    return total


@njit(cache=True, nogil=True)
def _legs(near, far, near_end, low_ms, now, row, arenas, scratch, found, steps):  # type: ignore[no-untyped-def]
    """Count patterns with `near_end` as the fixed end; `near` holds its neighbours, `far` those of this payment's middle.

    `arenas` is (lists, entries) along the way from `near_end`, then against it. For each neighbour z of the middle along
    the way, the middles are those of `near_end`'s neighbours that have z as neighbour. Returns -1 at the limit.
    """
    lists, entries, back_lists, back_entries = arenas
    stamp, counter, count = scratch
    (near_low, near_high), (far_low, far_high) = near, far
    counter[0] += 1
    mark, kinds = counter[0], 0
    for place in range(far_low, far_high):
        z = entries[0][place]
        if z != near_end and entries[2][place] < low_ms:
            stamp[z], count[z] = mark, 0
            kinds += 1
    if kinds == 0:
        return 0
    by_near = _work(lists, entries, entries, near_low, near_high, low_ms, now, row, steps)
    by_far = _work(back_lists, back_entries, entries, far_low, far_high, low_ms, now, row, min(steps, by_near))
    if min(by_near, by_far) > steps:
        return -1
    if by_near <= by_far:
        for place in range(near_low, near_high):
            if entries[2][place] < low_ms:
                first, last = _window(lists, entries, entries[0][place], low_ms, now, row)
                for other in range(first, last):
                    z = entries[0][other]
                    if stamp[z] == mark and entries[2][other] < low_ms:
                        count[z] += 1
    else:
        counter[0] += 1
        middle = counter[0]
        for place in range(near_low, near_high):
            # Ends z that are middles themselves keep their mark in `count` as a negative number.
            m = entries[0][place]
            if stamp[m] != mark:
                stamp[m] = middle
            elif entries[2][place] < low_ms:
                count[m] = -1
        for place in range(far_low, far_high):
            z = entries[0][place]
            if z == near_end or entries[2][place] >= low_ms:
                continue
            first, last = _window(back_lists, back_entries, z, low_ms, now, row)
            size = 0
            for other in range(first, last):
                m = back_entries[0][other]
                is_middle = stamp[m] == middle or (stamp[m] == mark and count[m] == -1)
                if is_middle and back_entries[2][other] < low_ms:
                    size += 1
            if size >= 2:
                found[min(size, len(found) - 1)] += 1
        return 1
    for place in range(far_low, far_high):
        z = entries[0][place]
        if z != near_end and entries[2][place] < low_ms and count[z] >= 2:
            found[min(count[z], len(found) - 1)] += 1
    return 1


@njit(cache=True, nogil=True)
def scatter_gather(rows, begin, end, arenas, steps, window_ms, scratch, bins, column, out, cut):  # type: ignore[no-untyped-def]
    """Write the histogram of scatter-gathers each row belongs to; `cut[i]` where the counts are a lower bound."""
    src, dst, at, first_row = rows[0], rows[1], rows[2], rows[8]
    out_lists, out_entries, in_lists, in_entries = arenas
    against = (in_lists, in_entries, out_lists, out_entries)
    found = np.zeros(max(256, bins[-1] + 1), np.int64)
    for i in range(begin, end):
        s, d = src[i], dst[i]
        if s == d:
            continue
        low_ms, now, row = at[i] - window_ms, at[i], first_row + i
        looked = 0
        paid = _window(out_lists, out_entries, s, low_ms, now, row)
        if _many(out_entries, paid[0], paid[1], low_ms):
            on = _window(out_lists, out_entries, d, low_ms, now, row)
            if on[1] > on[0]:
                looked |= 1
                if _legs(paid, on, s, low_ms, now, row, arenas, scratch, found, steps) < 0:
                    cut[i] = True
        before = _window(in_lists, in_entries, s, low_ms, now, row)
        if before[1] > before[0]:
            received = _window(in_lists, in_entries, d, low_ms, now, row)
            if _many(in_entries, received[0], received[1], low_ms):
                looked |= 1
                if _legs(received, before, d, low_ms, now, row, against, scratch, found, steps) < 0:
                    cut[i] = True
        if looked:
            for size in range(2, len(found)):
                if found[size]:
                    which = np.searchsorted(bins, size, side="right") - 1
                    if which >= 0:
                        out[i, column + which] += found[size]
                    found[size] = 0
