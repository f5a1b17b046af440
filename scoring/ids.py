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


@njit(cache=True)
def _are_new(table, hashes, new):  # type: ignore[no-untyped-def]
    mask = table.shape[0] - 1
    for place in range(hashes.shape[0]):
        slot = (hashes[place] ^ (hashes[place] >> 29)) & mask
        while table[slot] != 0:
            if table[slot] == hashes[place]:
                new[place] = False
                break
            slot = (slot + 1) & mask


class KnownIds:
    """A set of ids by a 64-bit hash of this process. It may (once in about 10^19 asks an id) say yes wrongly: look it up then.

    A full table stays as it is and one of twice its size is begun: nothing is ever moved, which would take a tenth of a
    second for a million ids. A lookup asks all of them, a handful.
    """

    def __init__(self, expected: int = 1 << 12) -> None:
        self._tables: list[np.ndarray] = []
        self._room = 0
        self._count = 0
        self._begin(max(expected, 1 << 11))

    def __contains__(self, key: str) -> bool:
        value = hash(key) or 1
        return any(_has(table, value) for table in self._tables)

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
        """Memory of the tables."""
        return sum(int(table.nbytes) for table in self._tables)

    def _begin(self, ids: int) -> None:
        """A table that is half full with so many ids."""
        self._tables.insert(0, np.zeros(1 << (2 * ids - 1).bit_length(), np.int64))
        self._room = len(self._tables[0]) // 2

    def _add(self, hashes: np.ndarray) -> None:
        new = np.ones(len(hashes), np.bool_)
        for table in self._tables:
            _are_new(table, hashes, new)
        hashes = hashes[new]
        if len(hashes) > self._room:
            self._begin(max(len(self._tables[0]), 2 * len(hashes)))
        added = int(_add(self._tables[0], hashes))
        self._room -= added
        self._count += added
