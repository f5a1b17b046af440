"""Storage that grows: one direction's lists of all accounts, and tables of dense numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from algorithms.features import _index

_TYPES = (np.int32, np.int64, np.int64, np.int64, np.int64, np.float64, np.int32)


@njit(cache=True, nogil=True)
def _reserve(lists, entries, owners, counts, tail, move):  # type: ignore[no-untyped-def]
    """Room for `owners`' next entries: lists too small go to the end of the arena, at twice the size, when `move`.

    Returns the end of the arena after. `counts` is all zeros before and after.
    """
    offset, length, capacity, _dropped = lists
    for owner in owners:
        counts[owner] += 1
    for owner in owners:
        wanted = length[owner] + counts[owner]
        if counts[owner] and wanted > capacity[owner]:
            if move:
                for place in range(length[owner]):
                    entries[0][tail + place] = entries[0][offset[owner] + place]
                    entries[1][tail + place] = entries[1][offset[owner] + place]
                    entries[2][tail + place] = entries[2][offset[owner] + place]
                    entries[3][tail + place] = entries[3][offset[owner] + place]
                    entries[4][tail + place] = entries[4][offset[owner] + place]
                    entries[5][tail + place] = entries[5][offset[owner] + place]
                    entries[6][tail + place] = entries[6][offset[owner] + place]
                offset[owner], capacity[owner] = tail, 2 * wanted
            tail += 2 * wanted
        counts[owner] = 0
    return tail


class Arena:
    """The lists of one direction. `lists` and `entries` are what the kernels take."""

    def __init__(self) -> None:
        self.lists: tuple[npt.NDArray[np.int64], ...] = tuple(np.zeros(0, np.int64) for _ in range(4))
        self.entries: tuple[npt.NDArray[Any], ...] = tuple(np.zeros(0, kind) for kind in _TYPES)
        self._counts = np.zeros(0, np.int64)
        self._tail = 0

    def widen(self, n_accounts: int) -> None:
        """Make room for accounts up to this number."""
        more = n_accounts - len(self._counts)
        if more > 0:
            grown = max(more, len(self._counts) // 2)
            self.lists = tuple(np.concatenate([part, np.zeros(grown, np.int64)]) for part in self.lists)
            self._counts = np.zeros(len(self._counts) + grown, np.int64)

    def is_short(self, owners: npt.NDArray[np.int32]) -> int:
        """Entries wanted beyond what there is room for, when `owners` get one more each (repeated: several); 0: none."""
        end = int(_reserve(self.lists, self.entries, owners, self._counts, self._tail, False))
        return end - self._tail if end > len(self.entries[0]) else 0

    def reserve(self, owners: npt.NDArray[np.int32]) -> None:
        """Make that room. Raises RuntimeError when there is none: `is_short` must have said 0, or `pack` have been called."""
        if self.is_short(owners):  # the kernel does not look: it would write beside the arrays
            raise RuntimeError("no room in the lists of payments: they were not packed for these rows")
        self._tail = int(_reserve(self.lists, self.entries, owners, self._counts, self._tail, True))

    def pack(self, oldest_ms: int, owners: npt.NDArray[np.int32]) -> None:
        """Forget entries earlier than `oldest_ms`; every list then has room for what `owners` get, and the arena for lists that grow."""
        alive = _index.live(self.lists, self.entries, oldest_ms)
        # Lists lose their slack here, so each must have room for its coming entries, not only those short before.
        wanted = alive + np.bincount(owners, minlength=len(alive))
        capacity = wanted + wanted // 4
        offset = np.cumsum(capacity) - capacity
        size = int(capacity.sum())
        entries = tuple(np.empty(size + size // 2 + 4096, kind) for kind in _TYPES)
        _index.move(self.lists, self.entries, offset, entries, oldest_ms)
        self.lists[2][:] = capacity
        self.entries, self._tail = entries, size


class Numbers:
    """Dense numbers of 64-bit keys, in the order they first came."""

    def __init__(self) -> None:
        self._keys, self._values = np.full(1024, -1, np.int64), np.zeros(1024, np.int32)
        self.used = 0

    def of(self, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Numbers of these keys, new ones counted on."""
        if 2 * (self.used + len(keys)) > len(self._keys):
            size = 1 << int(4 * (self.used + len(keys))).bit_length()
            grown, values = np.full(size, -1, np.int64), np.zeros(size, np.int32)
            _index.refill(grown, values, self._keys, self._values)
            self._keys, self._values = grown, values
        found, used = _index.number(self._keys, self._values, self.used, keys)
        self.used = int(used)
        return found  # type: ignore[no-any-return]

    def known(self, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Numbers of these keys, -1 for one never numbered."""
        return _index.find(self._keys, self._values, keys)  # type: ignore[no-any-return]


def grown(array: npt.NDArray[Any], size: int, fill: float = 0) -> npt.NDArray[Any]:
    """The array with its last axis at least `size` long, what is new filled."""
    have = array.shape[-1]
    if have >= size:
        return array
    larger = np.full((*array.shape[:-1], max(size, have + have // 2)), fill, array.dtype)
    larger[..., :have] = array
    return larger
