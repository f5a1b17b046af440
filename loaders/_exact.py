"""The exact reader: every record of a block one by one, with the bad ones named. Used where the fast reader balks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.errors import FileRefused
from core.masking import visible

FIELD_CAP = 1 << 20
#: At most so many records at a time, so that a file of nothing but bad rows stays small in memory.
MOST_RECORDS = 200_000


@dataclass(slots=True)
class Records:
    """What a block held: good rows with their numbers, bad rows as (number, code, shown, expected), bytes used."""

    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: list[tuple[int, str, str, str]] = field(default_factory=list)
    consumed: int = 0
    last: int = 0


class _Broken(Exception):
    """A record whose quotes do not fit, at a position of the block; `open_end` when the block ended inside quotes."""

    def __init__(self, at: int, *, open_end: bool = False) -> None:
        self.at, self.open_end = at, open_end


def read_records(block: bytes, delimiter: bytes, width: int, first: int, *, final: bool) -> Records:
    """All records of `block`, numbered from `first`; blank lines are not numbered.

    A record whose quotes do not close is set aside by its first line only, so one stray quote does not swallow the
    rows after it. Unless `final`, the last unfinished record is left for the next block (`consumed` says where).
    `width` 0 takes any number of fields. Raises FileRefused for a field of more than 1 MiB.
    """
    out = Records(last=first - 1)
    unquoted = re.compile(rb"[^" + re.escape(delimiter) + rb"\n]*+")
    position, size = 0, len(block)
    while position < size and out.last - first < MOST_RECORDS:
        line_end = block.find(b"\n", position)
        if line_end < 0:
            if not final:
                break
            line_end = size
        end = line_end
        try:
            if block.find(b'"', position, line_end) < 0:
                fields = _stripped(block[position:line_end]).split(delimiter)
            else:
                fields, end = _quoted(block, position, delimiter, unquoted)
                if end >= size and not final:
                    break
                if width and len(fields) != width and end > line_end:
                    raise _Broken(end)
        except _Broken as broken:
            unfinished = broken.open_end or broken.at >= size - 1
            if unfinished and not final and size - position <= FIELD_CAP:
                break
            code = "unclosed_quote" if broken.open_end or broken.at > line_end else "bad_quote"
            _set_aside(out, code, block[position:line_end], "quotes that close before the next separator")
            position = line_end + 1
            continue
        if fields != [b""]:
            _keep(out, fields, width, block[position:end])
        position = end + 1
    out.consumed = min(position, size)
    return out


def _keep(out: Records, fields: list[bytes], width: int, raw: bytes) -> None:
    number = out.last + 1
    if max(map(len, fields)) > FIELD_CAP:
        raise FileRefused(
            f"row {number}: a field of more than 1 MiB; the file is damaged or no table", code="field_too_long"
        )
    if width and len(fields) != width:
        code = "short_row" if len(fields) < width else "long_row"
        return _set_aside(out, code, raw, f"{width} fields, found {len(fields)}")
    if b"\0" in raw:
        return _set_aside(out, "nul_byte", raw, "text without NUL bytes")
    try:
        row = [item.decode() for item in fields]
    except UnicodeDecodeError as error:
        return _set_aside(
            out, "bad_encoding", raw, f"text in the file's encoding (byte 0x{error.object[error.start]:02x})"
        )
    out.last = number
    out.rows.append(row)
    out.numbers.append(number)
    return None


def _set_aside(out: Records, code: str, raw: bytes, expected: str) -> None:
    """A row that is not even a row has no fields to judge by, so of its text only the length is shown."""
    out.last += 1
    out.bad.append((out.last, code, visible(f"({len(raw)} bytes)"), expected))


def _stripped(line: bytes) -> bytes:
    return line[:-1] if line.endswith(b"\r") else line


_INSIDE = re.compile(rb'(?:[^"]++|"")*+')


def _quoted(block: bytes, position: int, delimiter: bytes, unquoted: re.Pattern[bytes]) -> tuple[list[bytes], int]:
    """Fields of the record at `position` and where its line end stands. Raises _Broken when its quotes do not fit."""
    fields: list[bytes] = []
    while True:
        if block.startswith(b'"', position):
            inside = _INSIDE.match(block, position + 1)
            assert inside is not None
            position = inside.end() + 1
            if position > len(block):
                raise _Broken(position, open_end=True)
            fields.append(inside.group().replace(b'""', b'"'))
        else:
            plain = unquoted.match(block, position)
            assert plain is not None
            position = plain.end()
            at_end = not block.startswith(delimiter, position)
            fields.append(_stripped(plain.group()) if at_end else plain.group())
        if block.startswith(delimiter, position):
            position += 1
            continue
        if block.startswith(b"\r\n", position):
            position += 1
        if position < len(block) and not block.startswith(b"\n", position):
            raise _Broken(position)
        return fields, position
