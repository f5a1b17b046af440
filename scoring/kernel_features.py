"""Counting before a transfer, compiled: its features from the state, which stays as it is."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from scoring.layout import CRYPTO, DEVICES, FAR, PAYEES, RING, USERS

_HOUR, _DAY = 3_600_000, 86_400_000


@njit(cache=True)
def features(acc, outs, ins, hours, payees, devs, ips, users, user_n, k, event, f):  # type: ignore[no-untyped-def]
    """Fill `f` (Features order) for `event` = (payer, payee, amount, at_ms, crypto, device, ip, away, cross, network)."""
    payer, payee, amount, at = event[0], event[1], event[2], event[3]
    crypto, device, ip = event[4], event[5], event[6]
    a, b = acc[payer], acc[payee]
    local = at + np.int64(k[8]) * 1000
    hour, day = (local // _HOUR) % 24, local // _DAY
    f[0] = amount
    f[1] = hour
    f[2] = a.out_n
    f[3] = (at - a.first_ms) / 1000 if a.first_ms > 0 else -1
    f[4] = max((at - a.last_ms) / 1000, 0.0) if a.last_ms > 0 else -1
    f[5] = (at - b.first_ms) / 1000 if b.first_ms > 0 else -1
    f[6] = max((at - b.last_ms) / 1000, 0.0) if b.last_ms > 0 else -1
    f[7] = 1.0
    for i in range(min(a.payees_n, PAYEES)):
        if payees[payer, i] == payee:
            f[7] = 0.0
            break
    f[8], f[9] = _thing(devs, payer, a.devices_n, users, user_n, device)
    f[10], f[11] = _thing(ips, payer, a.ips_n, users, user_n, ip)
    f[12] = event[7]
    f[13] = event[8]
    f[14] = -1.0
    f[15] = amount / a.out_max if a.out_max > 0 else -1.0
    if a.out_n >= 5:
        deviation = math.sqrt(max(a.log_m2 / a.out_n, 0.04))
        f[14] = (math.log(amount + 1.0) - a.log_mean) / deviation
    f[16] = -1.0
    if a.out_n >= 10:
        total = 0
        for i in range(24):
            total += hours[payer, i]
        near = int(hours[payer, hour]) + int(hours[payer, (hour + 1) % 24]) + int(hours[payer, (hour + 23) % 24])
        f[16] = near / total if total else -1.0
    _out_windows(outs, payer, payee, a.out_pos, at, amount, crypto, k, f)
    f[23] = (a.day_sum if a.day == day else 0) + amount
    f[24] = crypto
    f[25] = (a.crypto_day_sum if a.day == day else 0) + (amount if crypto else 0)
    f[26] += _in_crypto(ins, payer, a.in_pos, at, k)
    f[27], f[28] = _fan_in(ins, payee, payer, b.in_pos, at)
    _pass_through(ins, payer, a.in_pos, at, amount, k, f)
    f[34], f[35] = _payee_habit(outs, ins, payee, b.out_pos, b.in_pos, at)
    f[36], f[37] = a.bad, b.bad
    f[38], f[39], f[40], f[41] = b.community, b.chain, b.risk, a.chain
    f[42] = (at - a.call_ms) / 1000 if 0 < a.call_ms <= at else -1.0
    f[43] = a.call_s
    f[46] = 1.0 if amount % np.int64(k[7]) == 0 else 0.0
    f[47] = event[9]
    if f[47] == 0.0:
        for i in (36, 37):
            f[i] = FAR
        for i in (38, 39, 40, 41):
            f[i] = 0.0
    f[48] = f[49] = 0.0


@njit(cache=True)
def _thing(known, account, count, users, user_n, thing):  # type: ignore[no-untyped-def]
    """(is new for the account: 1, 0, or -1 when there is nothing to tell from; how many accounts used it)."""
    if thing < 0:
        return -1.0, -1.0
    new = 1.0 if count > 0 else -1.0
    for i in range(min(count, DEVICES)):
        if known[account, i] == thing:
            new = 0.0
    others = 0
    for i in range(min(user_n[thing], USERS)):
        if users[thing, i] != account:
            others += 1
    return new, others + 1.0


@njit(cache=True)
def _out_windows(outs, payer, payee, pos, at, amount, crypto, k, f):  # type: ignore[no-untyped-def]
    """Counts, sums and distinct payees of the payer's last transfers, this one included."""
    f[17], f[18], f[19], f[20] = 1, amount, 1, amount
    f[21] = 1.0 if amount >= k[0] else 0.0
    f[22] = amount if amount >= k[0] else 0.0
    inside = k[4] <= amount < k[5] and amount % np.int64(k[7]) == 0
    f[44] = 1.0 if inside else 0.0
    f[45] = amount if inside else 0.0
    f[26] = crypto
    hour_n, day_n = 1, 1
    seen = np.empty(RING, np.int32)
    seen_hour = np.empty(RING, np.int32)
    for j in range(min(pos, RING)):
        e = outs[payer, (pos - 1 - j) % RING]
        age = at - e.at_ms
        if age < 0:
            continue
        if age <= k[1] * 1000 and e.amount >= k[0]:
            f[21] += 1
            f[22] += e.amount
        if age <= k[3] * 1000 and e.flags & CRYPTO:
            f[26] += 1
        if age <= k[6] * 1000 and k[4] <= e.amount < k[5] and e.amount % np.int64(k[7]) == 0:
            f[44] += 1
            f[45] += e.amount
        if age > _DAY:
            continue
        f[19] += 1
        f[20] += e.amount
        if e.other != payee and not _within(seen, day_n - 1, e.other):
            seen[day_n - 1] = e.other
            day_n += 1
        if age <= _HOUR:
            f[17] += 1
            f[18] += e.amount
            if e.other != payee and not _within(seen_hour, hour_n - 1, e.other):
                seen_hour[hour_n - 1] = e.other
                hour_n += 1
    f[29], f[30] = hour_n, day_n


