"""Counting after a transfer, compiled: the state with it, and how near known-bad accounts everybody is then."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from scoring.layout import ATTEMPT, CRYPTO, FAR, HUB, MAX_DISTANCE, MOVED, RING, SETTLED_LATER

_HOUR, _DAY = 3_600_000, 86_400_000


@njit(cache=True)
def remember(known, row, count, value):  # type: ignore[no-untyped-def]
    """Keep `value` among the row's last distinct ones, overwriting the oldest; returns 1 when it was new."""
    width = known.shape[1]
    for i in range(min(count, width)):
        if known[row, i] == value:
            return 0
    known[row, count % width] = value
    return 1


@njit(cache=True)
def update(acc, outs, ins, hours, payees, devs, ips, users, user_n, k, event, seq, moved):  # type: ignore[no-untyped-def]
    """Take the transfer into the state. An ATTEMPT counts for the payer only; SETTLED_LATER completes an earlier one."""
    payer, payee, amount, at = event[0], event[1], event[2], event[3]
    crypto = event[4]
    a, b = acc[payer], acc[payee]
    local = at + np.int64(k[8]) * 1000
    hour, day = (local // _HOUR) % 24, local // _DAY
    flags = (CRYPTO if crypto else 0) | (MOVED if moved else 0)
    if moved != SETTLED_LATER:
        e = outs[payer, a.out_pos % RING]
        e.at_ms, e.amount, e.other, e.flags, e.seq = at, amount, payee, flags, seq
        a.out_pos += 1
        if a.out_pos >= 1 << 30:
            a.out_pos = RING + a.out_pos % RING
    if a.first_ms == 0 or at < a.first_ms:
        a.first_ms = at
    a.last_ms = max(a.last_ms, at)
    if day > a.day:
        a.day, a.day_sum, a.crypto_day_sum = day, 0, 0
    if moved == ATTEMPT:
        return
    a.last_out_ms = max(a.last_out_ms, at)
    if day == a.day:
        a.day_sum += amount
        a.crypto_day_sum += amount if crypto else 0
    a.out_n += 1
    value = math.log(amount + 1.0)
    weight = 1.0 / min(a.out_n, 200)
    delta = value - a.log_mean
    a.log_mean += delta * weight
    # the squares kept are those of the last about 200 transfers, so that a habit may change
    a.log_m2 = (a.log_m2 / max(a.out_n - 1, 1) * (1 - weight) + delta * delta * weight * (1 - weight)) * a.out_n
    a.out_max = max(a.out_max, amount)
    if hours[payer, hour] == 65_535:
        for i in range(24):
            hours[payer, i] //= 2
    hours[payer, hour] += 1
    a.payees_n += remember(payees, payer, a.payees_n, payee)
    if event[5] >= 0:
        a.devices_n += remember(devs, payer, a.devices_n, event[5])
        user_n[event[5]] += remember(users, event[5], user_n[event[5]], payer)
    if event[6] >= 0:
        a.ips_n += remember(ips, payer, a.ips_n, event[6])
        user_n[event[6]] += remember(users, event[6], user_n[event[6]], payer)
    known = False
    for j in range(min(b.in_pos, RING)):
        if ins[payee, j].other == payer:
            known = True
            break
    if not known:
        b.payers_n += 1
    e = ins[payee, b.in_pos % RING]
    e.at_ms, e.amount, e.other, e.flags, e.seq = at, amount, payer, flags, seq
    b.in_pos += 1
    if b.in_pos >= 1 << 30:
        b.in_pos = RING + b.in_pos % RING
    if b.first_ms == 0 or at < b.first_ms:
        b.first_ms = at
    b.last_ms = max(b.last_ms, at)
    b.last_in_ms = max(b.last_in_ms, at)
    b.in_n += 1
    _spread(acc, payer, payee)


@njit(cache=True)
def _spread(acc, payer, payee):  # type: ignore[no-untyped-def]
    """A transfer ties both ends: neither is farther from known-bad accounts than the other plus one step."""
    a, b = acc[payer], acc[payee]
    if a.bad < MAX_DISTANCE and b.bad > a.bad + 1 and _hands_on(a):
        b.bad = a.bad + 1
    if b.bad < MAX_DISTANCE and a.bad > b.bad + 1 and _hands_on(b):
        a.bad = b.bad + 1


@njit(cache=True)
def _hands_on(account):  # type: ignore[no-untyped-def]
    if account.is_bad:
        return True
    return account.kind <= 2 and account.payees_n + account.payers_n <= HUB


@njit(cache=True)
def respread(acc, outs, ins, accounts):  # type: ignore[no-untyped-def]
    """Distances of the first `accounts` to known-bad ones anew, from the transfers still in the rings, both ways (breadth first)."""
    for i in range(accounts):
        acc[i].bad = 0 if acc[i].is_bad else FAR
    for step in range(MAX_DISTANCE):
        for i in range(accounts):
            if acc[i].bad != step or not _hands_on(acc[i]):
                continue
            for rings in (outs, ins):
                for j in range(RING):
                    e = rings[i, j]
                    if e.at_ms > 0 and e.flags & MOVED and acc[e.other].bad > step + 1:
                        acc[e.other].bad = step + 1


@njit(cache=True)
def link(known, counts, users, user_n, accounts, things):  # type: ignore[no-untyped-def]
    """Devices or addresses known to belong to accounts."""
    for i in range(accounts.shape[0]):
        counts[accounts[i]] += remember(known, accounts[i], counts[accounts[i]], things[i])
        user_n[things[i]] += remember(users, things[i], user_n[things[i]], accounts[i])
