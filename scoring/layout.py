"""How the incremental state lies in memory: fixed-size records, so that memory an account is bounded and known.

Everything a rule may ask is a `Features` field; the kernel fills them in this order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Last transfers kept of each side of an account; windows that hold more say so by being full.
RING = 16
#: Last distinct payees, devices and addresses kept of an account.
PAYEES, DEVICES = 48, 8
#: Distinct accounts kept of a device or address.
USERS = 16
FAR = 9
"""Distance to known-bad accounts when there is none within MAX_DISTANCE."""
MAX_DISTANCE = 3
#: An account with more distinct counterparties than this hands on no distance: everybody knows the power company.
HUB = 200

ACCOUNT = np.dtype(
    [
        ("first_ms", "i8"), ("last_ms", "i8"), ("last_out_ms", "i8"), ("last_in_ms", "i8"),
        ("out_n", "i8"), ("in_n", "i8"), ("log_mean", "f8"), ("log_m2", "f8"), ("out_max", "i8"),
        ("day", "i8"), ("day_sum", "i8"), ("crypto_day_sum", "i8"), ("call_ms", "i8"), ("call_s", "i8"),
        ("community", "f4"), ("chain", "f4"), ("risk", "f4"), ("community_id", "i4"), ("region", "i4"),
        ("out_pos", "i4"), ("in_pos", "i4"), ("payees_n", "i4"), ("payers_n", "i4"), ("devices_n", "i4"),
        ("ips_n", "i4"), ("bad", "u1"), ("kind", "u1"), ("is_bad", "u1"),
    ]
)  # fmt: skip
EVENT = np.dtype([("at_ms", "i8"), ("amount", "i8"), ("other", "i4"), ("flags", "i4"), ("seq", "i8")])
#: Flags of an event in a ring.
CRYPTO, MOVED = 1, 2
#: How a transfer enters the state: it did not move (held, refused), it moved, or it moved after an earlier attempt.
ATTEMPT, SETTLED, SETTLED_LATER = 0, 1, 2
KINDS = ("", "bank", "payment", "merchant", "exchange", "cash")
MERCHANT, EXCHANGE, CASH = 3, 4, 5


class Features(NamedTuple):
    """What is known of one transfer when it is scored. Money in fen of the reporting currency, times in seconds.

    -1 means that there is nothing to compare with (no history, no device given). Every window ends at the transfer.
    """

    amount: float
    hour: float
    payer_out_n: float
    payer_age_s: float
    payer_gap_s: float
    payee_age_s: float
    payee_gap_s: float
    new_payee: float
    new_device: float
    device_users: float
    new_ip: float
    ip_users: float
    away: float
    cross_border: float
    amount_z: float
    amount_over_max: float
    hour_share: float
    out_1h_n: float
    out_1h_sum: float
    out_24h_n: float
    out_24h_sum: float
    large_n: float
    large_sum: float
    day_sum: float
    crypto: float
    crypto_day_sum: float
    crypto_swaps: float
    fan_in_1h: float
    fan_in_24h: float
    fan_out_1h: float
    fan_out_24h: float
    pass_ratio: float
    pass_s: float
    pass_in_sum: float
    payee_pass_ratio: float
    payee_in_24h_sum: float
    payer_bad: float
    payee_bad: float
    payee_community: float
    payee_chain: float
    payee_risk: float
    payer_chain: float
    call_gap_s: float
    call_s: float
    structured_n: float
    structured_sum: float
    is_round: float
    network: float
    payer_lists: float = 0.0
    payee_lists: float = 0.0


WIDTH = len(Features._fields)


class KernelParams(NamedTuple):
    """Thresholds the counting itself needs; they come from the rule set's configuration."""

    large_minor: float = 5_000_000
    large_window_s: float = 3_600
    pass_window_s: float = 7_200
    swap_window_s: float = 86_400
    structuring_low_minor: float = 4_000_000
    structuring_high_minor: float = 5_000_000
    structuring_window_s: float = 259_200
    round_unit_minor: float = 100_000
    zone_offset_s: float = 28_800


def account_bytes() -> int:
    """State memory of one account in bytes, without its id: arrays only."""
    hours = 24 * 2
    return ACCOUNT.itemsize + 2 * RING * EVENT.itemsize + 4 * PAYEES + 2 * 4 * DEVICES + hours
