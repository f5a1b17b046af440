"""Thresholds of rules in words: every one that a rule has, exact spans, money, both languages."""

from __future__ import annotations

import pytest
from flask_babel import force_locale

from scoring.rules._base import catalog
from scoring.ruleset import RuleSetText
from webui.threshold_words import THRESHOLDS, threshold, threshold_value


def test_every_threshold_of_every_rule_has_a_word():
    names = {name for rule in catalog().values() for name in rule.params.model_fields}
    names |= set(RuleSetText.model_fields) - {"name", "note", "rules", "rates"}
    assert names <= set(THRESHOLDS)


@pytest.mark.parametrize(
    ("value", "name", "english", "chinese"),
    [
        (2_592_000, "young_s", "30 days", "30 天"),
        (5_400, "window_s", "90 minutes", "90 分钟"),
        (0, "window_s", "0 seconds", "0 秒"),
        (1_000_000, "single_minor", "10,000.00 CNY", "10,000.00 CNY"),
        (0.4, "min_ratio", "40%", "40%"),
        (0.45, "score", "0.45", "0.45"),
        ("hold", "interdict", "hold", "暂扣"),
        (True, "enabled", "yes", "是"),
        (None, "min_count", "—", "—"),
    ],
)
def test_values_read_as_people_say_them(app, value, name, english, chinese):
    for language, wanted in (("en", english), ("zh", chinese)):
        with app.test_request_context(), force_locale(language):
            assert threshold_value(value, name) == wanted


def test_a_page_of_a_proposal_says_what_it_changes(client_as, app, monkeypatch):
    from scoring import ruleset
    from usecases import rule_sets

    # other tests of this installation may have put rules of their own in force
    monkeypatch.setattr(rule_sets, "_newest_approved", lambda *_, **_named: None)
    ana = client_as("analyst")
    text = ruleset.default_text().replace(
        "structuring: {score: 0.5}", "structuring: {score: 0.6, params: {min_count: 4}}"
    )
    sent = ana.post("/rules", data={"text": text, "note": "four parts are enough"})
    assert sent.status_code == 303
    page = ana.get(sent.headers["Location"]).get_data(as_text=True)
    changed = page[page.index("data-changes") : page.index("</section>", page.index("data-changes"))]
    assert "the built-in rules" in changed and "<strong>0.6</strong>" in changed and "<strong>4</strong>" in changed
    assert changed.count("<tr>") == 3
    in_force = ana.get("/rules").get_data(as_text=True)
    assert "min_count=3" not in in_force and "90 days" in in_force and "50,000.00 CNY" in in_force
    with app.test_request_context():
        assert threshold("rate USD") == "rate of USD"
