"""The fast reader, the exact reader and Python's own csv agree on every well-formed table; the exact one resumes after damage."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import _records
from loaders._base import LoadContext
from loaders._exact import read_records
from loaders._files import admit

_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6) | st.sampled_from(
    ['"', ",", "\n", '""', "a,b", 'x"y', " ", "", "é"]
)
_TABLE = st.lists(st.tuples(_CELL, _CELL, st.text("abc123", min_size=1, max_size=4)), min_size=1, max_size=12)


def _written(table: list[tuple[str, ...]], quoting: int, end: str, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=quoting, lineterminator=end, delimiter=delimiter).writerows([("h1", "h2", "h3"), *table])  # type: ignore[arg-type]
    return out.getvalue().encode()


def _by_ringtrace(content: bytes, block: int) -> list[tuple[str, ...]]:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(_records, "BLOCK_BYTES", block)
        path = Path(folder) / "t.csv"
        path.write_bytes(content)
        table = _records.open_table(admit(path, LoadContext()), _records.Dialect(encoding="utf-8", delimiter=b","))
        chunks = list(table.chunks(["h1", "h2", "h3"], LoadContext()))
        assert not any(chunk.rejected for chunk in chunks)
        numbers = [number for chunk in chunks for number in chunk.rows.to_list()]
        assert numbers == list(range(1, len(numbers) + 1))
        return [row for chunk in chunks for row in chunk.frame.rows()]


@settings(max_examples=150, deadline=None)
@given(
    _TABLE,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([64, 1 << 20]),
)
def test_what_csv_writes_is_read_back_exactly(table: list[tuple[str, ...]], quoting: int, end: str, block: int) -> None:
    if block == 64 and max(len(str(row).encode()) for row in table) > 32:
        block = 4096
    assert _by_ringtrace(_written(table, quoting, end), block) == table


@settings(max_examples=150, deadline=None)
@given(_TABLE, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_the_exact_reader_alone_agrees(table: list[tuple[str, ...]], quoting: int) -> None:
    found = read_records(_written(table, quoting, "\n"), b",", 3, 0, final=True)
    assert [tuple(row) for row in found.rows[1:]] == table
    assert not found.bad


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_numbered_and_accounted_for(content: bytes) -> None:
    found = read_records(content, b",", 2, 1, final=True)
    assert sorted([*found.numbers, *(number for number, *_ in found.bad)]) == list(range(1, found.last + 1))
    assert found.consumed == len(content)
    assert all(len(row) == 2 for row in found.rows)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"a,b", b'"a",b', b'a,"b', b"a", b"a,b,c", b"\xff,b", b'"x\ny",b', b'a,"b" c', b'"', b""]),
        max_size=20,
    ),
    st.integers(1, 40),
)
def test_a_block_cut_anywhere_gives_the_same_records(lines: list[bytes], cut: int) -> None:
    content = b"\n".join(lines) + b"\n"
    whole = read_records(content, b",", 2, 1, final=True)
    part = read_records(content[:cut], b",", 2, 1, final=False)
    rest = read_records(content[part.consumed :], b",", 2, part.last + 1, final=True)
    assert part.rows + rest.rows == whole.rows
    assert [item[:2] for item in part.bad + rest.bad] == [item[:2] for item in whole.bad]
