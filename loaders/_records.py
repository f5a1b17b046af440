"""Text tables as chunks of columns: a strict fast reader for clean blocks, the exact one for any other."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from core.errors import FileRefused
from graph.intake import Rejected
from loaders._base import LoadContext
from loaders._encoding import Encoding, Utf8Stream, detect
from loaders._exact import FIELD_CAP, Records, read_records
from loaders._files import Opened

BLOCK_BYTES = 32 << 20
#: The exact reader makes Python objects of every row, so it takes less at a time.
SLOW_BYTES = 4 << 20
ROWS_PER_CHUNK = 500_000
_DELIMITERS = (b",", b";", b"\t", b"|")
_DELIMITER_NAMES = {b",": "comma", b";": "semicolon", b"\t": "tab", b"|": "vertical bar"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table: columns by heading, their row numbers, and the rows that were no rows."""

    frame: pl.DataFrame
    rows: pl.Series
    rejected: tuple[Rejected, ...] = ()

    @property
    def rows_read(self) -> int:
        return self.frame.height + len(self.rejected)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a mapping declares of a text file; None is found out from the file."""

    encoding: str | None = None
    delimiter: bytes | None = None
    skip_lines: int = 0


@dataclass(slots=True)
class TextTable:
    """An admitted text table with its headings read; `chunks` gives the rows. `notes` are warnings for the report."""

    file: str
    opened: Opened
    encoding: Encoding
    delimiter: bytes
    headings: list[str]
    skip_lines: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes to read, unpacked."""
        return self.opened.size

    def chunks(self, wanted: Sequence[str], context: LoadContext) -> Iterator[Chunk]:
        """Rows of the `wanted` columns in file order, at most 500,000 a chunk, memory bounded by a 32 MiB block."""
        first, done, ended = 1, 0, False
        with self.opened.stream() as raw:
            stream = Utf8Stream(raw, self.encoding)
            block = self._past_header(stream)
            while block or not ended:
                if not ended and len(block) < BLOCK_BYTES:
                    data = stream.read(BLOCK_BYTES)
                    ended, done = not data, done + len(data)
                    block += data
                chunk, used, last = self._block(block, wanted, first, final=ended)
                if not used and (ended or len(block) >= BLOCK_BYTES):
                    break
                block, first = block[used:], last + 1
                context.progress(min(done, self.opened.size), self.opened.size)
                yield from _sliced(chunk)
        context.progress(self.opened.size, self.opened.size)
        if block:
            raise FileRefused(f"{self.file}: row {first} is longer than {SLOW_BYTES >> 20} MiB; "
                              "the file is damaged or no table", code="field_too_long")  # fmt: skip

    def _past_header(self, stream: Utf8Stream) -> bytes:
        head = stream.read(4 * FIELD_CAP)
        return head[_header_end(head, self.skip_lines) :]

    def _block(self, block: bytes, wanted: Sequence[str], first: int, *, final: bool) -> tuple[Chunk, int, int]:
        used = _clean_until(block, self.delimiter, final=final)
        if used:
            table = self._fast(block if used == len(block) else block[:used], wanted)
            if table is not None:
                frame = pl.DataFrame(pl.from_arrow(table))
                rows = pl.Series("row", np.arange(first, first + frame.height), dtype=pl.Int64)
                return Chunk(frame, rows), used, first + frame.height - 1
        return self._slow(block, wanted, first, final=final)

    def _fast(self, block: bytes, wanted: Sequence[str]) -> pa.Table | None:
        """The block's columns by Arrow, or None when any row of it is not plainly right."""
        try:
            table = arrow_csv.read_csv(
                pa.py_buffer(block),
                read_options=arrow_csv.ReadOptions(column_names=self.headings, block_size=4 << 20),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter.decode(), newlines_in_values=b'"' in block
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.headings, pa.string()),
                    include_columns=list(wanted),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        return table

    def _slow(self, block: bytes, wanted: Sequence[str], first: int, *, final: bool) -> tuple[Chunk, int, int]:
        part = block[:SLOW_BYTES]
        whole = final and len(part) == len(block)
        found = _read(self.file, part, self.delimiter, len(self.headings), first, final=whole)
        places = [self.headings.index(name) for name in wanted]
        columns = {
            name: pl.Series(name, [row[place] for row in found.rows], dtype=pl.String)
            for name, place in zip(wanted, places, strict=True)
        }
        rejected = tuple(
            Rejected(self.file, row, "", code, shown, expected) for row, code, shown, expected in found.bad
        )
        rows = pl.Series("row", found.numbers, dtype=pl.Int64)
        return Chunk(pl.DataFrame(columns), rows, rejected), found.consumed, found.last


def _read(name: str, block: bytes, delimiter: bytes, width: int, first: int, *, final: bool) -> Records:
    """`read_records`, with the file named in what it refuses."""
    try:
        return read_records(block, delimiter, width, first, final=final)
    except FileRefused as error:
        raise FileRefused(f"{name}: {error}", code=error.code) from None


