"""The payments of each account in order of arrival, in lists that grow: kernels that insert and find.

An arena holds the lists of all accounts in one direction. `lists` is (offset, length, capacity, dropped) by account;
`entries` the columns by place: neighbour, time, time of the payment before of the same pair, row, next row of the same
pair, amount, node (account and currency). Rows count on for ever; lists forget what has left the longest window.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEVER = np.iinfo(np.int64).min // 4


@njit(cache=True, nogil=True)
def _slot(keys, key):  # type: ignore[no-untyped-def]
    """Place of a key in an open-addressed table (a power of two long), or of the empty place where it belongs."""
    mask = len(keys) - 1
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    place = np.int64(mixed >> np.uint64(20)) & mask
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & mask
    return place


@njit(cache=True, nogil=True)
def refill(keys, values, old_keys, old_values):  # type: ignore[no-untyped-def]
    """Move a table's content into a larger empty one."""
    for i in range(len(old_keys)):
        if old_keys[i] != -1:
            place = _slot(keys, old_keys[i])
            keys[place] = old_keys[i]
            values[place] = old_values[i]


@njit(cache=True, nogil=True)
def number(keys, values, used, wanted):  # type: ignore[no-untyped-def]
    """Dense numbers of keys, new ones counted on from `used`; returns (numbers, used after)."""
    found = np.empty(len(wanted), np.int32)
    for i in range(len(wanted)):
        place = _slot(keys, wanted[i])
        if keys[place] == -1:
            keys[place] = wanted[i]
            values[place] = used
            used += 1
        found[i] = values[place]
    return found, used


@njit(cache=True, nogil=True)
def find(keys, values, wanted):  # type: ignore[no-untyped-def]
    """Dense numbers of keys, -1 for one never numbered."""
    found = np.empty(len(wanted), np.int32)
    for i in range(len(wanted)):
        place = _slot(keys, wanted[i])
        found[i] = values[place] if keys[place] != -1 else -1
    return found


@njit(cache=True, nogil=True, inline="always")
def _append(lists, entries, owner, values, other_place):  # type: ignore[no-untyped-def]
    """Add one entry at the end of an account's list; room must be there. Returns its place counted from the list's birth."""
    offset, length, _capacity, dropped = lists
    nbr, at, prev_at, row, next_row, amount, node = entries
    place = offset[owner] + length[owner]
    nbr[place], at[place], prev_at[place], row[place], amount[place], node[place] = values
    next_row[place] = -1
    born = length[owner] + dropped[owner]
    if other_place >= dropped[owner]:
        next_row[offset[owner] + other_place - dropped[owner]] = values[3]
    length[owner] += 1
    return born


@njit(cache=True, nogil=True)
def insert(rows, arenas, pairs, reverse, history, column):  # type: ignore[no-untyped-def]
    """Insert rows in order; writes the pair's history (four columns from `column`, -1: none wanted) as it was before.

    `rows` is (src, dst, at, amount, received, node out, node in, pair, first row); `arenas` is (out lists, out entries,
    in lists, in entries); `pairs` is (last time, count, last place in out list, last place in in list) by pair;
    `reverse` the pair number of the way back, -1 when never taken before this batch ends.
    """
    src, dst, at, amount, received, node_out, node_in, pair, first = rows
    out_lists, out_entries, in_lists, in_entries = arenas
    last, count, place_out, place_in = pairs
    for i in range(len(src)):
        p, q = pair[i], reverse[i]
        if column >= 0:
            history[i, column] = count[p]
            history[i, column + 1] = (at[i] - last[p]) / 1000.0 if count[p] else -1.0
            back = q >= 0 and count[q] > 0
            history[i, column + 2] = count[q] if back else 0
            history[i, column + 3] = (at[i] - last[q]) / 1000.0 if back else -1.0
        if src[i] != dst[i]:
            before = last[p] if count[p] else NEVER
            row = first + i
            place_out[p] = _append(
                out_lists, out_entries, src[i], (dst[i], at[i], before, row, amount[i], node_out[i]), place_out[p]
            )
            place_in[p] = _append(
                in_lists, in_entries, dst[i], (src[i], at[i], before, row, received[i], node_in[i]), place_in[p]
            )
        last[p] = at[i]
        count[p] += 1


@njit(cache=True, nogil=True)
def move(lists, entries, new_offset, new_entries, oldest):  # type: ignore[no-untyped-def]
    """Copy all lists into a new arena, leaving out entries earlier than `oldest`."""
    offset, length, _capacity, dropped = lists
    for owner in range(len(offset)):
        start, end = offset[owner], offset[owner] + length[owner]
        keep = start
        while keep < end and entries[1][keep] < oldest:
            keep += 1
        target = new_offset[owner]
        for place in range(keep, end):
            new_entries[0][target] = entries[0][place]
            new_entries[1][target] = entries[1][place]
            new_entries[2][target] = entries[2][place]
            new_entries[3][target] = entries[3][place]
            new_entries[4][target] = entries[4][place]
            new_entries[5][target] = entries[5][place]
            new_entries[6][target] = entries[6][place]
            target += 1
        dropped[owner] += keep - start
        length[owner] = end - keep
        offset[owner] = new_offset[owner]


@njit(cache=True, nogil=True)
def live(lists, entries, oldest):  # type: ignore[no-untyped-def]
    """How many entries of each list are not earlier than `oldest`."""
    offset, length, _capacity, _dropped = lists
    found = np.zeros(len(offset), np.int64)
    for owner in range(len(offset)):
        place, end = offset[owner], offset[owner] + length[owner]
        while place < end and entries[1][place] < oldest:
            place += 1
        found[owner] = end - place
    return found


@njit(cache=True, nogil=True)
def first_at(at, low, high, time):  # type: ignore[no-untyped-def]
    """First place in [low, high) whose time is not earlier than `time`."""
    while low < high:
        middle = (low + high) // 2
        if at[middle] < time:
            low = middle + 1
        else:
            high = middle
    return low
