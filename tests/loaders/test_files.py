"""Bad files: each is refused whole or has its bad rows named, and the good rows stay exact."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from loaders_reading import GOOD, HEADER, load, load_transfers, mapping_file, rows

from core.errors import FileRefused
from loaders import _files, _records, delimited
from loaders._base import LoadContext

TWO = "2,A2,A3,7.00,CNY,2024-03-01 11:00:00,税费"


def _zip(names: tuple[str, ...] = ("xl/workbook.xml",)) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (gzip.compress(b"", mtime=0), "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"\n\r\n\n", "empty_file"),
        (_zip(), "wrong_file_type"),
        (_zip(("a.csv", "../../etc/passwd")), "wrong_file_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "wrong_file_type"),
        (b"%PDF-1.7\n", "wrong_file_type"),
        (b"PAR1\0\0\0\0PAR1", "wrong_file_type"),
        (gzip.compress(_zip(), mtime=0), "wrong_file_type"),
        (gzip.compress(gzip.compress(rows(GOOD).encode(), mtime=0)), "nested_archive"),
        (gzip.compress(rows(*[GOOD] * 500).encode(), mtime=0)[:-20], "truncated"),
        (gzip.compress(rows(*[GOOD] * 500).encode(), mtime=0)[:30], "truncated"),
        (b"id,from,to,amount,currency,at,at\n", "duplicate_column"),
        (b"id,from,to,currency,at,memo\n", "missing_column"),
        (b'id,"from,to\n' + GOOD.encode(), "unclosed_quote"),
        (b'id,"from,to\n' + b"\n" * 300_000, "unclosed_quote"),
        (b"id,fr\xffom,to,amount,currency,at,memo\n", "bad_encoding"),
        (b"id\0,from,to,amount,currency,at,memo\n", "nul_byte"),
        (HEADER.encode() + b"\n" + b"x" * (2 << 20) + b"\n", "field_too_long"),
        (HEADER.encode() + b"\n" + b'1,A1,"' + b"x" * (2 << 20) + b'"\n', "field_too_long"),
        (b"x" * (5 << 20), "field_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # archives hold the time: no name for a test
)
def test_a_file_that_cannot_be_used_is_refused_with_one_line(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        load_transfers(tmp_path, content)
    assert refused.value.code == code
    assert "\n" not in str(refused.value) and ".csv" in str(refused.value)


def test_a_missing_column_and_a_repeated_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="'amount'"):
        load_transfers(tmp_path, "id,from,to,currency,at,memo\n")
    with pytest.raises(FileRefused, match="'at'"):
        load_transfers(tmp_path, "id,from,to,amount,currency,at,at\n")


class CountedHeading(str):
    """A heading that counts how often it is compared."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        CountedHeading.compared += 1
        return str.__eq__(self, other)


def test_the_heading_that_stands_twice_is_found_by_looking_at_each_once() -> None:
    """60,000 headings each compared with each other kept the loader for a minute."""
    headings: list[str] = [CountedHeading(f"a{number}") for number in range(2_000)]
    CountedHeading.compared = 0
    with pytest.raises(FileRefused, match="'a7' stands twice"):
        _records._checked("wide.csv", [*headings, CountedHeading("a7")])
    assert CountedHeading.compared < 4 * len(headings)


def test_over_size_is_refused_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as handle:
        handle.truncate(10**12)
    monkeypatch.setattr(Path, "open", lambda *_args, **_more: pytest.fail("the file was opened"))
    with pytest.raises(FileRefused) as refused:
        _files.admit(path, LoadContext())
    assert refused.value.code == "file_too_large"


def test_a_gzip_bomb_is_refused_with_flat_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "bomb.csv.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as handle:
        for _ in range(100):
            handle.write(b"0" * (1 << 20))
    monkeypatch.setattr(_files, "_BOMB_FLOOR", 16 << 20)
    tracemalloc.start()
    with pytest.raises(FileRefused) as refused:
        _files.admit(bomb, LoadContext())
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert refused.value.code == "archive_bomb"
    with pytest.raises(FileRefused) as refused:
        _files.admit(bomb, LoadContext(max_file_bytes=10 << 20))
    assert refused.value.code == "file_too_large"


def test_an_endless_line_is_refused_with_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "transfers.csv"
    with path.open("wb") as handle:
        handle.write(rows(GOOD).encode() + b"2,A1,")
        handle.truncate(300 << 20)
    tracemalloc.start()
    with pytest.raises(FileRefused):
        load(delimited.LOADER, path, mapping_file(tmp_path))
    assert tracemalloc.get_traced_memory()[1] < 200 << 20
    tracemalloc.stop()


