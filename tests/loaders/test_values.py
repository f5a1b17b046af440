"""Bad values: each gets its code, is masked by its privacy class, and never changes a good row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loaders_reading import GOOD, Loaded, load_transfers, rows

from core.money import EXPONENT, MAX_MINOR
from graph.schema import Privacy
from loaders._judge import Field, Judge, Notes
from loaders._money import minor_units


def _one(folder: Path, **fields: str) -> Loaded:
    names = ("id", "from", "to", "amount", "currency", "at", "memo")
    values = dict(zip(names, GOOD.split(","), strict=True)) | fields | {"id": fields.get("id", "7")}
    line = ",".join(f'"{value}"' if "," in value else value for value in (values[name] for name in names))
    return load_transfers(folder, rows(GOOD, line, "9,A2,A1,1,CNY,2024-03-01 10:00:00,x"))


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "missing_value"), ("  ", "missing_value"), ("NaN", "not_a_number"), ("Inf", "not_a_number"), ("-Infinity", "not_a_number"),
        ("-5", "negative_amount"), ("-0.01", "negative_amount"), ("－5", "negative_amount"), ("1e3", "exponent"), ("1.5E+10", "exponent"),
        ("1.234", "too_many_decimals"), ("0.001", "too_many_decimals"), ("10000000000000000.01", "too_large"), ("9" * 40, "too_large"),
        ("1,23", "not_a_number"), ("1 000", "not_a_number"), ("12a", "not_a_number"), ("1.2.3", "not_a_number"), ("+5", "not_a_number"),
        ("0x10", "not_a_number"), ("10²", "not_a_number"), ("①", "not_a_number"), ("١٢", "not_a_number"), ("null", "not_a_number"), (".", "not_a_number"), ("5.", "not_a_number"),
    ],
)  # fmt: skip
def test_amounts_that_are_not_exact_are_rejected_never_rounded(tmp_path: Path, amount: str, code: str) -> None:
    loaded = _one(tmp_path, amount=amount)
    assert [(item.code, item.row, item.field) for item in loaded.rejected] == [(code, 2, "amount")]
    assert [row["amount_minor"] for row in loaded.facts["TRANSFER"]] == [1250, 100]


@pytest.mark.parametrize(
    ("amount", "minor", "warning"),
    [
        ("0", 0, ""), ("0.1", 10, ""), ("0012.3", 1230, ""), (" 12.30 ", 1230, ""), ("1,234,567.89", 123456789, "thousands separators"),
        ("１２，３４５．６", 1234560, "full-width"), ("9999999999999999.99", 999999999999999999, ""), ("10000000000000000", MAX_MINOR, ""),
    ],
)  # fmt: skip
def test_amounts_are_exact(tmp_path: Path, amount: str, minor: int, warning: str) -> None:
    loaded = _one(tmp_path, amount=amount)
    assert not loaded.rejected
    assert loaded.facts["TRANSFER"][1]["amount_minor"] == minor
    assert not warning or loaded.warned(warning)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, MAX_MINOR), st.sampled_from(sorted(EXPONENT)))
def test_any_amount_survives_its_text(minor: int, code: str) -> None:
    text = f"{Decimal(minor).scaleb(-EXPONENT[code]):f}"
    judge = Judge("f", pl.Series([1]), Notes())
    of = Field("amount", Privacy.INTERNAL, required=True)
    for written in (text, f"{Decimal(text):,f}"):
        assert minor_units(pl.Series([written]), pl.Series([code]), judge, of, minor=False).to_list() == [minor]
    assert not judge.found


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_read_as_decimal_reads_it_or_rejected(text: str) -> None:
    judge = Judge("f", pl.Series([1]), Notes())
    found = minor_units(
        pl.Series([text]), pl.Series(["CNY"]), judge, Field("a", Privacy.INTERNAL, required=True), minor=False
    )
    if not judge.found:
        assert Decimal(text.strip().replace(",", "").replace("，", "")) * 100 == found[0]


def test_each_currency_has_its_own_decimals_in_one_column(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, rows(
        "1,A,B,12.34,CNY,2024-03-01,x", "2,A,B,1234,JPY,2024-03-01,x", "3,A,B,1.234,KWD,2024-03-01,x",
        "4,A,B,0.00000001,BTC,2024-03-01,x", "5,A,B,12.34,JPY,2024-03-01,x", "6,A,B,1.234,usd,2024-03-01,x",
        "7,A,B,5.00,JPY,2024-03-01,x",
    ))  # fmt: skip
    assert [row["amount_minor"] for row in loaded.facts["TRANSFER"]] == [1234, 1234, 1234, 1, 5]
    assert [(item.row, item.code) for item in loaded.rejected] == [(5, "too_many_decimals"), (6, "too_many_decimals")]


@pytest.mark.parametrize("currency", ["ZZZ", "yuan", "C NY", "1"])
def test_an_unknown_currency_is_rejected(tmp_path: Path, currency: str) -> None:
    assert _one(tmp_path, currency=currency).codes == ["unknown_currency"]


def test_a_missing_currency_is_rejected(tmp_path: Path) -> None:
    assert _one(tmp_path, currency="").codes == ["missing_value"]


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("", "missing_value"), ("2024-02-30", "no_such_time"), ("2023-02-29 10:00:00", "no_such_time"), ("2024-13-01", "no_such_time"),
        ("2024-03-01 25:00:00", "no_such_time"), ("9999-12-31", "future_time"), ("9999-12-31 23:59:59", "future_time"),
        ("1989-12-31 10:00:00", "too_early"), ("0001-01-01", "too_early"), ("02/03/2024", "ambiguous_date"), ("2.3.2024", "ambiguous_date"),
        ("02/03/2024 10:00", "ambiguous_date"), ("45352", "bad_time"), ("yesterday", "bad_time"), ("NaN", "bad_time"),
        ("2024-03-01 10:00:00 and more", "no_such_time"), ("20240230", "no_such_time"), ("123456789012", "no_such_time"),
    ],
)  # fmt: skip
def test_times_that_are_none_are_rejected(tmp_path: Path, at: str, code: str) -> None:
    loaded = _one(tmp_path, at=at)
    assert [(item.code, item.row, item.field) for item in loaded.rejected] == [(code, 2, "at")]
    assert len(loaded.facts["TRANSFER"]) == 2


def test_the_future_begins_in_five_minutes(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    soon, late = ((now + timedelta(minutes=minutes)).isoformat() for minutes in (4, 7))
    assert not _one(tmp_path, at=soon).rejected
    assert _one(tmp_path, at=late).codes == ["future_time"]


@pytest.mark.parametrize(
    ("at", "utc"),
    [
        ("2024-03-01 10:00:00", "2024-03-01T02:00:00"), ("2024-03-01T10:00:00.250", "2024-03-01T02:00:00.250"),
        ("2024/03/01 10:00", "2024-03-01T02:00:00"), ("2024/3/1 10:00:00", "2024-03-01T02:00:00"), ("20240301100000", "2024-03-01T02:00:00"),
        ("2024年3月1日 10:00:00", "2024-03-01T02:00:00"), ("2024年03月01日10时00分00秒", "2024-03-01T02:00:00"), ("2024-03-01", "2024-02-29T16:00:00"),
        ("2024-03-01T10:00:00Z", "2024-03-01T10:00:00"), ("2024-03-01T10:00:00+05:30", "2024-03-01T04:30:00"),
        ("2024-03-01 10:00:00.5+08:00", "2024-03-01T02:00:00.500"), ("1709258400", "2024-03-01T02:00:00"), ("1709258400123", "2024-03-01T02:00:00.123"),
        ("２０２４-０３-０１", "2024-02-29T16:00:00"),
    ],
)  # fmt: skip
def test_times_in_many_forms_become_utc(tmp_path: Path, at: str, utc: str) -> None:
    loaded = _one(tmp_path, at=at)
    assert not loaded.rejected
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert loaded.facts["TRANSFER"][1]["at_ms"] == round(expected.timestamp() * 1000)


def test_zoneless_times_are_flagged_once_with_the_zone_taken(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, rows(GOOD, GOOD.replace("1,", "2,", 1)))
    assert [text for text in loaded.warnings if "no time zone" in text] == [
        "transfers.csv: at has no time zone, taken as Asia/Shanghai: 2 rows"
    ]
    assert not load_transfers(tmp_path, rows(GOOD.replace("10:00:00", "10:00:00Z"))).warned("no time zone")


@pytest.mark.parametrize("value", ["", " ", "NULL", "N/A", "\\N", "-", "\u3000", "\u200b"])
def test_a_blank_id_is_rejected(tmp_path: Path, value: str) -> None:
    assert _one(tmp_path, id=value).codes == ["blank_id"]
    assert [(item.code, item.field) for item in _one(tmp_path, to=value).rejected] == [("blank_id", "to")]


@pytest.mark.parametrize("value", ["1e+19", "6.22202E+18", "6.2E+18"])
def test_an_id_that_a_spreadsheet_damaged_is_rejected(tmp_path: Path, value: str) -> None:
    assert [(item.code, item.field) for item in _one(tmp_path, **{"from": value}).rejected] == [("damaged_id", "from")]


@pytest.mark.parametrize("value", ["8000E4580", "A+1", "1e19x", "+8613800000000"])
def test_ids_that_only_look_damaged_are_kept(tmp_path: Path, value: str) -> None:
    loaded = _one(tmp_path, **{"from": value})
    assert loaded.facts["TRANSFER"][1]["from_id"] == f"b:{value}"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("６２２２０１", "622201"),
        (" 6222 ", "6222"),
        ("62\u200b22", "6222"),
        ("\u202e6222", "6222"),
        ("cafe\u0301", "café"),
        ("ab", "ab"),
        ("AB", "AB"),
    ],
)
def test_ids_have_one_normal_form_and_the_original_is_kept_beside(tmp_path: Path, written: str, key: str) -> None:
    loaded = _one(tmp_path, **{"from": written})
    assert loaded.facts["TRANSFER"][1]["from_id"] == f"b:{key}"
    stub = next(row for row in loaded.derived["Account"] if row["id"] == f"b:{key}")
    assert stub["number"] == written.strip()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "@x",
        "שלום\u202e",
        "a\u200bb",
        "😀𠮷",
        "é",
        "e\u0301",
        "'; DROP TABLE x; --",
        "{{7*7}}",
        "６２２２",
    ],
)
def test_free_text_comes_through_untouched(tmp_path: Path, text: str) -> None:
    loaded = _one(tmp_path, memo=text)
    assert loaded.facts["TRANSFER"][1]["memo"] == text


def test_a_self_transfer_is_loaded_and_flagged(tmp_path: Path) -> None:
    loaded = _one(tmp_path, **{"from": "A2", "to": "A2"})
    assert len(loaded.facts["TRANSFER"]) == 3
    assert loaded.warned("TRANSFER from a node to itself")


def test_rejected_personal_values_are_masked_and_invisible_ones_escaped(tmp_path: Path) -> None:
    account = _one(tmp_path, **{"from": "6.222021234567890E+18"}).rejected[0]
    assert "6.22" in account.value
    assert "021234567890" not in account.value
    assert _one(tmp_path, amount="12\u202e3").rejected[0].value == "12\\u202e3"
    assert len(_one(tmp_path, amount="9" * 5000).rejected[0].value) < 100


def test_one_reason_a_row_and_rows_in_order(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, rows("1,,A,-1,ZZZ,never,x", GOOD, "short", "4,A,B,NaN,CNY,2024-03-01,x"))
    assert [item.row for item in loaded.rejected] == [1, 3, 4]
    assert loaded.rows_read == 4


def test_ends_become_account_stubs_once_each(tmp_path: Path) -> None:
    loaded = load_transfers(tmp_path, rows(GOOD, GOOD.replace("1,", "2,", 1), "3,A1,bad,x,CNY,2024-03-01,m"))
    assert sorted(row["id"] for row in loaded.derived["Account"]) == ["b:A1", "b:A2"]


def test_a_column_of_thousands_is_read_whole_not_row_by_row(tmp_path: Path) -> None:
    lines = [f'{number},A,B,"{number:,}.00",CNY,2024-03-01 10:00:00,x' for number in range(1, 20_001)]

    loaded = load_transfers(tmp_path, rows(*lines))
    assert sum(row["amount_minor"] for row in loaded.facts["TRANSFER"]) == 100 * 20_000 * 20_001 // 2
