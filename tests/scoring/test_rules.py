"""Every rule type: a transfer on which it fires and one just beside, on one row and on a column alike; and how they decide."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from scoring import ruleset
from scoring.decide import Answer, decide, hits_of, judge_all
from scoring.layout import FAR, WIDTH, Features
from scoring.rules._base import catalog

QUIET = dict.fromkeys(Features._fields, 0.0) | {
    "amount": 1000.0, "payer_bad": FAR, "payee_bad": FAR, "payer_gap_s": 60.0, "new_device": 0.0, "device_users": -1.0,
    "ip_users": -1.0, "call_gap_s": -1.0, "pass_s": -1.0, "hour_share": 0.5, "payee_age_s": 1e9, "payee_gap_s": 60.0,
    "payee_pass_ratio": 0.0, "network": 1.0,
}  # fmt: skip
FIRES = {
    "large_burst": {"large_n": 3, "large_sum": 20_000_000}, "cross_border": {"cross_border": 1, "amount": 500_000},
    "away_limit": {"away": 1, "amount": 1_000_001}, "crypto_purchase": {"crypto": 1, "amount": 10_000_001},
    "call_then_new_payee": {"call_gap_s": 60, "call_s": 900, "new_payee": 1, "amount": 100_000},
    "listed_payee": {"payee_lists": 1}, "listed_payer": {"payer_lists": 1},
    "mule_chain_payee": {"payee_chain": 0.6, "amount": 10_000}, "community_payee": {"payee_community": 0.7, "amount": 100_000},
    "near_known_bad": {"payee_bad": 1, "new_payee": 1, "amount": 100_000}, "risky_payee": {"payee_risk": 0.9, "amount": 100_000},
    "dormant_woken": {"payer_gap_s": 8_000_000, "amount": 500_000},
    "pass_through": {"pass_ratio": 0.97, "pass_s": 300, "pass_in_sum": 900_000},
    "structuring": {"structured_n": 3}, "fan_in_burst": {"fan_in_1h": 4, "payee_age_s": 1000},
    "fan_out_burst": {"fan_out_1h": 5, "out_1h_sum": 2_000_000},
    "unusual_amount": {"new_payee": 1, "amount": 500_000, "amount_z": 3, "amount_over_max": 2},
    "unusual_hour": {"hour_share": 0.01, "new_payee": 1, "amount": 500_000},
    "shared_device": {"device_users": 5, "amount": 100_000},
    "young_payee": {"payee_age_s": 100, "new_payee": 1, "amount": 1_000_000, "payee_in_24h_sum": 2_000_000},
}  # fmt: skip
BESIDE = {
    "away_limit": {"amount": 1_000_000}, "crypto_purchase": {"amount": 10_000_000}, "call_then_new_payee": {"call_s": 599},
    "pass_through": {"pass_s": 3_601}, "structuring": {"structured_n": 2}, "large_burst": {"large_n": 2},
    "dormant_woken": {"payer_gap_s": 7_775_999}, "cross_border": {"cross_border": 0}, "near_known_bad": {"payee_bad": 2},
}  # fmt: skip


def features(**given):
    return Features(**{name: float(value) for name, value in (QUIET | given).items()})


def test_every_rule_type_is_tried_here_and_on_by_default():
    assert set(FIRES) == set(catalog())
    rules = ruleset.parse(ruleset.default_text())
    assert {item.name for item in rules.active if item.setting.enabled} == set(catalog())


@pytest.mark.parametrize("name", sorted(FIRES))
def test_a_rule_fires_where_it_should_and_not_beside(name):
    rule = catalog()[name]
    params = rule.params()
    hit, quiet = features(**FIRES[name]), features()
    beside = features(**FIRES[name] | BESIDE.get(name, {})) if name in BESIDE else quiet
    assert rule.fires(hit, params) and not rule.fires(quiet, params) and not rule.fires(beside, params)
    column = Features(*np.array([hit, quiet, beside]).T)
    assert np.asarray(rule.fires(column, params)).tolist() == [True, False, False]
    assert len(rule.explain(hit, params)) > 15


@pytest.mark.parametrize(
    ("name", "given", "fires"),
    [
        ("away_limit", {"away": 1, "amount": 900_000, "day_sum": 5_000_001}, True),  # the daily limit
        ("away_limit", {"new_device": 1, "amount": 1_000_001}, True),
        ("away_limit", {"new_device": 1, "amount": 900_000, "day_sum": 5_000_000}, False),
        ("away_limit", {"amount": 9_000_000, "day_sum": 90_000_000}, False),  # at home, on a known device
        ("crypto_purchase", {"crypto": 1, "amount": 100, "crypto_swaps": 5}, True),  # frequent swaps
        ("crypto_purchase", {"crypto": 1, "amount": 100, "crypto_swaps": 4}, False),
        ("crypto_purchase", {"crypto": 1, "amount": 100, "crypto_day_sum": 20_000_001}, True),
        ("crypto_purchase", {"amount": 90_000_000}, False),  # no coin
        ("call_then_new_payee", {"call_gap_s": 60, "call_s": 900, "new_payee": 0, "amount": 100_000}, False),
        ("call_then_new_payee", {"call_gap_s": 7_201, "call_s": 900, "new_payee": 1, "amount": 100_000}, False),
        ("fan_in_burst", {"fan_in_1h": 4, "payee_age_s": 1e9}, False),  # a merchant known for long
    ],
)
def test_each_limb_of_a_rule_and_its_edges(name, given, fires):
    rule = catalog()[name]
    assert bool(rule.fires(features(**given), rule.params())) is fires


def test_what_demands_an_identity_check_does_so_whatever_the_score():
    rules = ruleset.parse(ruleset.default_text())
    for given in ({"away": 1, "amount": 1_000_001}, {"crypto": 1, "amount": 10_000_001}):
        found = hits_of(rules, features(**given), 0)
        assert decide(rules, found, overridden=False, network=True).answer is Answer.CHALLENGE


def rules_with(**changes):
    text = ruleset.default_text()
    for old, new in changes.items():
        assert f"{old}: " in text
        line = next(part for part in text.splitlines() if part.strip().startswith(f"{old}:"))
        text = text.replace(line, f"  {old}: {new}")
    return ruleset.parse(text)


def test_a_hard_block_beats_an_override_beats_a_soft_block_beats_scores():
    rules = rules_with(structuring="{score: 0.1, block: soft}")
    at = 1_700_000_000_000
    soft = hits_of(rules, features(structured_n=5), at)
    assert decide(rules, soft, overridden=False, network=True).answer is Answer.REFUSE
    assert decide(rules, soft, overridden=True, network=True).answer is Answer.ALLOW
    hard = hits_of(rules, features(structured_n=5, payee_lists=1), at)
    assert decide(rules, hard, overridden=True, network=True).answer is Answer.REFUSE
    assert decide(rules, [], overridden=False, network=True).answer is Answer.ALLOW
    assert decide(rules, [], overridden=False, network=False).answer is Answer.REVIEW
    assert decide(rules, soft, overridden=True, network=False).answer is Answer.REVIEW


def test_alerting_and_interdiction_have_their_own_thresholds_and_conditions_expire():
    rules = rules_with(cross_border="{score: 0.36}")
    found = decide(rules, hits_of(rules, features(cross_border=1, amount=600_000), 0), overridden=False, network=True)
    assert (found.alert, found.answer) == (True, Answer.ALLOW)
    ended = rules_with(cross_border="{score: 0.9, until: '2024-01-31'}")
    hit = features(cross_border=1, amount=600_000)
    assert hits_of(ended, hit, 1_706_700_000_000) and not hits_of(ended, hit, 1_706_800_000_000)


def test_one_transfer_and_a_history_are_judged_alike():
    rules = ruleset.parse(ruleset.default_text())
    rows = [features(**given) for given in FIRES.values()] + [features()]
    scores, rank, _ = judge_all(rules, np.array(rows).reshape(-1, WIDTH), 0)
    ranks = {Answer.ALLOW: 0, Answer.CHALLENGE: 1, Answer.HOLD: 2, Answer.REFUSE: 3}
    for row, score, place in zip(rows, scores, rank, strict=True):
        one = decide(rules, hits_of(rules, row, 0), overridden=False, network=True)
        assert (one.score, ranks[one.answer]) == (pytest.approx(score), place)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("alert_score: 0.35", "alert_score: 2", "alert_score"), ("pass_through: {score: 0.4}", "teleport: {score: 1}", "no such rule"),
     ("structuring: {score: 0.5}", "structuring: {score: 0.5, params: {min_count: 2.5}}", "min_count"),
     ("hold_score: 0.7", "hold_score: 0.2", "must not fall"), ("name: default", "name: [", "YAML"),
     ("dormant_woken: {score: 0.4}", "dormant_woken: {score: 0.4, until: tomorrow}", "until")],
)  # fmt: skip
def test_a_wrong_rule_set_says_the_field(old, new, said):
    with pytest.raises(BadInput, match=said):
        ruleset.parse(ruleset.default_text().replace(old, new))
