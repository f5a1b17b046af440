"""What banks send: our own form and pacs.008, and what each wrong thing gets."""

from __future__ import annotations

import json

import pytest

from core.errors import BadInput
from scoring.intake import NotJSON, read
from scoring.numbers import attribute, resale_signals

OWN = {"id": "T1", "payer": "A", "payee": "B", "amount_minor": 100, "currency": "CNY", "at_ms": 1_760_000_000_000}
PACS = {
    "FIToFICstmrCdtTrf": {
        "GrpHdr": {"MsgId": "M1", "CreDtTm": "2026-01-05T10:00:00+08:00", "NbOfTxs": "1"},
        "CdtTrfTxInf": [{
            "PmtId": {"EndToEndId": "E1", "TxId": "TX1"}, "IntrBkSttlmAmt": {"Ccy": "CNY", "amt": "8000.50"},
            "Dbtr": {"Nm": "x"}, "DbtrAcct": {"Id": {"Othr": {"Id": "6222020200012345678"}}},
            "DbtrAgt": {"FinInstnId": {"BICFI": "ICBKCNBJXXX"}}, "CdtrAgt": {"FinInstnId": {"BICFI": "CHASUS33"}},
            "Cdtr": {"Nm": "y"}, "CdtrAcct": {"Id": {"IBAN": "DE89370400440532013000"}},
            "SplmtryData": [{"Envlp": {"Ringtrace": {"device": "D1", "ip": "10.0.0.1"}}}],
        }],
    }
}  # fmt: skip


def sent(value):
    return json.dumps(value).encode()


def test_our_own_form_alone_and_in_a_batch():
    (one,), is_list = read(sent(OWN))
    assert (one.id, one.amount_minor, is_list) == ("T1", 100, False)
    many, is_list = read(sent({"transfers": [OWN, OWN | {"id": "T2"}]}))
    assert ([item.id for item in many], is_list) == (["T1", "T2"], True)


def test_pacs008_keeps_the_amount_exact():
    (one,), is_list = read(sent(PACS))
    assert is_list and (one.id, one.amount_minor, one.currency) == ("TX1", 800_050, "CNY")
    assert (one.payer_country, one.payee_country, one.device) == ("CN", "US", "D1")
    assert one.at_ms == 1_767_578_400_000


@pytest.mark.parametrize(
    ("change", "said"),
    [({"amount_minor": 1.0}, "amount_minor: expected int"), ({"amount_minor": True}, "amount_minor"), ({"amount_minor": -1}, "amount_minor"),
     ({"amount_minor": 10**19}, "amount_minor"), ({"currency": "ZZZ"}, "currency"), ({"at_ms": 5}, "at_ms"), ({"payee": "A"}, "payee"),
     ({"approved_by": "me"}, "approved_by"), ({"id": "é"}, "id"), ({"id": ""}, "id"), ({"channel": "pigeon"}, "channel"),
     ({"payer": "a\u202eb"}, "payer"), ({"payee_country": "usa"}, "payee_country"), ({"id": None}, "id")],
)  # fmt: skip
def test_a_wrong_field_is_named(change, said):
    with pytest.raises(BadInput, match=said):
        read(sent(OWN | change))
    with pytest.raises(BadInput, match=r"transfers\[1\]\."):
        read(sent({"transfers": [OWN, OWN | change]}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1",
        b'{"id": NaN}',
        b'{"id":"a","id":"b"}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"a":1e99999999999999999999}',
    ],
)
def test_what_is_no_json_is_refused(body):
    with pytest.raises(NotJSON):
        read(body)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [(("IntrBkSttlmAmt",), {"Ccy": "CNY", "amt": "1.005"}, "2 decimals"), (("IntrBkSttlmAmt",), {"Ccy": "CNY", "amt": "1e3"}, "decimal"),
     (("IntrBkSttlmAmt",), "5", "IntrBkSttlmAmt"), (("DbtrAcct",), {}, "DbtrAcct.Id"), (("PmtId",), {}, "PmtId"),
     (("SplmtryData",), [{"Envlp": {"Ringtrace": {"role": "x"}}}], "unknown field")],
)  # fmt: skip
def test_a_wrong_element_is_named(path, value, said):
    body = json.loads(json.dumps(PACS))
    body["FIToFICstmrCdtTrf"]["CdtTrfTxInf"][0][path[0]] = value
    with pytest.raises(BadInput, match=said):
        read(sent(body))


def test_numbers_are_told_by_plan():
    assert (attribute("138 0013 8000").e164, attribute("138 0013 8000").kind) == ("+8613800138000", "mobile")
    assert attribute("14400001234").kind == "iot" and attribute("1064812345678").kind == "iot"
    assert attribute("10086").kind == "short_code" and attribute("+14155552671").country == "US"
    assert attribute("hello").kind == "invalid" and attribute("12").kind == "invalid"


def test_resale_signals():
    import polars as pl

    devices = pl.DataFrame(
        {
            "phone": [f"P{n}" for n in range(5)] + ["Q"] * 4 + ["R"],
            "device": ["box"] * 5 + ["a", "b", "c", "d"] + ["own"],
        }
    )
    day = 86_400_000
    calls = pl.DataFrame({"phone": ["R"] * 22, "at_ms": [0, *(40 * day + n * 60_000 for n in range(21))]})
    found = resale_signals({"devices": devices, "calls": calls}, ["P0", "Q", "R", "S"])
    assert [text.split(":")[0] for text in found["P0"]] == ["many_cards_one_device"]
    assert [text.split(":")[0] for text in found["Q"]] == ["one_card_many_devices"]
    assert [text.split(":")[0] for text in found["R"]] == ["dormant_then_burst"]
    assert "S" not in found
