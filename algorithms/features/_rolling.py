"""Rolling statistics of each account's payments: one pass over an account's events in order, with running sums.

Every account is its own sequence, so accounts can be worked on at once by several threads, and the numbers do not
depend on how the rows were cut into batches. Running sums are made anew from the list after as many events as it is
long, and when a large amount leaves: rounding cannot pile up.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Fields of a running sum: how many, shift, sums of (amount - shift)^1..4, peak of the fourth, events since made anew,
#: time shift, sums of (time - shift)^1..2 in seconds.
FIELDS = 11
_N, _SHIFT, _S1, _S2, _S3, _S4, _PEAK, _SINCE, _TSHIFT, _T1, _T2 = range(FIELDS)


@njit(cache=True, nogil=True, inline="always")
def _add(sums, amount, at):  # type: ignore[no-untyped-def]
    if sums[_N] == 0:
        sums[:] = 0.0
        sums[_SHIFT] = amount
        sums[_TSHIFT] = at
    x, t = amount - sums[_SHIFT], (at - sums[_TSHIFT]) / 1000.0
    square = x * x
    sums[_N] += 1
    sums[_S1] += x
    sums[_S2] += square
    sums[_S3] += square * x
    sums[_S4] += square * square
    sums[_T1] += t
    sums[_T2] += t * t
    sums[_PEAK] = max(sums[_PEAK], sums[_S4])
    sums[_SINCE] += 1


@njit(cache=True, nogil=True, inline="always")
def _take(sums, amount, at):  # type: ignore[no-untyped-def]
    x, t = amount - sums[_SHIFT], (at - sums[_TSHIFT]) / 1000.0
    square = x * x
    sums[_N] -= 1
    sums[_S1] -= x
    sums[_S2] -= square
    sums[_S3] -= square * x
    sums[_S4] -= square * square
    sums[_T1] -= t
    sums[_T2] -= t * t


@njit(cache=True, nogil=True)
def _anew(sums, entries, low, high, which):  # type: ignore[no-untyped-def]
    """Make the sums of one node from its entries in [low, high), around their own mean."""
    at, amount, node = entries[1], entries[5], entries[6]
    count, mean, mean_at = 0, 0.0, 0.0
    for place in range(low, high):
        if node[place] == which:
            count += 1
            mean += (amount[place] - mean) / count
            mean_at += (at[place] - mean_at) / count
    sums[:] = 0.0
    sums[_SHIFT], sums[_TSHIFT], sums[_N] = mean, np.floor(mean_at), count
    for place in range(low, high):
        if node[place] == which:
            x, t = amount[place] - sums[_SHIFT], (at[place] - sums[_TSHIFT]) / 1000.0
            square = x * x
            sums[_S1] += x
            sums[_S2] += square
            sums[_S3] += square * x
            sums[_S4] += square * square
            sums[_T1] += t
            sums[_T2] += t * t
    sums[_PEAK] = sums[_S4]


@njit(cache=True, nogil=True, inline="always")
def _is_off_centre(sums):  # type: ignore[no-untyped-def]
    """Whether the shift is so far from the mean that rounding would hide the spread."""
    mean = sums[_S1] / sums[_N]
    square = mean * mean
    return square > 1e6 * (sums[_S2] / sums[_N] - square) and square > 1e-18 * sums[_SHIFT] ** 2


@njit(cache=True, nogil=True, inline="always")
def _expire(v, way, lists, entries, until, head, fan, sums, done, row):  # type: ignore[no-untyped-def]
    """Let go of entries at or before `until`; `head`, `fan` are one window's, by account; `sums` by node."""
    offset, dropped = lists[0][v], lists[3][v]
    at, next_row, amount, node = entries[1], entries[4], entries[5], entries[6]
    end = offset + done[way, v] - dropped
    place = offset + head[way, v] - dropped
    while place < end and at[place] <= until:
        later = next_row[place]
        if later < 0 or later >= row:
            fan[way, v] -= 1
        which = node[place]
        _take(sums[way, which], amount[place], at[place])
        place += 1
        part = sums[way, which]
        if part[_N] == 0:
            part[:] = 0.0
        elif part[_S4] < 1e-6 * part[_PEAK] or _is_off_centre(part):
            _anew(part, entries, place, end, which)
    head[way, v] = place - offset + dropped


@njit(cache=True, nogil=True, inline="always")
def _write(out, column, degree, fan, sums, now):  # type: ignore[no-untyped-def]
    """The ten statistics of one side, in the order of STATISTICS."""
    out[column] = fan
    out[column + 1] = degree
    out[column + 2] = degree / fan if fan else 0.0
    n = sums[_N]
    if n <= 0:
        return
    mean = sums[_S1] / n
    out[column + 3] = sums[_SHIFT] + mean
    out[column + 4] = n * sums[_SHIFT] + sums[_S1]
    out[column + 8] = (now - sums[_TSHIFT]) / 1000.0 - sums[_T1] / n
    if n < 2:
        return
    out[column + 9] = np.sqrt(max(0.0, sums[_T2] / n - (sums[_T1] / n) ** 2))
    second = sums[_S2] / n
    var = second - mean * mean
    # Below this the difference is rounding, not spread.
    if var <= 1e-6 * mean * mean or var <= 1e-18 * out[column + 3] ** 2:
        return
    third, fourth = sums[_S3] / n, sums[_S4] / n
    out[column + 5] = var
    out[column + 6] = (third - 3 * mean * second + 2 * mean**3) / var**1.5
    out[column + 7] = (fourth - 4 * mean * third + 6 * mean * mean * second - 3 * mean**4) / (var * var)


