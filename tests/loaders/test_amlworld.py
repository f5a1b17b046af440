"""AMLworld: a small file true to the published format: padded banks, two Account headings, patterns, accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from loaders_reading import load

from core.errors import FileRefused
from loaders import amlworld

HEADER = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering"
ROWS = (
    "2022/09/01 00:20,010,8000EBD30,010,8000EBD30,3697.34,US Dollar,3697.34,US Dollar,Reinvestment,0",
    "2022/09/01 00:20,03208,8000F4580,001,8000F5340,0.01,US Dollar,0.01,US Dollar,Cheque,0",
    "2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,3400.00,US Dollar,ACH,1",
    "2022/09/01 04:33,021174,800737690,020,80020C5B0,8630.40,Euro,8630.40,Euro,ACH,1",
    "2022/09/01 05:00,021174,800737690,020,80020C5B0,0.000001,Bitcoin,0.000001,Bitcoin,Bitcoin,0",
    "2022/08/30 11:54,0121523,80D1BD2F0,0134266,814167590,1378736.88,Yen,1378736.88,Yen,ACH,0",
)
PATTERNS = """BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 16-degree Fan-Out
2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,3400.00,US Dollar,ACH,1
2022/09/01 04:33,021174,800737690,020,80020C5B0,8630.40,Euro,8630.40,Euro,ACH,1
END LAUNDERING ATTEMPT - FAN-OUT

BEGIN LAUNDERING ATTEMPT - GATHER-SCATTER:  Max 3-degree Fan-In
2022/09/09 04:33,1,X,2,Y,8630.40,Euro,8630.40,Euro,ACH,1
END LAUNDERING ATTEMPT - GATHER-SCATTER
"""
ACCOUNTS = """Bank Name,Bank ID,Account Number,Entity ID,Entity Name
Portugal Bank #4507,21174,800737690,80062E240,Sole Proprietorship #50438
UK Bank #33,12,80011F990,800C47F50,Partnership #35397
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "HI-Small_Trans.csv").write_text("\n".join((HEADER, *ROWS)) + "\n")
    (tmp_path / "HI-Small_Patterns.txt").write_text(PATTERNS)
    (tmp_path / "HI-Small_accounts.csv").write_text(ACCOUNTS)
    return tmp_path


def test_transfers_keep_payer_and_payee_apart_and_both_amounts(folder: Path) -> None:
    loaded = load(amlworld.LOADER, folder)
    assert not loaded.rejected
    transfers = loaded.facts["TRANSFER"]
    conversion = transfers[2]
    assert (conversion["from_id"], conversion["to_id"]) == ("amlworld:21174:800737690", "amlworld:12:80011F990")
    assert (
        conversion["amount_minor"],
        conversion["currency"],
        conversion["received_minor"],
        conversion["received_currency"],
    ) == (340000, "USD", 284896, "EUR")
    assert conversion["at_ms"] == 1661990760000
    assert [row["channel"] for row in transfers] == ["reinvestment", "cheque", "ach", "ach", "crypto", "ach"]
    assert (transfers[4]["amount_minor"], transfers[4]["currency"]) == (100, "BTC")
    assert (transfers[5]["amount_minor"], transfers[5]["currency"]) == (137873688, "XXX")
    assert loaded.warned("from a node to itself")
    assert loaded.warned("Yen")


def test_patterns_give_chain_and_typology_across_bank_padding(folder: Path) -> None:
    loaded = load(amlworld.LOADER, folder)
    assert [(row["is_fraud"], row["chain"], row["typology"]) for row in loaded.truth][1:5] == [
        (False, None, None), (True, "attempt-1", "fan_out"), (True, "attempt-1", "fan_out"), (False, None, None),
    ]  # fmt: skip
    assert {row["entity_id"] for row in loaded.truth} == {row["id"] for row in loaded.facts["TRANSFER"]}


def test_accounts_bring_holders_and_banks(folder: Path) -> None:
    loaded = load(amlworld.LOADER, folder)
    assert [row["id"] for row in loaded.facts["Account"]] == ["amlworld:21174:800737690", "amlworld:12:80011F990"]
    names = {row["id"]: row["name"] for row in loaded.derived["Organization"] if row["name"]}
    assert names["amlworld:bank:12"] == "UK Bank #33"
    assert names["amlworld:80062e240"] == "Sole Proprietorship #50438"
    assert {(row["from_id"], row["to_id"]) for row in loaded.derived["OWNS"]} >= {
        ("amlworld:800c47f50", "amlworld:12:80011F990")
    }


def test_a_bare_file_loads_without_chains_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "anything.csv"
    path.write_text("\n".join((HEADER.replace("To Bank,Account", "To Bank,Account.1"), *ROWS)))
    loaded = load(amlworld.LOADER, path)
    assert len(loaded.facts["TRANSFER"]) == 6
    assert loaded.warned("no *_Patterns.txt")
    assert [row["chain"] for row in loaded.truth] == [None] * 6


def test_bad_rows_are_named(folder: Path) -> None:
    bad = (
        "2022/13/01 00:20,1,A,2,B,1,Euro,1,Euro,ACH,0",
        "2022/09/01 00:20,1,A,2,B,1,Doubloon,1,Doubloon,ACH,0",
        "2022/09/01 00:20,1,,2,B,1,Euro,1,Euro,ACH,0",
    )
    (folder / "HI-Small_Trans.csv").write_text("\n".join((HEADER, *ROWS, *bad)))
    assert load(amlworld.LOADER, folder).codes == ["no_such_time", "unknown_currency", "blank_id"]


def test_a_broken_patterns_file_and_a_crowded_folder_are_refused(folder: Path) -> None:
    (folder / "HI-Small_Patterns.txt").write_text("BEGIN LAUNDERING ATTEMPT - CYCLE\n1,2,3\n")
    with pytest.raises(FileRefused, match="attempt 1"):
        load(amlworld.LOADER, folder)
    (folder / "LI-Small_Trans.csv").write_text(HEADER)
    with pytest.raises(FileRefused, match="2 files"):
        load(amlworld.LOADER, folder)
