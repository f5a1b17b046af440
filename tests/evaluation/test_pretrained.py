"""The risk model that is evaluated with has seen nothing of the towns it is judged on."""

from __future__ import annotations

import pytest

from algorithms.learned import model
from core.errors import BadInput
from evaluation import assemble, datasets, pretrained
from usecases import evaluate
from usecases.evaluate import Ask


def test_a_model_of_other_towns_gives_the_risk_model_its_figures(monkeypatch):
    for name, seeds in (("FIT", (31,)), ("CHOOSE", (33,)), ("TEST", (34,))):
        monkeypatch.setattr(pretrained, name, seeds)
    monkeypatch.setattr(model, "_ROUNDS", 30)  # few trees tell enough here
    monkeypatch.setitem(model.SETTINGS, "nthread", 1)
    plain = assemble.evaluate_setting([datasets.town(5_000, 7, "easy")], ("learned_risk", "fan_in"), 0.7)
    fan_in, unmeasured = plain.algorithms
    assert "needs a model" in unmeasured.reason and not unmeasured.findings
    setting = pretrained.with_learned_risk(plain, 5_000, (7,), "easy", 0.7)
    same, learned = setting.algorithms
    assert same == fan_in and not learned.reason
    assert learned.findings and sum(band.of for band in learned.bands) == learned.findings
    assert learned.event_ap.value > 0.2 and "models" not in learned.parameters


def test_a_town_the_model_is_fitted_on_and_other_data_are_refused():
    plain = assemble.evaluate_setting([datasets.town(5_000, 7, "easy")], ("learned_risk",), 0.7)
    seed = pretrained.FIT[0]
    with pytest.raises(BadInput, match=f"seeds {seed}"):
        pretrained.with_learned_risk(plain, 5_000, (7, seed), "easy", 0.7)
    with pytest.raises(BadInput, match="generated towns"):
        evaluate._check(Ask(loaded=True, with_model=True), save=True)
