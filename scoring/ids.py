"""Which transfer ids are known: eight bytes each, for millions of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numba import njit


@njit(cache=True)
def _add(table, hashes):  # type: ignore[no-untyped-def]
    mask = table.shape[0] - 1
    added = 0
    for value in hashes:
        slot = (value ^ (value >> 29)) & mask
        while table[slot] != 0 and table[slot] != value:
            slot = (slot + 1) & mask
        if table[slot] == 0:
            table[slot] = value
            added += 1
    return added


@njit(cache=True)
def _has(table, value):  # type: ignore[no-untyped-def]
    mask = table.shape[0] - 1
    slot = (value ^ (value >> 29)) & mask
    while table[slot] != 0:
        if table[slot] == value:
            return True
        slot = (slot + 1) & mask
    return False


class KnownIds:
    """A set of ids by a 64-bit hash of this process. It may (once in about 10^19 asks an id) say yes wrongly: look it up then."""

    def __init__(self, expected: int = 1 << 12) -> None:
        self._table = np.zeros(1 << max(12, (2 * expected - 1).bit_length()), np.int64)
        self._count = 0

    def __contains__(self, key: str) -> bool:
        return bool(_has(self._table, hash(key) or 1))

    def __len__(self) -> int:
        return self._count

    def add_all(self, keys: Iterable[str]) -> None:
        """Add many ids."""
        self._add(np.fromiter((hash(key) or 1 for key in keys), np.int64))

    def add(self, key: str) -> None:
        """Add one id."""
        self._add(np.array([hash(key) or 1], np.int64))

    @property
    def nbytes(self) -> int:
        """Memory of the table."""
        return int(self._table.nbytes)

    def _add(self, hashes: np.ndarray) -> None:
        while 2 * (self._count + len(hashes)) > len(self._table):
            old = self._table[self._table != 0]
            self._table = np.zeros(2 * len(self._table), np.int64)
            self._count = int(_add(self._table, old))
        self._count += int(_add(self._table, hashes))
