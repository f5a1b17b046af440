"""Findings of a risk model whose lesson is known by hand (large sums are fraud), on a picture and on any payments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import town

from algorithms import learned_risk
from algorithms._base import Found, Task
from algorithms.learned import vault
from algorithms.learned.matrix import matrix
from algorithms.learned.model import fit

HOUR = 3_600_000
AFTER = 2_000 * HOUR
LARGE, SMALL = 900_000, 1_000
Rows = list[tuple[int, int, bool, int]]


def fitted(folder: Path) -> str:
    """The folder, with a model fitted on payments between twenty accounts, every eighth of them large and fraudulent."""
    rng = np.random.default_rng(3)
    rows = [
        (f"A{rng.integers(0, 10)}", f"B{rng.integers(0, 10)}", (LARGE if i % 8 == 0 else SMALL) + i, i * HOUR)
        for i in range(1_000)
    ]
    seen = matrix(town(rows))  # type: ignore[arg-type]
    fraud = seen.table.amount_minor >= LARGE
    model = fit(seen.values, seen.names, fraud, seen.table.at_ms, alerts_per_day=5, split=(0.5, 0.25, 0.25))
    vault.save(model, folder)
    return str(folder)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fitted(tmp_path_factory.mktemp("models"))


def run(rows: Rows, models: str, order: list[int] | None = None, **params: object) -> list[Found]:
    picked = list(range(len(rows))) if order is None else order
    made = [(f"A{rows[i][0]}", f"B{rows[i][1]}", LARGE if rows[i][2] else SMALL, AFTER + rows[i][3] * HOUR) for i in picked]  # fmt: skip
    store = town(made, id=[f"t{i:03}" for i in picked])
    return learned_risk.find(Task(store), learned_risk.LearnedRiskParams.model_validate({"models": models, **params}))  # type: ignore[arg-type]


def test_the_large_payment_comes_first_by_far(models: str) -> None:
    rows = [(i % 5, i % 7, i == 20, i) for i in range(30)]
    found, *others = run(rows, models, min_probability=0)
    assert len(others) == 29 and found.score > 3 * others[0].score, (found.score, others[0].score)
    assert found.evidence_ids == ("t020",) and found.amount_minor == LARGE
    assert [(member.id, member.role) for member in found.members] == [("A0", "payer"), ("B6", "payee")]


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans(), st.integers(0, 60)), min_size=1, max_size=25),
    least=st.sampled_from([0.0, 0.3, 0.7]), data=st.data(),
)  # fmt: skip
def test_any_payments(models: str, rows: Rows, least: float, data: st.DataObject) -> None:
    found = run(rows, models, min_probability=least)
    for item in found:
        (name,) = item.evidence_ids
        payer, payee, large, at = rows[int(name[1:])]
        assert {member.id for member in item.members} == {f"A{payer}", f"B{payee}"}
        assert item.starts_ms == item.ends_ms == AFTER + at * HOUR
        assert item.amount_minor == (LARGE if large else SMALL)
        assert least <= item.score <= 1 and item.against
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    assert len({item.evidence_ids for item in found}) == len(found) and (least or len(found) == len(rows))
    again = run(rows, models, data.draw(st.permutations(range(len(rows)))), min_probability=least)
    assert again == found
