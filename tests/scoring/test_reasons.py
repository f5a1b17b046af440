"""Why a rule fired: the English of before to the letter, and the same said in Chinese, live, stored and in a back-test."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.message import Said, pack, render, unpack
from scoring import backtest, ruleset
from scoring.journaled import HitOut, Scored, because, decode, encode, packed, said_of, told
from scoring.journaled import Said as Answered
from scoring.rules._base import catalog
from scoring.transfer import transfer_of
from tests.scoring.test_rules import FIRES, features
from webui.catalogue import read_words

#: What banks, the ledger and webhooks have read since the first release; a rule without a line here fails.
ENGLISH = {
    "away_limit": "10,000.01 CNY now, 0.00 CNY today, away from the home region (limits 10,000.00 CNY and 50,000.00 CNY)",
    "call_then_new_payee": "first payment to this payee, 60 s after a call of 15 min with an unknown number",
    "community_payee": "the payee belongs to a suspected community (score 0.70)",
    "cross_border": "5,000.00 CNY leave the country",
    "crypto_purchase": "coin for 100,000.01 CNY, 0.00 CNY today, 0 swaps within 24 h",
    "dormant_woken": "5,000.00 CNY from an account that lay still for 93 days",
    "fan_in_burst": "4 payers within an hour, 0 within a day; the payee has passed on 0%",
    "fan_out_burst": "5 payees within an hour, 20,000.00 CNY together",
    "large_burst": "3 transfers of 50,000.00 CNY or more within 60 min, 200,000.00 CNY together",
    "listed_payee": "the payee is on a list of accounts that are not to be paid",
    "listed_payer": "the payer, its device or its address is on a list",
    "mule_chain_payee": "the payee is in a suspected mule chain (score 0.60)",
    "near_known_bad": "the payee is 1 step(s) from a known-bad account",
    "pass_through": "97% of 9,000.00 CNY received within 2 h goes on, 5 min after the last of it came in",
    "risky_payee": "the payee has a risk score of 0.90",
    "shared_device": "the device is used by 5 accounts, the address by 0",
    "structuring": "3 round amounts from 40,000.00 CNY to under 50,000.00 CNY within 3 days, 0.00 CNY together",
    "unusual_amount": "5,000.00 CNY to a new payee: 2.0 times the largest payment so far, 3.0 deviations above the habit",
    "unusual_hour": "5,000.00 CNY to a new payee at 0 o'clock, when 1% of the payer's payments fall",
    "young_payee": "30,000.00 CNY within a day into an account first seen 100 s ago",
}
OTHER_LIMBS = [
    ("near_known_bad", {"payee_bad": 0}, "the payee is a known-bad account"),
    ("away_limit", {"new_device": 1, "amount": 1_000_001, "day_sum": 123_456_789.4},
     "10,000.01 CNY now, 1,234,567.89 CNY today, on a device not used before (limits 10,000.00 CNY and 50,000.00 CNY)"),
    ("young_payee", {"payee_age_s": -1, "amount": 5.5, "payee_in_24h_sum": 7}, "0.12 CNY within a day into an account first seen 0 s ago"),
    ("shared_device", {"device_users": -1, "ip_users": 30}, "the device is used by 0 accounts, the address by 30"),
    ("fan_in_burst", {"fan_in_1h": 9, "fan_in_24h": 12, "payee_pass_ratio": -1},
     "9 payers within an hour, 12 within a day; the payee has passed on 0%"),
    ("call_then_new_payee", {"call_gap_s": 7_199, "call_s": 45},
     "first payment to this payee, 120 min after a call of 45 s with an unknown number"),
    ("unusual_amount", {"amount": 1e11, "amount_over_max": 12.25, "amount_z": 3.35},
     "1,000,000,000.00 CNY to a new payee: 12.2 times the largest payment so far, 3.4 deviations above the habit"),
]  # fmt: skip
FIGURE = r"\d[\d,.]*\d|\d"
WORDS = {str(message.id): str(message.string) for message in read_words() if message.id}


def chinese(text):
    return WORDS.get(text, text)


def english_in(text):
    return [word for word in re.findall(r"[A-Za-z_]{2,}", text) if word != "CNY"]


def why(name, given=None):
    rule = catalog()[name]
    return rule.explain(features(**(FIRES[name] if given is None else given)), rule.params())


def test_every_rule_is_said_here():
    assert set(ENGLISH) == set(FIRES) == set(catalog())


@pytest.mark.parametrize(
    ("name", "given", "english"), [*((name, None, text) for name, text in ENGLISH.items()), *OTHER_LIMBS]
)
def test_a_reason_keeps_its_english_and_is_said_in_chinese(name, given, english):
    reason = why(name, given)
    assert isinstance(reason, Said) and str(reason) == english
    (again,) = unpack(pack([reason]), [english])
    for said in (render(reason, chinese), render(again, chinese)):
        assert not english_in(said), said
        assert re.search("[一-鿿]", said) and "{" not in said
        # every figure of the English is in the Chinese
        assert sorted(re.findall(FIGURE, said)) == sorted(re.findall(FIGURE, english))


@pytest.mark.parametrize("name", sorted(ENGLISH))
def test_a_rule_has_a_name_and_a_title_in_chinese(name):
    assert not english_in(chinese(name)) and not english_in(chinese(catalog()[name].title))


def answered(names, network="used"):
    reasons = [why(name) for name in names]
    hits = tuple(HitOut(name, 0.5, str(reason)) for name, reason in zip(names, reasons, strict=True))
    said = Answered("T", "decision-1", "hold", 0.9, True, "score", hits, "v1-x", str(network), 1)
    return said, packed(reasons, network)


MOVE = transfer_of(
    {"id": "T", "payer": "A", "payee": "B", "amount_minor": 1, "currency": "CNY", "at_ms": 1_700_000_000_000}
)


def test_an_answer_comes_back_from_journal_and_table_to_be_said_in_chinese():
    said, words = answered(["cross_border", "fan_in_burst", "listed_payee"])
    record = decode(encode(Scored(MOVE, "key", said, words)))
    assert record.said == said and record.packed == words
    again = said_of(encode(record.said).decode(), record.packed)
    assert again == said, "the English is the same text"
    assert render(again.hits[0].reason, chinese) == "5,000.00 CNY 转往境外"
    together = because(again)
    assert str(together) == "; ".join(hit.reason for hit in said.hits)
    assert render(together, chinese).count("；") == 3 and not english_in(render(together, chinese))


def test_what_the_bank_is_answered_knows_nothing_of_other_languages():
    said, _ = answered(["cross_border"])
    assert encode(said) == (
        b'{"id":"T","decision_id":"decision-1","answer":"hold","score":0.9,"alert":true,"basis":"score",'
        b'"hits":[{"rule":"cross_border","score":0.5,"reason":"5,000.00 CNY leave the country","evidence":[]}],'
        b'"rule_set":"v1-x","network":"used","scored_at_ms":1}'
    )


#: A record as it was written before answers were kept for other languages.
OLD_RECORD = (
    b'{"k":"t","transfer":{"id":"T","payer":"A","payee":"B","amount_minor":1,"currency":"CNY","at_ms":1700000000000},'
    b'"key_id":"key","said":{"id":"T","decision_id":"decision-1","answer":"hold","score":0.9,"alert":true,"basis":"score",'
    b'"hits":[{"rule":"cross_border","score":0.5,"reason":"5,000.00 CNY leave the country","evidence":[]}],'
    b'"rule_set":"v1-x","network":"used","scored_at_ms":1}}'
)


def test_a_journal_of_before_is_read_and_stays_english():
    said, _ = answered(["cross_border"])
    record = decode(OLD_RECORD)
    assert (record.said, record.packed) == (said, "") and told(record.said, record.packed) == said
    assert encode(Scored(MOVE, "key", said)) == OLD_RECORD, "a record without sentences is what it was"
    for foreign in (None, "", "[]", "{", pack(["another", "text", "more"])):
        assert [type(hit.reason) for hit in said_of(encode(said).decode(), foreign).hits] == [str]


def test_a_back_test_says_its_examples_in_chinese():
    rules = ruleset.parse(ruleset.default_text())
    rows = [features(**given) for given in FIRES.values()] + [features(new_payee=1, amount_z=1.5)]
    fraud = np.ones(len(rows), bool)
    at = 1_700_000_000_000 + np.arange(len(rows)) * 1000
    report = backtest.run(rules, np.array(rows), at, [f"T{n}" for n in range(len(rows))], fraud, "what people decided")
    told_of = [*report.fired_right, *report.missed]
    assert report.missed, "the last row fires nothing"
    assert report.missed[-1].why == [
        "no rule fired; amount 1,000.00, new_payee 1.00, amount_z 1.50, payee_age_s 1,000,000,000.00"
    ]
    for example in told_of:
        for line in unpack(example.packed, example.why):
            assert not english_in(render(line, chinese)), render(line, chinese)
