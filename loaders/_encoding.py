"""Which encoding a text file is in, and its bytes as UTF-8 whatever that is."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import IO

_SAMPLE = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NAMES = {
    "utf8": "utf-8", "utf-8": "utf-8", "utf-8-sig": "utf-8", "gbk": "gb18030", "gb2312": "gb18030",
    "gb18030": "gb18030", "utf-16": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be",
}  # fmt: skip
#: Stands in the UTF-8 stream for bytes that the file's own encoding cannot have; it is no valid UTF-8 itself,
#: so that the row is set aside like any row with a bad byte, and never carries U+FFFD.
_MARK = "\udcff"


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return _MARK, error.end


codecs.register_error("ringtrace-mark", _mark)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A detected or declared encoding: its Python name, the length of its mark, and whether lines end in CR alone."""

    name: str
    bom: int
    cr_only: bool


def known(name: str) -> str | None:
    """Python's name of an encoding a mapping may declare, or None. GBK and GB2312 are read as GB18030, their superset."""
    return _NAMES.get(name.strip().lower().replace("_", "-"))


def detect(stream: IO[bytes], declared: str | None = None) -> Encoding:
    """Encoding of a stream from its mark, its zero bytes, or which of UTF-8 and GB18030 more of its lines fit.

    Reads on past plain ASCII until the first other byte, so a Chinese name late in a long file still counts.
    """
    head = stream.read(_SAMPLE)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return Encoding(name, len(mark), _cr_only(head[len(mark) :], name))
    if declared:
        return Encoding(declared, 0, _cr_only(head, declared))
    if wide := _wide(head):
        return Encoding(wide, 0, _cr_only(head, wide))
    cr_only = _cr_only(head, "utf-8")
    while head.isascii():
        following = stream.read(_SAMPLE)
        if not following:
            return Encoding("utf-8", 0, cr_only)
        head = head[-200:] + following
    return Encoding(_fits_better(head), 0, cr_only)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of a heading in Latin letters is zero."""
    sample = head[:400]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and even * 10 < odd:
        return "utf-16-le"
    if even > len(sample) // 5 and odd * 10 < even:
        return "utf-16-be"
    return None


def _cr_only(head: bytes, name: str) -> bool:
    newline, carriage = "\n".encode(name), "\r".encode(name)
    return newline not in head and carriage in head


def _fits_better(sample: bytes) -> str:
    """UTF-8 unless fewer of the lines that tell are UTF-8 than GB18030."""
    telling = [line for line in sample.splitlines()[:-1] or sample.splitlines() if not line.isascii()]
    telling = telling or [line for line in sample.splitlines() if not line.isascii()]
    utf8 = sum(_decodes(line, "utf-8") for line in telling)
    gb = sum(_decodes(line, "gb18030") for line in telling)
    return "gb18030" if gb > utf8 else "utf-8"


def _decodes(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeDecodeError:
        return False
    return True


class Utf8Stream:
    """A stream's bytes as UTF-8 with LF or CRLF line ends. Bytes foreign to the encoding become invalid UTF-8."""

    def __init__(self, stream: IO[bytes], encoding: Encoding) -> None:
        self._stream = stream
        self._cr_only = encoding.cr_only
        stream.read(encoding.bom)
        plain = encoding.name == "utf-8"
        self._decoder = None if plain else codecs.getincrementaldecoder(encoding.name)(errors="ringtrace-mark")

    def read(self, size: int) -> bytes:
        """About `size` bytes; empty only at the end."""
        while True:
            raw = self._stream.read(size)
            if self._decoder is None:
                data = raw
            else:
                data = self._decoder.decode(raw, final=not raw).encode("utf-8", "surrogatepass")
            if data or not raw:
                return data.replace(b"\r", b"\n") if self._cr_only else data
