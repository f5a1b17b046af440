"""Who holds an account: accounts of one owner count as one holder, so that a person's own accounts share nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from algorithms._identity import IdentityTable

OWNERS = ("Person", "Organization", "Merchant")


def holders(identity: IdentityTable, n_accounts: int) -> NDArray[np.int64]:
    """Holder number of each account: the same for accounts with the same first owner, its own where none is known."""
    holder = np.arange(n_accounts, dtype=np.int64)
    is_owner = np.isin(identity.identifier_kind, [i for i, kind in enumerate(identity.kinds) if kind in OWNERS])
    rows = np.flatnonzero(is_owner[identity.identifier]) if len(identity.identifier) else np.zeros(0, np.int64)
    # Rows are sorted by identifier: written backwards, the lowest owner of an account stands.
    holder[identity.account[rows[::-1]]] = n_accounts + identity.identifier[rows[::-1]].astype(np.int64)
    return holder


def first_use(
    n_accounts: int, src: NDArray[np.int32], dst: NDArray[np.int32], at_ms: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Time of each account's first transfer, in or out, of transfers in order of time; the largest integer for none."""
    first = np.full(n_accounts, np.iinfo(np.int64).max)
    for ends in (src, dst):
        seen = np.full(n_accounts, np.iinfo(np.int64).max)
        seen[ends[::-1]] = at_ms[::-1]
        first = np.minimum(first, seen)
    return first
