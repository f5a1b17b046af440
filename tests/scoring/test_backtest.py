"""A back-test says how right the rules were, what they cost, and why they fired or missed."""

from __future__ import annotations

import numpy as np
import pytest
from test_rules import FIRES, features

from core.clock import DAY_MS
from scoring import backtest, ruleset


def report(fraud, rows, days=4):
    rules = ruleset.parse(ruleset.default_text())
    at = np.linspace(0, days * DAY_MS, len(rows)).astype(np.int64) + 1_700_000_000_000
    ids = [f"T{n}" for n in range(len(rows))]
    return backtest.run(rules, np.array(rows), at, ids, np.array(fraud, bool), "what people decided")


def test_precision_recall_alerts_a_day_and_examples():
    structuring, quiet = features(**FIRES["structuring"]), features()
    found = report([1, 0, 1, 0, 0, 0, 0, 0], [structuring, structuring, quiet, quiet, quiet, quiet, quiet, quiet])
    assert (found.transfers, found.fraud, found.alerts, found.alerts_a_day) == (8, 2, 2, 0.5)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert found.interdicted_honest_share == pytest.approx(1 / 6, abs=1e-4)
    line = next(item for item in found.rules if item.rule == "structuring")
    assert (line.hits, line.right, line.precision) == (2, 1, 0.5)
    assert [item.id for item in found.fired_right] == ["T0"] and "structuring:" in found.fired_right[0].why[0]
    assert [item.id for item in found.fired_wrong] == ["T1"]
    (missed,) = found.missed
    assert (missed.id, missed.score) == ("T2", 0.0) and "no rule fired" in missed.why[0] and "amount" in missed.why[0]


def test_a_rule_that_was_not_enough_is_named_beside_what_was_missed():
    found = report([1, 0], [features(**FIRES["unusual_hour"]), features()])
    assert [item.why[0].split(":")[0] for item in found.missed] == ["unusual_hour"]


def test_without_anything_to_compare_with_nothing_is_claimed():
    found = report([0, 0], [features(**FIRES["structuring"]), features()])
    assert (found.precision, found.recall, found.interdicted_honest_share, found.missed) == (None, None, None, [])
    assert found.alerts == 1 and found.fired_wrong[0].id == "T0"
