"""What a proposal changes, value by value."""

from __future__ import annotations

from scoring import ruleset
from scoring.ruleset_changes import Change, changes

BASE = """
name: base
alert_score: 0.3
challenge_score: 0.4
hold_score: 0.7
refuse_score: 0.9
rules:
  structuring: {score: 0.5}
  cross_border: {score: 0.3}
"""


def said(text: str) -> set[Change]:
    return set(changes(ruleset.parse(BASE), ruleset.parse(text)))


def test_the_same_rules_under_another_name_or_with_their_defaults_written_down_change_nothing():
    assert said(BASE.replace("name: base", "name: other\nnote: said again")) == set()
    assert said(BASE.replace("structuring: {score: 0.5}", "structuring: {score: 0.5, params: {min_count: 3}}")) == set()


def test_every_value_that_differs_is_named_with_both_sides():
    text = BASE.replace("hold_score: 0.7", "hold_score: 0.6\nrates: {CNY: 1.0, USD: 7.2}").replace(
        "structuring: {score: 0.5}",
        "structuring: {score: 0.5, interdict: hold, until: '2027-01-31', params: {min_count: 5}}",
    )
    assert said(text) == {
        Change("", "hold_score", 0.7, 0.6), Change("", "rate USD", None, 7.2),
        Change("structuring", "interdict", "none", "hold"), Change("structuring", "until", "", "2027-01-31"),
        Change("structuring", "min_count", 3, 5),
    }  # fmt: skip


def test_a_rule_that_comes_or_goes_is_said_so():
    text = BASE.replace("cross_border: {score: 0.3}", "unusual_hour: {score: 0.25}")
    found = said(text)
    assert Change("cross_border", "rule", "in", None) in found
    assert {item.what: item.after for item in found if item.rule == "unusual_hour"}.items() >= {
        "rule": "in", "score": 0.25, "max_share": 0.02, "min_amount_minor": 500_000, "enabled": True,
    }.items()  # fmt: skip
    assert not any(item.rule == "structuring" for item in found)
