"""Each format knows its own files and only those."""

from __future__ import annotations

from pathlib import Path

import pytest
from loaders_reading import GOOD, HEADER, parquet

from loaders import amlsim, amlworld, delimited, finbench, paysim
from loaders import parquet as parquet_loader
from loaders._base import catalog
from loaders._recognise import first_line

LOADERS = [module.LOADER for module in (amlsim, amlworld, delimited, finbench, parquet_loader, paysim)]


def _make(folder: Path, kind: str) -> Path:
    if kind == "amlsim":
        (folder / "nodes.csv").write_text("nodeid,isFraud,init_balance,fraudStep\n")
        (folder / "transactions.csv").write_text("sourceNodeId,targetNodeId,value,time\n")
        return folder
    if kind == "finbench":
        (folder / "AccountTransferAccount.csv").write_text("fromId|toId|amount|createTime|orderNum\n")
        return folder
    if kind == "parquet":
        return parquet(folder / "x.data", {"id": ["a"]})
    text = {
        "amlworld": "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering\n",
        "paysim": "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud\n",
        "delimited": f"{HEADER}\n{GOOD}\n",
        "none": "hello world\n",
    }[kind]
    (folder / "data.csv").write_text(text)
    return folder / "data.csv"


@pytest.mark.parametrize("kind", ["amlsim", "amlworld", "delimited", "finbench", "parquet", "paysim", "none"])
def test_one_loader_recognises_each_source(tmp_path: Path, kind: str) -> None:
    path = _make(tmp_path, kind)
    assert [loader.name for loader in LOADERS if loader.recognises(path)] == ([] if kind == "none" else [kind])


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.name)
def test_recognising_never_fails(tmp_path: Path, loader: object) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "bytes.csv").write_bytes(bytes(range(256)))
    (tmp_path / "cut.csv.gz").write_bytes(b"\x1f\x8b\x08")
    for path in (tmp_path, tmp_path / "none", tmp_path / "empty.csv", tmp_path / "bytes.csv", tmp_path / "cut.csv.gz"):
        assert loader.recognises(path) is False  # type: ignore[attr-defined]


def test_the_catalogue_has_them_all_with_documented_options() -> None:
    found = catalog()
    assert {loader.name for loader in LOADERS} <= set(found)
    assert all(loader.title and all(loader.option_docs.values()) for loader in found.values())


def test_a_damaged_gzip_file_is_of_no_known_format_and_no_crash(tmp_path):
    damaged = tmp_path / "a.csv.gz"
    damaged.write_bytes(b"\x1f\x8b\x08\x00" + b"\x00" * 6 + b"\xff" * 50)
    assert first_line(damaged) == ""
