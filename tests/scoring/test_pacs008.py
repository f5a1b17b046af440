"""pacs.008 messages as banks render them in JSON, and what one that is cut short or of another kind gets."""

from __future__ import annotations

import json

import pytest

from core.errors import BadInput
from scoring.intake import read


def entry(**given):
    made = {
        "PmtId": {"EndToEndId": "NOTPROVIDED", "TxId": "TX1"}, "IntrBkSttlmAmt": {"Ccy": "EUR", "amt": "10.50"},
        "DbtrAcct": {"Id": {"IBAN": "FR7630006000011234567890189"}}, "DbtrAgt": {"FinInstnId": {"BICFI": "BNPAFRPP"}},
        "CdtrAcct": {"Id": {"IBAN": "DE89370400440532013000"}}, "CdtrAgt": {"FinInstnId": {}},
    }  # fmt: skip
    return made | given


def message(*entries, **header):
    head = {"MsgId": "M1", "CreDtTm": "2026-01-05T10:00:00+08:00", "NbOfTxs": str(len(entries)), **header}
    return {
        "AppHdr": {"MsgDefIdr": "pacs.008.001.08"},
        "Document": {"FIToFICstmrCdtTrf": {"GrpHdr": head, "CdtTrfTxInf": list(entries)}},
    }


def taken(body):
    return read(json.dumps(body).encode())[0]


def test_a_wrapped_message_with_its_application_header():
    (one,) = taken(message(entry()))
    assert (one.id, one.amount_minor, one.currency, one.payer_country) == ("TX1", 1050, "EUR", "FR")
    assert one.payee_country == "DE"  # neither an address nor a BIC: the IBAN says it


@pytest.mark.parametrize(
    "amount", [{"@Ccy": "EUR", "#text": "10.50"}, {"@Ccy": "EUR", "$": "10.50"}, {"Ccy": "EUR", "value": 10.5}]
)
def test_the_renderings_of_an_amount_in_use(amount):
    (one,) = taken(message(entry(IntrBkSttlmAmt=amount)))
    assert (one.amount_minor, one.currency) == (1050, "EUR")


@pytest.mark.parametrize(
    "amount",
    ["1_000.00", " 12.00", "12.00\n", "\uff11\uff12.00", "+5", "5.", ".5", "", "NaN", "1E2", "0x10", "9" * 100_000,
     "1.00000000000000000001", "1.00000000000000000000000000000001"],
)  # fmt: skip
def test_an_amount_is_written_as_the_standard_has_it_and_never_rounded(amount):
    with pytest.raises(BadInput, match="expected a decimal amount with at most 2 decimals"):
        taken(message(entry(IntrBkSttlmAmt={"Ccy": "EUR", "amt": amount})))


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("EUR", "10", 1000), ("EUR", "10.5", 1050), ("EUR", "10.5000", 1050), ("JPY", "10", 10), ("JPY", "10.00", 10)],
)
def test_minor_units_of_an_amount(currency, amount, minor):
    (one,) = taken(message(entry(IntrBkSttlmAmt={"Ccy": currency, "amt": amount})))
    assert one.amount_minor == minor


def test_an_end_to_end_id_that_was_not_provided_is_no_id():
    with pytest.raises(
        BadInput, match=r"CdtTrfTxInf\[0\]\.PmtId: expected a UETR, a TxId or an EndToEndId other than NOTPROVIDED"
    ):
        taken(message(entry(PmtId={"EndToEndId": "NOTPROVIDED"})))
    (one,) = taken(message(entry(PmtId={"EndToEndId": "E7"})))
    assert one.id == "E7"


def test_the_header_s_total_is_what_the_transfers_come_to():
    two = (entry(), entry(PmtId={"TxId": "TX2"}))
    assert len(taken(message(*two, TtlIntrBkSttlmAmt={"Ccy": "EUR", "amt": "21.00"}))) == 2
    for wrong in ({"Ccy": "EUR", "amt": "21.01"}, {"Ccy": "CNY", "amt": "21.00"}):
        with pytest.raises(BadInput, match="TtlIntrBkSttlmAmt: is not the sum"):
            taken(message(*two, TtlIntrBkSttlmAmt=wrong))
    with pytest.raises(BadInput, match="NbOfTxs: says 3, the message has 2"):
        taken(message(*two, NbOfTxs="3"))


def test_another_message_is_named_as_such():
    with pytest.raises(BadInput, match="Document: expected FIToFICstmrCdtTrf"):
        taken({"Document": {"FICdtTrf": {}}})
