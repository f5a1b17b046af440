"""Parquet: typed columns go the same way as text, damaged files are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from loaders_reading import load, mapping_file, parquet

from core.errors import FileRefused
from loaders import parquet as loader

AT = datetime(2024, 3, 1, 2, tzinfo=UTC)
MAPPING = "target: TRANSFER\nzone: Asia/Shanghai\ncolumns: {from_id: f, to_id: t, amount_minor: {heading: a, unit: %s}, at_ms: at}\n"


@pytest.mark.parametrize(
    ("amounts", "unit", "codes"),
    [
        (pa.array([Decimal("12.34"), Decimal("5.00")], pa.decimal128(20, 2)), "yuan", []),
        (pa.array([1234, 500], pa.int64()), "fen", []), (pa.array(["12.34", "5"]), "yuan", []), (pa.array([12.34, 5.0]), "yuan", []),
        (pa.array([12.34, float("nan")]), "yuan", ["not_a_number"]), (pa.array([12.34, float("inf")]), "yuan", ["not_a_number"]),
        (pa.array([12.34, 0.001]), "yuan", ["too_many_decimals"]), (pa.array([1234, -1]), "fen", ["negative_amount"]),
        (pa.array([1234, None]), "fen", ["missing_value"]), (pa.array([1234, 10**18 + 1]), "fen", ["too_large"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "at",
    [
        pa.array([AT, AT], pa.timestamp("us", "UTC")),
        pa.array([datetime(2024, 3, 1, 10)] * 2, pa.timestamp("ms")),
        pa.array([1709258400000] * 2),
    ],
)
def test_typed_columns(tmp_path: Path, amounts: pa.Array, unit: str, codes: list[str], at: pa.Array) -> None:
    path = parquet(tmp_path / "t.parquet", {"f": ["A", "B"], "t": pa.array([1, 2]), "a": amounts, "at": at})
    loaded = load(loader.LOADER, path, mapping_file(tmp_path, MAPPING % unit))
    assert loaded.codes == codes
    first = loaded.facts["TRANSFER"][0]
    assert (first["amount_minor"], first["at_ms"], first["to_id"], first["source_row"]) == (1234, 1709258400000, "1", 1)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "t.parquet", {"from_id": ["A"], "to_id": ["B"], "amount_minor": [5], "at_ms": [1709258400000]}
    )
    whole = path.read_bytes()
    for content, code in (
        (b"", "empty_file"),
        (whole[:-20], "truncated"),
        (b"PAR1" + whole[4:60] + b"PAR1", "truncated"),
        (b"a,b\n1,2\n" * 9, "wrong_file_type"),
    ):
        path.write_bytes(content)
        with pytest.raises(FileRefused) as refused:
            load(loader.LOADER, path)
        assert refused.value.code == code


def test_columns_are_inferred_and_checked_by_name(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "t.parquet",
        {"at_ms": [1709258400000], "to_id": ["B"], "amount_minor": [5], "from_id": ["A"], "x": [1]},
    )
    loaded = load(loader.LOADER, path)
    assert (loaded.facts["TRANSFER"][0]["amount_minor"], loaded.facts["TRANSFER"][0]["currency"]) == (5, "CNY")
    assert loaded.warned("'x' is not mapped")
    with pytest.raises(FileRefused, match="'f'"):
        load(loader.LOADER, path, mapping_file(tmp_path, MAPPING % "fen"))


def test_an_empty_table_is_a_warning(tmp_path: Path) -> None:
    path = parquet(tmp_path / "Phone.parquet", {"id": pa.array([], pa.string())})
    loaded = load(loader.LOADER, path)
    assert loaded.rows_read == 0
    assert loaded.warned("no rows")
