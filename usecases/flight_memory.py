"""What scoring remembers of transfers' ids: the latest answers whole, the names evidence needs, and which ids were ever seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from scoring.ids import KnownIds
from scoring.journaled import Said
from scoring.state import Past

_RECENT = 200_000
_ID_RING = 1 << 18


class Recent(msgspec.Struct, frozen=True, gc=False):
    """An answer still in memory, with the number of its journal record.

    Like the records it is no matter of the collector's, which would stop every request to look at all.
    """

    content: bytes
    said: Said
    number: int


class Memory:
    """Ids by what is asked of them. Changes under the lock on the state, as the state itself; lookups need none."""

    def __init__(self) -> None:
        self.known = KnownIds()
        self.recent: OrderedDict[str, Recent] = OrderedDict()
        self._by_seq: list[str] = [""] * _ID_RING

    def answered(self, key: str, found: Recent) -> None:
        """Keep an answer; the oldest beyond the latest 200,000 goes, the tables have it. `known` is told of many at once."""
        self.recent[key] = found
        if len(self.recent) > _RECENT:
            self.recent.popitem(last=False)

    def named(self, seq: int, key: str) -> None:
        """The state knows the transfer of this id by this number."""
        self._by_seq[seq % _ID_RING] = key

    def named_all(self, first: int, keys: Iterable[str]) -> None:
        """The same for consecutive numbers."""
        for seq, key in enumerate(keys, first):
            self._by_seq[seq % _ID_RING] = key

    def id_of(self, past: Past, sequence: int) -> str:
        """The id of evidence, empty when it is too far back for the `sequence` now."""
        return self._by_seq[past.seq % _ID_RING] if past.seq > sequence - _ID_RING else ""
