"""The CSV export: RFC 4180, a byte order mark, no live formula, no damaged number."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from export_samples import HOSTILE, hostile, sample, written
from hypothesis import example, given
from hypothesis import strategies as st

from exports._text import visible
from exports.csv_zip import EXPORTER, cell, table

LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def _rows(data: bytes, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        raw = archive.read(name)
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_rows_amounts_and_times_read_back() -> None:
    data = written(EXPORTER, sample())
    nodes, rels = _rows(data, "nodes.csv"), _rows(data, "relationships.csv")
    assert [row["id"] for row in nodes] == ["A1", "A2", "A3", "'+8613800000000", "F1"]
    assert nodes[0]["name"] == "王芳" and nodes[0]["opening_balance"] == "12.00" and nodes[0]["is_blocked"] == "false"
    assert nodes[1]["number"] == "'6222021234567890123"
    assert (
        rels[0]["amount_minor"] == "1234500"
        and rels[0]["amount"] == "12345.00"
        and rels[0]["at_utc"] == "2023-11-14T22:13:20.000Z"
    )
    assert rels[2]["amount"] == "'100000000000000000", "a spreadsheet would round it"
    assert rels[0]["start_label"] == "Account" and rels[0]["end_id"] == "A2"


def test_the_note_says_who_when_and_what_was_left_out() -> None:
    with zipfile.ZipFile(io.BytesIO(written(EXPORTER, sample()))) as archive:
        note = archive.read("README.txt").decode()
    assert "chen" in note and "data version 12" in note and "showing 5 of 4,819" in note


def test_same_input_gives_the_same_bytes() -> None:
    assert written(EXPORTER, sample()) == written(EXPORTER, sample())


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_never_starts_a_formula(text: str) -> None:
    data = written(EXPORTER, hostile(text))
    for name in ("nodes.csv", "relationships.csv"):
        for row in _rows(data, name):
            assert None not in row, "every row has as many cells as the header"
            assert not any(
                value.lstrip(" \u3000").startswith((*LIVE, "＝", "＋", "－", "＠")) for value in row.values()
            )
    name = _rows(data, "nodes.csv")[0]["name"]
    assert back(name) == visible(text)
    for part in re.split(r"[;|\t]", name):
        assert not re.match(r"""[\s"]*[=+\-@＝＋－＠]""", part), "a spreadsheet may split there"


@given(st.text())
@example("a;=1")
@example("'=1;'=2")
@example("a|\"'+1;;@x")
def test_what_the_note_says_gives_the_text_back(text: str) -> None:
    written_cell = cell(text)
    assert isinstance(written_cell, str)
    assert back(written_cell) == visible(text) and not written_cell.startswith(LIVE)


def back(written_cell: str) -> str:
    """The value of a cell, as README.txt in the zip says."""
    if not written_cell.startswith("'"):
        return written_cell
    return re.sub(r"""([;|\t](?:[^\S\t]|["'])*)'(?=[=+\-@＝＋－＠])""", r"\1", written_cell[1:])


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "=c"]), st.text() | st.integers() | st.none())))
def test_the_csv_module_reads_every_cell_back(rows: list[dict[str, object]]) -> None:
    text = table(rows, ("a", "b", "=c"))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["a", "b", "'=c"] and len(read) == len(rows) + 1
    assert [line[0] for line in read[1:]] == [str(cell(row.get("a"))) for row in rows]