def test_something_that_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(FileRefused, match="not a regular file"):
        _files.admit(pipe, LoadContext())
    with pytest.raises(FileRefused) as refused:
        _files.admit(tmp_path / "none.csv", LoadContext())
    assert refused.value.code == "no_such_file"


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "a/../../b.csv"])
def test_names_that_lead_out_of_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        _files.member(tmp_path, name)
    assert refused.value.code == "outside_folder"


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    inside, secret = tmp_path / "in", tmp_path / "secret.csv"
    inside.mkdir()
    secret.write_text(rows(GOOD))
    (inside / "transfers.csv").symlink_to(secret)
    with pytest.raises(FileRefused) as refused:
        load(delimited.LOADER, inside, mapping_file(tmp_path))
    assert refused.value.code == "outside_folder"


def test_a_header_alone_gives_no_rows_and_a_warning(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, HEADER)
    assert loaded.rows_read == 0
    assert not loaded.rejected
    assert loaded.warned("headings but no rows")


def test_an_unknown_column_is_left_out_and_said(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, rows(GOOD + ",9", header=HEADER + ",余额"))
    assert loaded.rows_read == len(loaded.facts["TRANSFER"]) == 1
    assert loaded.warned("'余额' is not mapped")


def test_columns_go_by_name_not_by_position(tmp_path: Path) -> None:
    loaded = load_transfers(
        tmp_path, "memo,at,currency,amount,to,from,id\nrent,2024-03-01 10:00:00,CNY,12.50,A2,A1,1\n"
    )
    transfer = loaded.facts["TRANSFER"][0]
    assert (transfer["id"], transfer["from_id"], transfer["to_id"], transfer["amount_minor"]) == (
        "t:1",
        "b:A1",
        "b:A2",
        1250,
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_are_alike(tmp_path: Path, end: str, last: bool) -> None:
    text = rows(GOOD, TWO, end=end)
    loaded = load_transfers(tmp_path, text if last else text[: -len(end)])
    assert [row["memo"] for row in loaded.facts["TRANSFER"]] == ["rent", "税费"]
    assert [row["source_row"] for row in loaded.facts["TRANSFER"]] == [1, 2]


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_encodings_are_found_out_and_named(tmp_path: Path, encoding: str, named: str) -> None:
    loaded = load_transfers(
        tmp_path,
        rows(
            GOOD, TWO, "3,A3,A4,1,CNY,2024-03-01,𠮷野家😀" if "gb" not in encoding else TWO.replace("2,", "3,", 1)
        ).encode(encoding),
    )
    assert loaded.facts["TRANSFER"][1]["memo"] == "税费"
    assert len(loaded.facts["TRANSFER"]) == 3
    assert loaded.warned("read as") is bool(named)
    assert not named or loaded.warned(named)


def test_gb18030_far_down_a_long_ascii_file_is_found(tmp_path: Path) -> None:
    lines = [f"{number},A1,A2,1.00,CNY,2024-03-01 10:00:00,x" for number in range(40_000)]
    loaded = load_transfers(tmp_path, rows(*lines, TWO).encode("gb18030"))
    assert loaded.facts["TRANSFER"][-1]["memo"] == "税费"
    assert not loaded.rejected


def test_an_invalid_byte_sets_its_row_aside_and_never_becomes_a_replacement_character(tmp_path: Path) -> None:
    text = rows(GOOD, TWO).encode() + b"3,A1,A2,1,CNY,2024-03-01,\xff\xfe\n" + TWO.replace("2,", "4,", 1).encode()
    loaded = load_transfers(tmp_path, text)
    assert [(item.code, item.row) for item in loaded.rejected] == [("bad_encoding", 3)]
    assert len(loaded.facts["TRANSFER"]) == 3
    assert "\ufffd" not in str(loaded)


def test_an_invalid_byte_in_gb18030_and_utf16_too(tmp_path: Path) -> None:
    good = rows(*(TWO.replace("2,", f"{number},", 1) for number in range(1, 9)))
    loaded = load_transfers(tmp_path, good.encode("gb18030") + b"9,A1,A2,1,CNY,2024-03-01,\xff\n")
    assert loaded.codes == ["bad_encoding"]
    assert len(loaded.facts["TRANSFER"]) == 8
    bad = "9,A1,A2,1,CNY,2024-03-01,".encode("utf-16-le") + b"\x00\xd8" + "\n".encode("utf-16-le")
    loaded = load_transfers(tmp_path, b"\xff\xfe" + good.encode("utf-16-le") + bad)
    assert loaded.codes == ["bad_encoding"]


@pytest.mark.parametrize(("mark", "named"), [(",", ""), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")])
def test_separators_are_found_out_and_said(tmp_path: Path, mark: str, named: str) -> None:
    loaded = load_transfers(tmp_path, rows(GOOD.replace(",", mark), header=HEADER.replace(",", mark)))
    assert loaded.facts["TRANSFER"][0]["amount_minor"] == 1250
    assert loaded.warned("separated by") is bool(named)
    assert not named or loaded.warned(named)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("3,A1,A2,1,CNY", "short_row"),
        ("3,A1,A2,1,CNY,2024-03-01,memo,more", "long_row"),
        ('3,A1,A2,1,CNY,2024-03-01,"never closed', "unclosed_quote"),
        ('3,A1,A2,1,CNY,2024-03-01,"closed" badly', "bad_quote"),
        ("3,A1,A2,1,CNY,2024-03-01,a\0b", "nul_byte"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_row_is_set_aside_alone(tmp_path: Path, line: str, code: str, place: int) -> None:
    lines = [GOOD, TWO]
    lines.insert(place, line)
    loaded = load_transfers(tmp_path, rows(*lines))
    assert [(item.code, item.row, item.file) for item in loaded.rejected] == [(code, place + 1, "transfers.csv")]
    assert [row["id"] for row in loaded.facts["TRANSFER"]] == ["t:1", "t:2"]
    assert loaded.rows_read == 3


def test_an_unclosed_quote_does_not_swallow_quoted_rows_after_it(tmp_path: Path) -> None:
    quoted = '4,A1,A2,"1,000.00",CNY,2024-03-01,"say ""hi"""'
    loaded = load_transfers(tmp_path, rows(GOOD, '3,A1,A2,1,CNY,2024-03-01,"open', quoted, TWO))
    assert [(item.code, item.row) for item in loaded.rejected] == [("unclosed_quote", 2)]
    assert [row["memo"] for row in loaded.facts["TRANSFER"]] == ["rent", 'say "hi"', "税费"]


@pytest.mark.parametrize("other", ["", "3,short"])
def test_a_quoted_line_break_is_fine_on_both_readers(tmp_path: Path, other: str) -> None:
    lines = ['1,A1,A2,1,CNY,2024-03-01,"one\ntwo, ""three"""', TWO, *([other] if other else [])]
    loaded = load_transfers(tmp_path, rows(*lines))
    assert [row["memo"] for row in loaded.facts["TRANSFER"]] == ['one\ntwo, "three"', "税费"]
    assert [row["source_row"] for row in loaded.facts["TRANSFER"]] == [1, 2]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, rows("", GOOD, "", "", TWO, "3,short", ""))
    assert [row["source_row"] for row in loaded.facts["TRANSFER"]] == [1, 2]
    assert [item.row for item in loaded.rejected] == [3]


def test_gzip_loads_like_plain(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, gzip.compress(rows(GOOD, TWO).encode(), mtime=0), name="transfers.csv.gz")
    assert len(loaded.facts["TRANSFER"]) == 2


def test_many_blocks_number_rows_through_and_stay_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders._records.BLOCK_BYTES", 2 << 20)
    monkeypatch.setattr("loaders._records.SLOW_BYTES", 2 << 20)
    monkeypatch.setattr("loaders._records.FIELD_CAP", 1 << 16)
    lines = [
        f'{number},A{number % 9},B1,{number}.01,CNY,2024-03-01 10:00:00,"a,{number}"' for number in range(1, 100_001)
    ]
    lines[70_000] = "short"
    loaded = load_transfers(tmp_path, rows(*lines))
    assert [item.row for item in loaded.rejected] == [70_001]
    transfers = loaded.facts["TRANSFER"]
    assert len(transfers) == 99_999
    assert all(row["id"] == f"t:{row['source_row']}" and row["memo"] == f"a,{row['source_row']}" for row in transfers)
    assert (
        sum(row["amount_minor"] for row in transfers)
        == sum(100 * number + 1 for number in range(1, 100_001)) - 7_000_101
    )


def test_the_same_file_twice_gives_the_same_rows(tmp_path: Path) -> None:
    assert load_transfers(tmp_path, rows(GOOD, TWO)) == load_transfers(tmp_path, rows(GOOD, TWO))


def test_a_file_of_nothing_but_bad_rows_comes_in_small_parts(tmp_path: Path) -> None:
    path = tmp_path / "transfers.csv"
    path.write_bytes(HEADER.encode() + b"\n" + b"x\n" * 500_000)
    parts = list(delimited.LOADER.read(path, mapping_file(tmp_path), LoadContext()))
    assert max(part.rows_read for part in parts) <= 200_001
    assert sum(len(part.rejected) for part in parts) == sum(part.rows_read for part in parts) == 500_000
    assert next(part.rejected[0].row for part in parts if part.rejected) == 1


def test_a_quoted_heading_with_a_line_break_is_one_heading(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, rows(GOOD + ",1", header=HEADER + ',"余额\n(元)"'))
    assert loaded.facts["TRANSFER"][0]["source_row"] == 1
    assert loaded.warned("not mapped")