@njit(cache=True, nogil=True, inline="always")
def _admit(v, way, lists, entries, window_ms, head, fan, sums, done):  # type: ignore[no-untyped-def]
    """Take the account's next entry into one window's running sums (`done` still counts the entries before it)."""
    offset, dropped = lists[0][v], lists[3][v]
    place = offset + done[way, v] - dropped
    at, prev_at = entries[1][place], entries[2][place]
    if prev_at <= at - window_ms:
        fan[way, v] += 1
    part = sums[way, entries[6][place]]
    _add(part, entries[5][place], at)
    low = offset + head[way, v] - dropped
    if part[_SINCE] >= max(16, place + 1 - low) or _is_off_centre(part):
        _anew(part, entries, low, place + 1, entries[6][place])


@njit(cache=True, nogil=True, inline="always")
def _flow(out, column, amount, came, left):  # type: ignore[no-untyped-def]
    income = came[_N] * came[_SHIFT] + came[_S1]
    out[column] = min(1.0, income / amount) if amount > 0 else 0.0
    gone = left[_N] * left[_SHIFT] + left[_S1]
    out[column + 1] = min(10.0, gone / income) if income > 0 else -1.0


@njit(cache=True, nogil=True, inline="always")
def _remember(out, column, side, i, v, rows, memory, own):  # type: ignore[no-untyped-def]
    """Times since and the last receipt, before this row; `memory` is (last out, last in, first seen, amount, node)."""
    at, money, node = rows[2][i], rows[3][i] if side == 0 else rows[4][i], rows[5][i] if side == 0 else rows[6][i]
    last_out, last_in, first, amount, which = memory
    if column >= 0:
        target = column + 4 + 4 * side
        out[target] = (at - last_out[v]) / 1000.0 if last_out[v] >= 0 else -1.0
        out[target + 1] = (at - last_in[v]) / 1000.0 if last_in[v] >= 0 else -1.0
        out[target + 2] = (at - first[v]) / 1000.0 if first[v] >= 0 else -1.0
        same = last_in[v] >= 0 and which[v] == node and amount[v] > 0
        out[target + 3] = min(1e6, money / amount[v]) if same else -1.0
    if first[v] < 0:
        first[v] = at
    if own:
        return
    if side == 0:
        last_out[v] = at
    else:
        last_in[v], amount[v], which[v] = at, money, node


@njit(cache=True, nogil=True)
def events_of(src, dst, n_accounts):  # type: ignore[no-untyped-def]
    """Events (2 row + side) ordered by account, then row; and where each account's begin."""
    start = np.zeros(n_accounts + 1, np.int64)
    for i in range(len(src)):
        start[src[i] + 1] += 1
        start[dst[i] + 1] += 1
    for v in range(n_accounts):
        start[v + 1] += start[v]
    place = start[:-1].copy()
    order = np.empty(2 * len(src), np.int64)
    for i in range(len(src)):
        order[place[src[i]]] = 2 * i
        place[src[i]] += 1
        order[place[dst[i]]] = 2 * i + 1
        place[dst[i]] += 1
    return order


@njit(cache=True, nogil=True)
def roll(order, rows, arenas, state, windows_ms, columns, out):  # type: ignore[no-untyped-def]
    """Work through some accounts' events and write statistics, flow and history of each row.

    `state` is (done, head, fan, sums, memory); `columns` is (stats, flow, history).
    """
    done, head, fan, sums, memory = state
    src, dst, at, amount, first_row = rows[0], rows[1], rows[2], rows[3], rows[8]
    every, stored = (arenas[0], arenas[2]), (arenas[1], arenas[3])
    n_windows = len(windows_ms)
    for e in range(len(order)):
        i, side = order[e] >> 1, order[e] & 1
        v = src[i] if side == 0 else dst[i]
        own = src[i] == dst[i]
        which = rows[5][i] if side == 0 else rows[6][i]
        target = out[i]
        for w in range(n_windows):
            for way in range(2):
                lists, entries = every[way], stored[way]
                _expire(v, way, lists, entries, at[i] - windows_ms[w], head[w], fan[w], sums[w], done, first_row + i)
            if not own:
                _admit(v, side, every[side], stored[side], windows_ms[w], head[w], fan[w], sums[w], done)
        if not own:
            done[side, v] += 1
        for w in range(n_windows):
            column = columns[0] + w * 40 + side * 20
            for way in range(2):
                degree = done[way, v] - head[w, way, v]
                _write(target, column + 10 * way, degree, fan[w, way, v], sums[w, way, which], at[i])
            if side == 0:
                _flow(target, columns[1] + 2 * w, amount[i], sums[w, 1, which], sums[w, 0, which])
        _remember(target, columns[2], side, i, v, rows, memory, own)


@njit(cache=True, nogil=True)
def sweep(arenas, state, windows_ms, now, row):  # type: ignore[no-untyped-def]
    """Let every account go of what has left its windows by `now`; the sums come out as if it were done at the next event."""
    done, head, fan, sums = state
    every, stored = (arenas[0], arenas[2]), (arenas[1], arenas[3])
    for v in range(len(arenas[0][0])):
        for w in range(len(windows_ms)):
            for way in range(2):
                lists, entries = every[way], stored[way]
                if head[w, way, v] < done[way, v]:
                    _expire(v, way, lists, entries, now - windows_ms[w], head[w], fan[w], sums[w], done, row)
