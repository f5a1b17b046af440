"""What each account does: how much it passes on, how new it is, what it shares; figures that speak for a mule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms._identity import IdentityTable
from algorithms._network import amount_units
from algorithms._passthrough import PassThrough, pass_through
from algorithms._projection import TransferTable
from core.clock import DAY_MS

Bools = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MuleSigns:
    """When an account counts as passing money on, and as new."""

    passed: float
    """Least share of what it received that left again within the window."""
    units: float
    """Least money received, in median payments of the currency."""
    hub_degree: int
    """An account with more counterparties than twice this is a business, not a mule."""
    fresh_days: int
    """New: opened at most this long before its first transfer."""


@dataclass(frozen=True, slots=True, eq=False)
class AccountFigures:
    """One row an account: the share of the money received that was passed on; whether it looks like a mule;
    whether it was opened shortly before its first transfer (False when the opening is not known)."""

    passed_share: Float64
    is_passing: Bools
    is_fresh: Bools


def account_figures(
    table: TransferTable, flow: PassThrough, units: Float64, opened_at_ms: pa.ChunkedArray, signs: MuleSigns,
    counterparties: npt.NDArray[np.int32],
) -> AccountFigures:  # fmt: skip
    """Figures of all accounts, in order of account number."""
    n = table.n_accounts
    paid = table.src != table.dst
    received = np.bincount(table.dst[paid], weights=units[paid], minlength=n).astype(np.float64)
    passed = np.bincount(table.dst[paid], weights=(units * flow.relayed)[paid], minlength=n)
    share = np.divide(passed, received, out=np.zeros(n), where=received > 0)
    passing = (share >= signs.passed) & (received >= signs.units) & (counterparties <= 2 * signs.hub_degree)
    first = np.full(n, np.iinfo(np.int64).max)
    # Rows are in order of time: the last write of a reversed walk is the earliest row.
    first[table.dst[::-1]] = table.at_ms[::-1]
    first_out = np.full(n, np.iinfo(np.int64).max)
    first_out[table.src[::-1]] = table.at_ms[::-1]
    first = np.minimum(first, first_out)
    opened = opened_at_ms.fill_null(np.iinfo(np.int64).min // 2).to_numpy()
    fresh = (first < np.iinfo(np.int64).max) & (first - opened <= signs.fresh_days * DAY_MS) & (opened > 0)
    return AccountFigures(share, passing, fresh)


def sharing_inside(identity: IdentityTable, group_of: npt.NDArray[np.int32], *, least: int, cap: int) -> Bools:
    """Accounts that share a phone, device, address or owner with at least `least` - 1 others of their own group.

    Identifiers shared by more than `cap` accounts in all (Wi-Fi, call centres) do not count.
    """
    shares = np.zeros(len(group_of), dtype=np.bool_)
    key = identity.identifier.astype(np.int64) * (int(group_of.max(initial=0)) + 1) + group_of[identity.account]
    _, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
    counts = (count[inverse] >= least) & (identity.degree[identity.identifier] <= cap)
    shares[identity.account[counts]] = True
    return shares


def passes_on(table: TransferTable, *, window_s: int, share: float, min_units: float = 0.0) -> Bools:
    """Accounts that pass on at least `share` of what they receive within the window; `min_units` as in MuleSigns."""
    units, n = amount_units(table), table.n_accounts
    relayed = pass_through(table, window_s=window_s).relayed
    paid = table.src != table.dst
    came = np.bincount(table.dst[paid], weights=units[paid], minlength=n)
    went = np.bincount(table.dst[paid], weights=(units * relayed)[paid], minlength=n)
    passing: Bools = (came > 0) & (came >= min_units) & (went >= share * came)
    return passing
