"""Risk of accounts joined from findings: weights of kinds and roles, and victims, who have none."""

from __future__ import annotations

import pyarrow as pa
import pytest
from memory_store import MemoryStore, nodes

from algorithms._base import Found, Member, Task, catalog
from algorithms._run import Stamp, to_rowsets
from algorithms.risk import WEIGHTS, RiskParams, find


def store(*found: tuple[str, Found]) -> MemoryStore:
    rowsets = [nodes("Account", ["A", "B", "V"], kind=pa.array(["bank"] * 3))]
    for kind, item in found:
        algorithm = catalog()[kind]
        stamp = Stamp("run", kind, algorithm.version, "local", 1, 0)
        rowsets += to_rowsets([item], [f"finding-{kind}"], stamp, algorithm.params())
    return MemoryStore(rowsets)


def finding(*members: tuple[str, str]) -> Found:
    return Found("x", 0.8, tuple(Member("Account", name, role, score=0.8) for name, role in members))


def risks(where: MemoryStore, **params: object) -> dict[str, float]:
    return {item.members[0].id: item.score for item in find(Task(where), RiskParams.model_validate(params))}  # type: ignore[arg-type]


def test_kinds_join_by_noisy_or_and_roles_have_shares() -> None:
    where = store(
        ("mule_chain", finding(("A", "mule"), ("B", "recipient"), ("V", "victim"))),
        ("scatter_gather", finding(("A", "mule"))),
    )
    assert risks(where, min_score=0.01) == {
        "A": pytest.approx(1 - (1 - 0.8 * 0.8) * (1 - 0.9 * 0.8)), "B": pytest.approx(0.8 * 0.3 * 0.8),
    }  # fmt: skip


def test_a_victim_has_no_risk_however_low_the_bar() -> None:
    assert risks(store(("mule_chain", finding(("V", "victim")))), min_score=0) == {}


def test_every_weighted_kind_is_an_algorithm() -> None:
    assert set(WEIGHTS) <= set(catalog())