def open_table(
    opened: Opened,
    dialect: Dialect | None = None,
    rename: Callable[[list[str]], list[str]] = list,
) -> TextTable:
    """Headings, encoding and delimiter of an admitted file. Raises FileRefused for a header that cannot be used.

    `rename` may give repeated headings names of their own before they are checked.
    """
    name, dialect = opened.path.name, dialect or Dialect()
    with opened.stream() as raw:
        encoding = detect(raw, dialect.encoding)
    with opened.stream() as raw:
        head = Utf8Stream(raw, encoding).read(4 * FIELD_CAP)
    start = _line_start(head, dialect.skip_lines)
    delimiter = dialect.delimiter or _sniffed(head[start : start + 65536])
    final = len(head) < FIELD_CAP
    found = _read(name, head[start : _header_end(head, dialect.skip_lines)], delimiter, 0, 1, final=True)
    if found.bad or not found.rows:
        code = found.bad[0][1] if found.bad else ("empty_file" if final else "field_too_long")
        raise FileRefused(f"{name}: no readable header line ({code.replace('_', ' ')})", code=code)
    headings = _checked(name, rename([unicodedata.normalize("NFC", item.strip()) for item in found.rows[0]]))
    table = TextTable(name, opened, encoding, delimiter, headings, dialect.skip_lines)
    if encoding.name != "utf-8":
        table.notes.append(f"{name}: read as {encoding.name.upper()}")
    if delimiter != b"," and dialect.delimiter is None:
        table.notes.append(f"{name}: columns are separated by {_DELIMITER_NAMES[delimiter]}")
    return table


def _checked(name: str, headings: list[str]) -> list[str]:
    repeated = sorted(item for item, times in Counter(headings).items() if item and times > 1)
    if repeated:
        raise FileRefused(f"{name}: the heading {repeated[0]!r} stands twice; rename one", code="duplicate_column")
    return [item or f"(column {number})" for number, item in enumerate(headings, 1)]


def _line_start(head: bytes, lines: int) -> int:
    start = 0
    for _ in range(lines):
        start = head.find(b"\n", start) + 1 or len(head)
    return start


def _header_end(head: bytes, skip_lines: int) -> int:
    """Where the first data record starts: after skipped lines, blank lines and the header record."""
    start = _line_start(head, skip_lines)
    while head[start : start + 1] in (b"\n", b"\r"):
        start += 1
    quotes, position = 0, start
    while (end := head.find(b"\n", position)) >= 0:
        quotes += head.count(b'"', position, end)
        if quotes % 2 == 0:
            return end + 1
        position = end + 1
    return len(head)


def _sniffed(head: bytes) -> bytes:
    """The separator that stands most often in the first non-blank line, outside quotes; a comma when none does."""
    line = next((item for item in head.splitlines() if item.strip()), b"")
    outside = b"".join(line.split(b'"')[0::2])
    return max(_DELIMITERS, key=lambda mark: (outside.count(mark), mark == b","))


def _clean_until(block: bytes, delimiter: bytes, *, final: bool) -> int:
    """How much of the block the fast reader may take: up to the last record end, 0 when anything is odd.

    Odd are a NUL, a carriage return on its own, bytes that are no UTF-8, a record of more than 1 MiB, and quotes
    that stand anywhere but at the start and the end of a field or doubled inside one.
    """
    if b"\0" in block or block.count(b"\r") != block.count(b"\r\n"):
        return 0
    used = (_quoted_until if b'"' in block else _plain_until)(block, delimiter, final)
    if used and not block.isascii():
        try:
            str(memoryview(block)[:used], "utf-8")
        except UnicodeDecodeError:
            return 0
    return used


def _plain_until(block: bytes, _delimiter: bytes, final: bool) -> int:
    """A record end in every half MiB means that no field is over 1 MiB."""
    half = FIELD_CAP // 2
    for start in range(0, len(block) - half, half):
        if block.find(b"\n", start, start + half) < 0:
            return 0
    return len(block) if final else block.rfind(b"\n") + 1


def _quoted_until(block: bytes, delimiter: bytes, final: bool) -> int:
    data = np.frombuffer(block, dtype=np.uint8)
    quotes = np.flatnonzero(data == ord('"'))
    ends = np.flatnonzero(data == ord("\n"))
    ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    used = len(block) if final else (int(ends[-1]) + 1 if len(ends) else 0)
    quotes = quotes[quotes < used]
    if len(quotes) % 2 or np.diff(ends[ends < used], prepend=-1, append=used).max(initial=0) > FIELD_CAP:
        return 0
    around = np.concatenate(([ord("\n")], data[:used], [ord("\n")]))
    before, after = around[quotes[0::2]], around[quotes[1::2] + 2]
    opens = np.isin(before, [delimiter[0], ord("\n"), ord('"')])
    closes = np.isin(after, [delimiter[0], ord("\n"), ord("\r"), ord('"')])
    return used if bool(opens.all() and closes.all()) else 0


def _sliced(chunk: Chunk) -> Iterator[Chunk]:
    if chunk.frame.height <= ROWS_PER_CHUNK:
        yield chunk
        return
    for start in range(0, chunk.frame.height, ROWS_PER_CHUNK):
        part = slice(start, start + ROWS_PER_CHUNK)
        yield Chunk(chunk.frame[part], chunk.rows[part], chunk.rejected if start == 0 else ())