@njit(cache=True)
def _within(seen, count, value):  # type: ignore[no-untyped-def]
    for i in range(count):  # noqa: SIM110  (compiled code takes no generator)
        if seen[i] == value:
            return True
    return False


@njit(cache=True)
def _in_crypto(ins, payer, pos, at, k):  # type: ignore[no-untyped-def]
    count = 0
    for j in range(min(pos, RING)):
        e = ins[payer, j]
        if 0 <= at - e.at_ms <= k[3] * 1000 and e.flags & CRYPTO:
            count += 1
    return count


@njit(cache=True)
def _fan_in(ins, payee, payer, pos, at):  # type: ignore[no-untyped-def]
    """Distinct payers of the payee in the last hour and day, this one included."""
    seen, seen_hour = np.empty(RING, np.int32), np.empty(RING, np.int32)
    hour_n, day_n = 1, 1
    for j in range(min(pos, RING)):
        e = ins[payee, (pos - 1 - j) % RING]
        age = at - e.at_ms
        if age < 0 or age > _DAY or e.other == payer:
            continue
        if not _within(seen, day_n - 1, e.other):
            seen[day_n - 1] = e.other
            day_n += 1
        if age <= _HOUR and not _within(seen_hour, hour_n - 1, e.other):
            seen_hour[hour_n - 1] = e.other
            hour_n += 1
    return float(hour_n), float(day_n)


@njit(cache=True)
def _pass_through(ins, payer, pos, at, amount, k, f):  # type: ignore[no-untyped-def]
    """How much of what came in within the window this transfer passes on, and how soon after the last of it."""
    f[31], f[32], f[33] = 0.0, -1.0, 0.0
    last = -1
    for j in range(min(pos, RING)):
        e = ins[payer, j]
        age = at - e.at_ms
        if 0 <= age <= k[2] * 1000:
            f[33] += e.amount
            if last < 0 or age < last:
                last = age
    if f[33] > 0:
        f[31] = amount / f[33]
        f[32] = last / 1000


@njit(cache=True)
def _payee_habit(outs, ins, payee, out_pos, in_pos, at):  # type: ignore[no-untyped-def]
    """Share of the payee's receipts of the last day that it has already passed on, and those receipts."""
    received, sent = 0.0, 0.0
    for j in range(min(in_pos, RING)):
        e = ins[payee, j]
        if 0 <= at - e.at_ms <= _DAY:
            received += e.amount
    for j in range(min(out_pos, RING)):
        e = outs[payee, j]
        if 0 <= at - e.at_ms <= _DAY:
            sent += e.amount
    return (min(sent / received, 9.0) if received > 0 else -1.0), received
