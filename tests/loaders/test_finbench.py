"""FinBench: the published snapshot of scale 0.1, and a folder in miniature."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from loaders_reading import load

from core.errors import FileRefused
from loaders import finbench

SNAPSHOT = Path(__file__).parents[3] / "shared" / "data" / "finbench-sf0.1"
FILES = {
    "Person": "personId|personName|isBlocked|createTime|gender|birthday|country|city\n1|Ann|false|2020-01-01 00:00:00.000|female|1990-01-02|China|Beijing\n",
    "Company": "companyId|companyName|isBlocked|createTime|country|city|business|description|url\n1|ACME|true|2020-01-01 00:00:00.000|China|Beijing|b|d|u\n",
    "Account": "accountId|createTime|isBlocked|accountType|nickname|phonenum|email|freqLoginType|lastLoginTime|accountLevel\n"
    "10|2020-01-15 09:39:18.811|false|merchant account|A|234-8689|x|MAC|2020-05-03 18:42:43.956|Basic\n"
    "11|2020-01-15 09:39:18.811|true|debit card|B||x|MAC|2020-05-03 18:42:43.956|Basic\n",
    "Medium": "mediumId|mediumType|isBlocked|createTime|lastLoginTime|riskLevel\n5|IPv4|false|2020-01-01 03:31:14.114|2021-10-02 02:31:29.034|x\n"
    "6|POS|true|2020-01-01 03:31:14.114|2021-10-02 02:31:29.034|x\n7|PHONE|false|2020-01-01 03:31:14.114|2021-10-02 02:31:29.034|x\n",
    "MediumSignInAccount": "mediumId|accountId|createTime|location|comment\n5|10|2020-05-26 10:00:00.000|x|y\n5|10|2020-05-25 10:00:00.000|x|y\n"
    "6|10|2020-05-26 10:00:00.000|x|y\nshort\n",
    "PersonOwnAccount": "personId|accountId|createTime|comment\n1|10|2020-01-15 09:39:18.811|c\n",
    "CompanyOwnAccount": "companyId|accountId|createTime|comment\n1|11|2020-01-15 09:39:18.811|c\n",
    "AccountTransferAccount": "fromId|toId|amount|createTime|orderNum|comment|payType|goodsType\n10|11|9635411.91|2020-07-28 23:21:36.539|3|hi|WeChat Pay|z\n",
    "AccountWithdrawAccount": "fromId|toId|fromType|toType|amount|createTime|comment\n11|12|a|b|5.5|2020-07-28 23:21:36.539|hi\n",
    "Loan": "loanId\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for stem, text in FILES.items():
        (tmp_path / f"{stem}.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    return tmp_path


@pytest.mark.skipif(not SNAPSHOT.is_dir(), reason="the FinBench snapshot is not beside the checkout")
def test_the_snapshot_loads_whole() -> None:
    loaded = load(finbench.LOADER, SNAPSHOT)
    assert not loaded.rejected
    counts = {name: len(rows) for name, rows in loaded.facts.items()}
    assert counts == {
        "Person": 980, "Organization": 968, "Account": 3810, "IP": 353, "Device": 1597, "OWNS": 3810,
        "CONNECTED_FROM": 273, "USED_DEVICE": 1253, "TRANSFER": 30916,
    }  # fmt: skip
    assert loaded.rows_read == sum(counts.values()) + loaded.duplicates
    assert loaded.warned("PersonApplyLoan")
    assert {row["from_id"] for row in loaded.facts["TRANSFER"]} <= {row["id"] for row in loaded.facts["Account"]}


def test_media_become_devices_and_addresses_and_sign_ins_are_folded(folder: Path) -> None:
    loaded = load(finbench.LOADER, folder)
    assert [(row["id"], row["kind"], row["is_blocked"]) for row in loaded.facts["Device"]] == [
        ("finbench:6", "pos", True),
        ("finbench:7", "phone", False),
    ]
    assert [row["id"] for row in loaded.facts["IP"]] == ["finbench:5"]
    signed = loaded.facts["CONNECTED_FROM"][0]
    assert (signed["count"], signed["last_seen_ms"] - signed["first_seen_ms"]) == (2, 86_400_000)
    assert loaded.duplicates == 1
    assert loaded.codes == ["short_row"]


def test_accounts_phones_owners_and_both_kinds_of_payment(folder: Path) -> None:
    loaded = load(finbench.LOADER, folder)
    assert [(row["kind"], row["is_blocked"]) for row in loaded.facts["Account"]] == [
        ("merchant", False),
        ("bank", True),
    ]
    assert len(loaded.derived["Phone"]) == len(loaded.derived["REGISTERED_WITH"]) == 1
    assert {(row["from_id"], row["to_id"]) for row in loaded.facts["OWNS"]} == {
        ("finbench:1", "finbench:10"),
        ("finbench:1", "finbench:11"),
    }
    assert len({row["id"] for row in loaded.facts["OWNS"]}) == 2
    paid, drawn = loaded.facts["TRANSFER"]
    assert (paid["amount_minor"], paid["channel"], paid["currency"], paid["at_ms"]) == (
        963541191,
        "WeChat Pay",
        "XXX",
        1595978496539,
    )
    assert (drawn["channel"], drawn["to_id"]) == ("withdrawal", "finbench:12")
    assert loaded.warned("loans") and loaded.warned(" Loan")
    assert not loaded.warned("no time zone")


def test_plain_files_and_a_snapshot_folder_inside_load_too(tmp_path: Path) -> None:
    (tmp_path / "snapshot").mkdir()
    for stem, text in FILES.items():
        (tmp_path / "snapshot" / f"{stem}.csv").write_text(text)
    assert len(load(finbench.LOADER, tmp_path).facts["TRANSFER"]) == 2
    (tmp_path / "snapshot" / "Account.csv").unlink()
    with pytest.raises(FileRefused, match="needs Account"):
        load(finbench.LOADER, tmp_path)


def test_a_truncated_member_stops_everything_before_the_first_row(folder: Path) -> None:
    path = folder / "AccountTransferAccount.csv.gz"
    path.write_bytes(path.read_bytes()[:-9])
    from loaders._base import LoadContext

    with pytest.raises(FileRefused) as refused:
        next(finbench.LOADER.read(folder, {}, LoadContext()))
    assert refused.value.code == "truncated"
