"""The gate: which input files are refused before a byte of them is used, and how the others are opened."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from core.errors import FileRefused
from loaders._base import LoadContext

#: First bytes of what is often saved under the name of a text file, and what to do instead.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or ZIP archive; save it as CSV (UTF-8) first"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file; save it as CSV (UTF-8) first"),
    (b"%PDF", "a PDF document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it first"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)
PARQUET_MAGIC = b"PAR1"
GZIP_MAGIC = b"\x1f\x8b"
#: A gzip file that grows more than this many times beyond the first 64 MiB is taken for a bomb; real tables reach 30.
_BOMB_RATIO = 300
_BOMB_FLOOR = 64 << 20
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A text file let through the gate: its path, its size once unpacked, and whether it is gzip."""

    path: Path
    size: int
    gzipped: bool

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The file's bytes, unpacked."""
        if self.gzipped:
            with gzip.open(self.path, "rb") as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            with self.path.open("rb") as plain:
                yield plain


def admit(path: Path, context: LoadContext) -> Opened:
    """Let a text file in, or raise FileRefused with one line saying why and what to do.

    Size is checked before reading; a gzip file is unpacked once to nowhere, with flat memory, so that a truncated
    or exploding one is refused before any of its rows is used.
    """
    size = _regular_size(path, context)
    with path.open("rb") as handle:
        head = handle.read(16)
    gzipped = head.startswith(GZIP_MAGIC)
    if gzipped:
        size, head = _unpacked(path, size, context)
        if head.startswith(GZIP_MAGIC):
            raise FileRefused(f"{path.name}: a gzip file inside a gzip file; unpack it first", code="nested_archive")
    if size == 0:
        raise FileRefused(f"{path.name}: the file is empty", code="empty_file")
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise FileRefused(f"{path.name}: not a text table but {what}", code="wrong_file_type")
    if head.startswith(PARQUET_MAGIC):
        raise FileRefused(f"{path.name}: a Parquet file; load it with --format parquet", code="wrong_file_type")
    return Opened(path, size, gzipped)


def admit_parquet(path: Path, context: LoadContext) -> int:
    """Size of a Parquet file that has both its marks; raises FileRefused otherwise."""
    size = _regular_size(path, context)
    if size == 0:
        raise FileRefused(f"{path.name}: the file is empty", code="empty_file")
    with path.open("rb") as handle:
        head = handle.read(4)
        handle.seek(max(size - 4, 0))
        tail = handle.read(4)
    if head != PARQUET_MAGIC:
        raise FileRefused(f"{path.name}: not a Parquet file", code="wrong_file_type")
    if tail != PARQUET_MAGIC or size < 12:
        raise FileRefused(f"{path.name}: the Parquet file is cut off; copy it again", code="truncated")
    return size


def member(folder: Path, name: str) -> Path:
    """A file inside `folder`. Raises FileRefused for `..`, an absolute name, or a link that leads out of the folder."""
    inside = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise FileRefused(f"{name}: file names must stay inside {folder.name}", code="outside_folder")
    if inside.is_symlink() or not inside.resolve().is_relative_to(folder.resolve()):
        raise FileRefused(f"{name}: is a link; copy the file itself into {folder.name}", code="outside_folder")
    return inside


def find_member(folder: Path, stem: str) -> Path | None:
    """`<stem>.csv` or `<stem>.csv.gz` in a folder, checked by `member`; None when there is neither."""
    for name in (f"{stem}.csv", f"{stem}.csv.gz"):
        if (folder / name).exists() or (folder / name).is_symlink():
            return member(folder, name)
    return None


def _regular_size(path: Path, context: LoadContext) -> int:
    if not path.exists():
        raise FileRefused(f"{path}: no such file", code="no_such_file")
    if not path.is_file():
        raise FileRefused(f"{path.name}: not a regular file", code="wrong_file_type")
    size = path.stat().st_size
    if size > context.max_file_bytes:
        raise FileRefused(_too_large(path, size, context), code="file_too_large")
    return size


def _too_large(path: Path, size: int, context: LoadContext) -> str:
    return (
        f"{path.name}: {size:,} bytes, more than the limit of {context.max_file_bytes:,}; "
        "split it, or raise RINGTRACE_MAX_FILE_GB"
    )


def _unpacked(path: Path, packed: int, context: LoadContext) -> tuple[int, bytes]:
    """Size and first bytes of a gzip file's content, after reading it to its end and checking its checksum."""
    size, head = 0, b""
    try:
        with gzip.open(path, "rb") as handle:
            while step := handle.read(_STEP):
                head = head or step[:16]
                size += len(step)
                if size > context.max_file_bytes:
                    raise FileRefused(_too_large(path, size, context), code="file_too_large")
                if size > _BOMB_FLOOR and size > _BOMB_RATIO * packed:
                    raise FileRefused(f"{path.name}: unpacks to more than {_BOMB_RATIO} times its size; "
                                      "unpack it yourself if you trust it", code="archive_bomb")  # fmt: skip
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as error:
        raise FileRefused(
            f"{path.name}: the gzip file is cut off or damaged ({error}); copy it again", code="truncated"
        ) from error
    return size, head
