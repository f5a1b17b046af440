"""The ledger's journal: records that are durable one by one before they become a batch.

Transfers in flight cannot wait for a batch. Each is appended here, several callers sharing one write and one fsync
(group commit), and is safe once `wait` returns. Closed segments are turned into ledger batches by the use case that
owns them, then removed. A segment is a file of records (length, CRC-32, payload); one that a crash left unfinished
ends at its last whole record, which is the last one anybody can have been told of.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import StoreDamaged, StoreUnavailable

HEAD = struct.Struct("<II")
SUFFIX = ".wal"
MAX_RECORD = 1 << 20


class JournalFailed(StoreUnavailable):
    """A record could not be made durable (disk full, device gone): nothing of it is acknowledged. Call `reopen`."""

    code = "journal_failed"


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed file of records; `first` is the number of its first record, counted from 1 over all segments."""

    path: Path
    first: int

    def records(self) -> Iterator[tuple[int, bytes]]:
        """(number, payload) of every whole record. Raises StoreDamaged when one in the middle is not what was written."""
        yield from enumerate(_payloads(self.path), self.first)


class Journal:
    """The writer, one a folder; safe for many threads. Raises StoreUnavailable when another process writes here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._file_lock = FileLock(folder / ".lock", timeout=2)
        try:
            self._file_lock.acquire()
        except Timeout as error:
            raise StoreUnavailable("another process takes transfers into this ledger: stop it first") from error
        self._changed = threading.Condition()
        self._pending: list[bytes] = []
        self._flushing = False
        self._failure: str | None = None
        self._fd = -1
        self._size = 0
        self._lost: list[range] = []
        last = self._last_on_disk()
        self._next, self._durable = last + 1, last
        self._open_after(last)

    def append(self, payload: bytes) -> int:
        """Queue a record, returning its number; it is durable when `wait(number)` returns. Raises JournalFailed."""
        if len(payload) > MAX_RECORD:
            raise ValueError(f"a journal record has at most {MAX_RECORD} bytes, not {len(payload)}")
        framed = HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        with self._changed:
            self._check()
            self._pending.append(framed)
            self._next += 1
            return self._next - 1

    def wait(self, number: int) -> None:
        """Return once the record is on disk. Whoever comes first writes for all who wait. Raises JournalFailed."""
        with self._changed:
            while self._durable < number or any(number in gap for gap in self._lost):
                self._check(number)
                if self._flushing:
                    self._changed.wait()
                    continue
                self._flush()

    def rotate(self) -> list[Segment]:
        """Close the segment in use when it holds anything; all closed segments, oldest first."""
        with self._changed:
            while self._flushing:
                self._changed.wait()
            self._check()
            if self._pending:
                self._flush()
            if self._size:
                self._next_segment()
            return [found for found in self.segments() if found.path != self._path]

    def segments(self) -> list[Segment]:
        """All segments on disk, the one in use last."""
        return [Segment(path, int(path.stem)) for path in sorted(self.folder.glob(f"*{SUFFIX}"))]

    def remove(self, segment: Segment) -> None:
        """Forget a closed segment whose records are safe elsewhere."""
        segment.path.unlink(missing_ok=True)
        _sync_folder(self.folder)

    def go_on_after(self, number: int) -> None:
        """Give out only numbers above this one: whoever keeps records elsewhere may know more than this folder does.

        Raises JournalFailed when the disk refuses; after `reopen` the numbers go on above this one all the same.
        """
        with self._changed:
            self._check()
            if number > self._next - 1 and not self._pending and not self._flushing:
                self._next, self._durable = number + 1, number
                self._next_segment()

    @property
    def durable(self) -> int:
        """Number of the last durable record, 0 when there is none."""
        return self._durable

    @property
    def failure(self) -> str | None:
        """Why the journal takes nothing now, None when it does."""
        return self._failure

    def reopen(self) -> None:
        """After a failure: cut off what is not durable and go on. Raises JournalFailed when the disk still refuses.

        Numbers of records that were cut off are never given out again: who still waits for one is told that it failed,
        instead of taking another's record for its own.
        """
        with self._changed:
            if self._failure is None:
                return
            self._pending = []
            gap = range(self._durable + 1, self._next)
            if gap and gap not in self._lost:
                self._lost.append(gap)
            try:
                if self._fd >= 0:
                    os.close(self._fd)
                    self._fd = -1
                self._trim()
                self._open_after(self._next - 1)
                self._probe()
            except OSError as error:
                raise JournalFailed(f"the journal in {self.folder} still refuses: {error.strerror or error}") from error
            self._failure = None
            self._changed.notify_all()

    def close(self) -> None:
        """Write what is pending and release the folder; idempotent."""
        with self._changed:
            if self._fd >= 0:
                if self._pending and self._failure is None:
                    self._flush()
                os.close(self._fd)
                self._fd = -1
            self._failure = self._failure or "closed"
        self._file_lock.release()

    def _flush(self) -> None:
        """Write and fsync all that is pending; the lock is let go meanwhile, so that others queue up for the next."""
        batch, last = b"".join(self._pending), self._next - 1
        self._pending, self._flushing = [], True
        self._changed.release()
        failed: OSError | None = None
        try:
            self._write(batch)
        except OSError as error:
            failed = error
        finally:
            self._changed.acquire()
            self._flushing = False
            if failed is None:
                self._size += len(batch)
                self._durable = last
            else:
                self._failure = failed.strerror or str(failed)
            self._changed.notify_all()
        self._check()

    def _write(self, batch: bytes) -> None:
        view = memoryview(batch)
        while view:
            view = view[os.write(self._fd, view) :]
        os.fdatasync(self._fd)

    def _check(self, number: int = 0) -> None:
        if self._failure is not None:
            raise JournalFailed(f"the journal in {self.folder} takes nothing now: {self._failure}")
        if any(number in gap for gap in self._lost):
            raise JournalFailed(f"the journal in {self.folder} could not keep this record")

    def _next_segment(self) -> None:
        """Close the segment and begin another. A full disk leaves none open: nothing is taken until `reopen`."""
        os.close(self._fd)
        self._fd = -1  # the number may belong to another file by the time of the next write
        try:
            self._open_after(self._durable)  # what is pending goes into the new one
        except OSError as error:
            self._failure = error.strerror or str(error)
            self._check()

    def _open_after(self, last: int) -> None:
        """A fresh segment whose first record has the number after `last`."""
        self._size = 0
        self._path = self.folder / f"{last + 1:016d}{SUFFIX}"
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _sync_folder(self.folder)
        self._mark(last)

    def _last_on_disk(self) -> int:
        """Number of the last whole record ever; empty segments of earlier starts are removed."""
        last = self._mark()
        for segment in self.segments():
            count = sum(1 for _ in segment.records())
            last = max(last, segment.first + count - 1)
            if not count and segment.path.stat().st_size == 0:
                segment.path.unlink()
        return last

    def _mark(self, last: int | None = None) -> int:
        """The highest number ever given out is kept beside the segments, so that numbers go on after they are removed."""
        path = self.folder / "numbered"
        if last is not None:
            part = path.with_suffix(".part")
            part.write_text(str(last), encoding="ascii")
            part.replace(path)
            return last
        try:
            return int(path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    def _trim(self) -> None:
        """Cut an unfinished record off the segment that failed."""
        if self._path.exists():
            os.truncate(self._path, self._size)

    def _probe(self) -> None:
        """Whether the disk takes data again: one block, written, synced and cut off."""
        self._write(b"\0" * 4096)
        os.ftruncate(self._fd, 0)
        os.fdatasync(self._fd)


def _payloads(path: Path) -> Iterator[bytes]:
    """Payloads of whole records. An unfinished end is left out; a wrong checksum before it raises StoreDamaged."""
    data = path.read_bytes()
    place = 0
    while place + HEAD.size <= len(data):
        length, checksum = HEAD.unpack_from(data, place)
        start, end = place + HEAD.size, place + HEAD.size + length
        if length > MAX_RECORD or end > len(data):
            break  # cut off by a crash, or zeros of a file system that grew the file first
        payload = data[start:end]
        if zlib.crc32(payload) != checksum or not length:
            if any(data[place:]) and end < len(data) and length:
                raise StoreDamaged(f"journal file {path} is damaged at byte {place}: restore it from a backup")
            break
        yield payload
        place = end


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
