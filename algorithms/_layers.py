"""Layers of accounts that pay each other crosswise: pairs that share partners, the groups they form, and their dense core."""

from __future__ import annotations

import numpy as np
from numba import njit

from algorithms import _flow_kernel as kernel
from algorithms._flow import Bools, Ints


@njit(cache=True)
def _pairs(start, order, member, at_ms, window, cap):  # type: ignore[no-untyped-def]
    """(smaller member, larger member, key) of rows of one key that lie within `window`, each row with at most `cap`
    later rows of other members; and the number of rows that had more."""
    n = len(order)
    first = np.empty(1024, np.int64)
    second = np.empty(1024, np.int64)
    shared = np.empty(1024, np.int64)
    count, cut = 0, 0
    for key in range(len(start) - 1):
        for left in range(start[key], start[key + 1]):
            a, taken = member[order[left]], 0
            for right in range(left + 1, min(start[key + 1], n)):
                if at_ms[order[right]] - at_ms[order[left]] > window:
                    break
                b = member[order[right]]
                if b == a:
                    # The same member again: the later row makes its own pairs.
                    if right - left > cap:
                        break
                    continue
                if taken == cap:
                    cut += 1
                    break
                if count == len(first):
                    first = np.append(first, np.empty(count, np.int64))
                    second = np.append(second, np.empty(count, np.int64))
                    shared = np.append(shared, np.empty(count, np.int64))
                first[count], second[count], shared[count] = min(a, b), max(a, b), key
                count += 1
                taken += 1
    return first[:count].copy(), second[:count].copy(), shared[:count].copy(), cut


def sharing(keys: Ints, members: Ints, at_ms: Ints, window_ms: int, cap: int, least: int) -> tuple[Ints, int]:
    """Pairs of members that meet at `least` or more different keys within the window, as first * 2**31 + second.

    Rows are in order of time. Also the number of rows not paired with all others of their key. Cost: rows x `cap`.
    """
    if not len(keys):
        return np.zeros(0, np.int64), 0
    _, dense = np.unique(keys, return_inverse=True)
    start, order = kernel.group(dense.astype(np.int64), int(dense.max()) + 1)
    first, second, shared, cut = _pairs(start, order, members, at_ms, window_ms, cap)
    pair = first * (1 << 31) + second
    both = np.unique(np.stack([pair, shared]), axis=1)[0] if len(pair) else pair
    found, count = np.unique(both, return_counts=True)
    return found[count >= least], int(cut)


def groups(n_members: int, pairs: Ints) -> Ints:
    """Group of each member (-1: in no pair); the group's number is its smallest member."""
    parent = np.arange(n_members, dtype=np.int64)
    first, second = pairs >> 31, pairs & ((1 << 31) - 1)
    kernel.join(parent, first, second)
    inside = np.zeros(n_members, np.bool_)
    inside[first] = inside[second] = True
    return np.where(inside, parent, -1)


def core(left: Ints, right: Ints, least: int) -> Bools:
    """Marks rows of the two-sided core: every left has `least` or more different rights, and every right that many lefts."""
    keep = np.ones(len(left), np.bool_)
    while True:
        pairs = np.unique(np.stack([left[keep], right[keep]]), axis=1)
        thin_left, thin_right = (_thin(side, least) for side in pairs)
        drop = keep & (np.isin(left, thin_left) | np.isin(right, thin_right))
        if not drop.any():
            return keep
        keep &= ~drop


def _thin(side: Ints, least: int) -> Ints:
    found, count = np.unique(side, return_counts=True)
    return found[count < least]


def density(left: Ints, right: Ints) -> float:
    """Share of all (left, right) pairs that occur."""
    if not len(left):
        return 0.0
    pairs = np.unique(np.stack([left, right]), axis=1).shape[1]
    return float(pairs / (len(np.unique(left)) * len(np.unique(right))))
