"""The risk model: fitted in order of time, kept without pickle, checked at load, explained exactly."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from algorithms import learned_risk
from algorithms._base import Task
from algorithms.features.spec import DEFAULT
from algorithms.learned import vault
from algorithms.learned.matrix import FACTS, Matrix, matrix
from algorithms.learned.model import RiskModel, fit, split_by_time
from algorithms.learned.words import tell
from core.errors import BadInput, NotFound, StoreDamaged
from evaluation.shelf import read
from loaders.town.generate import generate

#: The town's gangs are done twelve days before its calendar ends.
SPLIT = (0.5, 0.2, 0.3)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Matrix, np.ndarray[Any, np.dtype[np.bool_]]]:
    folder = tmp_path_factory.mktemp("learned") / "town"
    generate(folder, transfers=30_000, seed=5, gangs=30)
    shelf, truth = read(folder, "synthetic")
    seen = matrix(shelf)
    fraud = truth.ids("TRANSFER")
    return shelf, seen, np.array([name in fraud for name in seen.table.transfer_ids(range(len(seen.table)))])


@pytest.fixture(scope="module")
def model(town: Any) -> RiskModel:
    _, seen, fraud = town
    return fit(seen.values, seen.names, fraud, seen.table.at_ms, alerts_per_day=5, split=SPLIT)


def test_it_ranks_far_better_than_chance(model: RiskModel) -> None:
    test = model.card["test"]
    share = model.card["periods"]["test"]["frauds"] / model.card["periods"]["test"]["transfers"]
    assert test["average_precision"] > 10 * share
    assert test["precision"] > 10 * share


def test_parts_add_up_to_the_log_odds(town: Any, model: RiskModel) -> None:
    rows = town[1].values[-50:]
    import xgboost as xgb

    margin = model.booster.predict(xgb.DMatrix(rows, feature_names=list(model.names)), output_margin=True)
    np.testing.assert_allclose(model.parts(rows).sum(axis=1), margin, rtol=1e-3, atol=1e-3)


def test_the_split_is_by_time_and_never_parts_a_moment() -> None:
    at = np.array([1, 2, 3, 4, 5, 6, 6, 6, 9, 10], np.int64)
    fitting, later, last = split_by_time(at)
    assert (fitting, later, last) == (slice(0, 5), slice(5, 8), slice(8, 10))


def test_nothing_of_the_future_reaches_the_fit(town: Any) -> None:
    _, seen, fraud = town
    _, later, _ = split_by_time(seen.table.at_ms, SPLIT)
    changed, labels = seen.values.copy(), fraud.copy()
    dice = np.random.default_rng(1)
    changed[later.stop :] = dice.random(changed[later.stop :].shape)
    labels[later.stop :] = dice.random(len(labels) - later.stop) < 0.1
    one = fit(seen.values, seen.names, fraud, seen.table.at_ms, alerts_per_day=5, split=SPLIT)
    other = fit(changed, seen.names, labels, seen.table.at_ms, alerts_per_day=5, split=SPLIT)
    assert one.booster.save_raw("json") == other.booster.save_raw("json")
    assert (one.knots, one.threshold) == (other.knots, other.threshold)


def test_kept_loaded_and_a_changed_byte_refused(model: RiskModel, town: Any, tmp_path: Path) -> None:
    assert vault.save(model, tmp_path) == "v0001"
    assert vault.save(model, tmp_path) == "v0002"
    name, again = vault.load(tmp_path)
    assert name == "v0002"
    rows = town[1].values[:100]
    np.testing.assert_array_equal(again.probability(rows), model.probability(rows))
    assert "average precision" in (tmp_path / "v0001" / "card.md").read_text()
    trees = tmp_path / "v0001" / "trees.json"
    trees.write_bytes(trees.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(StoreDamaged, match=r"trees\.json.*SHA-256"):
        vault.load(tmp_path, "v0001")
    (tmp_path / "v0002" / "model.json").unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        vault.load(tmp_path)
    with pytest.raises(NotFound, match="v0009"):
        vault.load(tmp_path, "v0009")


def test_findings_carry_reasons_of_their_own(model: RiskModel, town: Any, tmp_path: Path) -> None:
    vault.save(model, tmp_path)
    found = learned_risk.find(Task(town[0]), learned_risk.LearnedRiskParams(models=str(tmp_path), min_probability=0.3))
    assert found
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    until = model.card["periods"]["fitting"]["to_ms"]
    for item in found:
        assert item.starts_ms is not None and item.starts_ms > until
        assert item.reasons and item.against
        assert len(item.evidence_ids) == 1
        assert all(re.search(r"\(\+\d+\.\d\d log odds\)$", reason) for reason in item.reasons)
    json.dumps([dict(item.details) for item in found], allow_nan=False)


def test_without_a_model_nothing_is_found(town: Any, tmp_path: Path) -> None:
    assert learned_risk.find(Task(town[0]), learned_risk.LearnedRiskParams(models=str(tmp_path))) == []
    assert learned_risk.find(Task(town[0]), learned_risk.LearnedRiskParams()) == []


def test_other_columns_and_too_few_labels_are_refused(model: RiskModel, town: Any, tmp_path: Path) -> None:
    shelf, seen, fraud = town
    vault.save(RiskModel(model.booster, (*model.names[:-1], "other"), model.knots, 0.5, model.card), tmp_path)
    with pytest.raises(BadInput, match="other columns"):
        learned_risk.find(Task(shelf), learned_risk.LearnedRiskParams(models=str(tmp_path)))
    with pytest.raises(BadInput, match="0 fraudulent transfers in the test period, at least 10 expected"):
        fraud = fraud & (np.arange(len(fraud)) < len(fraud) * 0.7)
        fit(seen.values, seen.names, fraud, seen.table.at_ms, alerts_per_day=5, split=SPLIT)


@pytest.mark.parametrize("name", (*DEFAULT.columns, *FACTS))
def test_every_column_has_words(name: str) -> None:
    for value in (-1.0, 0.0, 3.0):
        assert ":" in (text := tell(name, value)) or " " in text
        assert "{" not in text


def test_the_learner_needs_no_openmp_of_the_system() -> None:
    """The wheel brings its own: nothing named plain libgomp.so.1 is mapped by importing and using it alone."""
    code = (
        "import numpy as np, xgboost as x; d = x.DMatrix(np.random.rand(50, 3), np.arange(50) % 2); "
        "x.train({'tree_method': 'hist'}, d, 2); maps = open('/proc/self/maps').read(); "
        "print('libgomp-' in maps, '/libgomp.so.1' in maps)"
    )
    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["True", "False"]
