"""Running balances: how low each account would fall, so that opening balances keep everyone solvent."""

from __future__ import annotations

import numpy as np

from loaders.town.dice import Ints, lognormal_fen, stream


class Balances:
    """Fed day by day, in order; `opening()` says what each account must have had before the first day."""

    def __init__(self, accounts: int) -> None:
        self._now = np.zeros(accounts, dtype=np.int64)
        self._lowest = np.zeros(accounts, dtype=np.int64)

    def apply(self, account: Ints, delta_minor: Ints, at_ms: Ints) -> None:
        """Add signed amounts in fen; money coming in at a moment counts before money going out at the same one."""
        order = np.lexsort((-delta_minor, at_ms, account))
        who, change = account[order], delta_minor[order]
        starts = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
        if not len(who):
            return
        total = np.cumsum(change)
        before = np.where(starts > 0, total[starts - 1], 0)
        lengths = np.diff(np.r_[starts, len(who)])
        path = total - np.repeat(before, lengths) + np.repeat(self._now[who[starts]], lengths)
        holders = who[starts]
        self._lowest[holders] = np.minimum(self._lowest[holders], np.minimum.reduceat(path, starts))
        self._now[holders] = path[starts + lengths - 1]

    def opening(self, seed: int, fresh: int) -> Ints:
        """Opening balances in fen: what is needed plus savings; accounts from `fresh` on hold next to nothing more."""
        rng = stream(seed, "savings")
        savings = lognormal_fen(rng, len(self._now), 2_600, 1.3)
        savings[fresh:] = rng.integers(0, 5_000, len(self._now) - fresh)
        return np.maximum(-self._lowest, 0) + savings
