"""Reads what the journal wrote, in order, while it is being written: every record once, from segment to segment."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from core.errors import StoreDamaged
from ledger.journal import HEAD, MAX_RECORD, SUFFIX

#: Read at a time; a whole record fits.
_CHUNK = 2 * (MAX_RECORD + HEAD.size)


class JournalReader:
    """The place of one reader in the journal's folder. Only records that are durable may be asked for: others can still be cut off."""

    def __init__(self, folder: Path, after: int) -> None:
        self._folder, self._after = folder, after
        self._fd = -1
        self._name = ""
        self._place = 0
        self._next = 0

    def read(self, until: int, at_most: int) -> list[tuple[int, bytes]]:
        """The next (number, payload), up to that number and so many; none when what is left was never kept.

        Raises StoreDamaged when a record is not what was written.
        """
        found: list[tuple[int, bytes]] = []
        while len(found) < at_most and self._after < until:
            if self._fd < 0 and not self._open(until):
                break
            before = self._place
            self._take(found, until, at_most)
            if self._place == before and not self._go_on(until):
                break
        return found

    def close(self) -> None:
        """Let go of the file; `read` opens it again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _take(self, found: list[tuple[int, bytes]], until: int, at_most: int) -> None:
        """Whole records of the next chunk."""
        data = os.pread(self._fd, _CHUNK, self._place)
        place = 0
        while len(found) < at_most and self._next <= until and place + HEAD.size <= len(data):
            length, checksum = HEAD.unpack_from(data, place)
            end = place + HEAD.size + length
            if not length or length > MAX_RECORD or end > len(data):
                break
            payload = data[place + HEAD.size : end]
            if zlib.crc32(payload) != checksum:
                where = self._place + place
                raise StoreDamaged(
                    f"journal file {self._folder / self._name} is damaged at byte {where}: restore it from a backup"
                )
            if self._next > self._after:
                found.append((self._next, payload))
                self._after = self._next
            self._next += 1
            place = end
        self._place += place

    def _open(self, until: int) -> bool:
        """The segment that holds the next record, or the first one after it; False when there is none up to `until`."""
        names = self._names(until)
        at_or_before = [name for name in names if _first(name) <= self._after + 1]
        chosen = at_or_before[-1:] or names[:1]
        return self._use(chosen[0]) if chosen else False

    def _go_on(self, until: int) -> bool:
        """The segment after this one; False when this is the last up to `until`."""
        later = [name for name in self._names(until) if name > self._name]
        return self._use(later[0]) if later else False

    def _use(self, name: str) -> bool:
        self.close()
        self._fd = os.open(self._folder / name, os.O_RDONLY)
        self._name, self._place, self._next = name, 0, _first(name)
        return True

    def _names(self, until: int) -> list[str]:
        return sorted(path.name for path in self._folder.glob(f"*{SUFFIX}") if _first(path.name) <= until)


def _first(name: str) -> int:
    return int(name.removesuffix(SUFFIX))
