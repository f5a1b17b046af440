"""Compiled kernel of pass-through matching; imported on first use."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def match(accounts, src, dst, amount, currency, received, received_currency, at_ms, window_ms):  # type: ignore[no-untyped-def]
    """(share of each transfer relayed, share sourced), rows in order of time. A stack of open receipts per account."""
    n = len(src)
    top = np.full(accounts, -1, np.int64)
    below = np.full(n, -1, np.int64)
    left = received.astype(np.float64)
    relayed = np.zeros(n, np.float32)
    sourced = np.zeros(n, np.float32)
    for t in range(n):
        u = src[t]
        if u == dst[t]:
            continue
        need = float(amount[t])
        r = top[u]
        above = np.int64(-1)
        while r >= 0 and need > 0:
            if at_ms[t] - at_ms[r] > window_ms:
                # Everything further down is older still.
                if above < 0:
                    top[u] = -1
                else:
                    below[above] = -1
                break
            if received_currency[r] == currency[t]:
                used = min(need, left[r])
                left[r] -= used
                need -= used
            if left[r] <= 0:
                if above < 0:
                    top[u] = below[r]
                else:
                    below[above] = below[r]
            else:
                above = r
            r = below[r]
        if amount[t] > 0:
            sourced[t] = 1.0 - need / amount[t]
        below[t] = top[dst[t]]
        top[dst[t]] = t
    for t in range(n):
        if received[t] > 0 and src[t] != dst[t]:
            relayed[t] = 1.0 - left[t] / received[t]
    return relayed, sourced
