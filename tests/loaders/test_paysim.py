"""PaySim: rows as published, money in its true direction."""

from __future__ import annotations

from pathlib import Path

import pytest
from loaders_reading import load

from core.errors import FileRefused
from loaders import paysim

HEADER = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud"
ROWS = (
    "1,PAYMENT,9839.64,C1231006815,170136.0,160296.36,M1979787155,0.0,0.0,0,0",
    "1,TRANSFER,181.0,C1305486145,181.0,0.0,C553264065,0.0,0.0,1,0",
    "1,CASH_OUT,181.0,C840083671,181.0,0.0,C38997010,21182.0,0.0,1,0",
    "2,CASH_IN,143236.26,C1862994526,0.0,143236.26,C1688019098,608932.17,97263.78,0,0",
    "2,DEBIT,5337.77,C712410124,41720.0,36382.23,C195600860,41898.0,40348.79,0,0",
)


def test_money_goes_from_payer_to_payee(tmp_path: Path) -> None:
    path = tmp_path / "PS.csv"
    path.write_text("\n".join((HEADER, *ROWS)) + "\n")
    loaded = load(paysim.LOADER, path)
    assert not loaded.rejected
    transfers = loaded.facts["TRANSFER"]
    assert [row["channel"] for row in transfers] == ["payment", "transfer", "cash_out", "cash_in", "debit"]
    assert (transfers[3]["from_id"], transfers[3]["to_id"]) == ("paysim:C1688019098", "paysim:C1862994526")
    assert (transfers[0]["amount_minor"], transfers[0]["currency"], transfers[0]["at_ms"]) == (
        983964,
        "XXX",
        1577836800000 + 3_600_000,
    )
    assert [row["is_fraud"] for row in loaded.truth] == [False, True, True, False, False]
    assert [row["entity_id"] for row in loaded.truth] == [row["id"] for row in transfers]
    assert len(loaded.derived["Account"]) == 10
    assert loaded.warned("balances")


def test_a_missing_column_is_named_and_a_bad_row_rejected(tmp_path: Path) -> None:
    path = tmp_path / "PS.csv"
    path.write_text(HEADER.replace("nameDest,", "") + "\n")
    with pytest.raises(FileRefused, match="nameDest"):
        load(paysim.LOADER, path)
    path.write_text("\n".join((HEADER, *ROWS, ROWS[0].replace("9839.64", "-1"), "short")))
    assert load(paysim.LOADER, path).codes == ["negative_amount", "short_row"]
