"""Risk: joins the latest findings of each kind by noisy-or, explains itself, and never blames a victim."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes
from pydantic import ValidationError

from algorithms import risk
from algorithms._base import Found, Member, Params, Task
from algorithms._run import Stamp, to_rowsets
from algorithms.risk import RiskParams

ANY = RiskParams(min_score=0)


def finding(kind: str, *members: Member, score: float = 1.0, run: str = "r1", at_ms: int = 1) -> list:
    found = Found(f"{kind} of {len(members)}", score, members, starts_ms=10, ends_ms=20)
    return list(
        to_rowsets(
            [found], [f"{kind}-{run}-{at_ms}-{members[0].id}"], Stamp(run, kind, "1", "local", 1, at_ms), Params()
        )
    )


def mule(account: str = "A", score: float | None = 1.0, role: str = "mule") -> Member:
    return Member("Account", account, role, score=score)


def scores(*rows: list, params: RiskParams = ANY) -> dict[str, float]:
    store = MemoryStore([item for part in rows for item in part])
    return {item.members[0].id: item.score for item in risk.find(Task(store), params)}


def test_nothing_found_is_no_risk() -> None:
    assert risk.find(Task(MemoryStore()), RiskParams()) == []


def test_kinds_join_by_noisy_or() -> None:
    both = scores(finding("mule_chain", mule()), finding("community", mule()))
    assert both == {"A": pytest.approx(1 - 0.2 * 0.4)}


def test_findings_of_one_kind_count_once_at_their_strongest() -> None:
    rows = [*finding("cycle", mule(score=0.5)), *finding("cycle", mule(score=1.0), Member("Account", "B", "mule"))]
    assert scores(rows)["A"] == pytest.approx(0.6)


def test_only_the_latest_run_of_a_kind_counts() -> None:
    old, new = finding("fan_in", mule(), run="r1", at_ms=1), finding("fan_in", mule("B"), run="r2", at_ms=2)
    assert scores(old, new) == {"B": 0.5}
    assert "risk" not in str(scores(finding("risk", mule()), new))


def test_victim_gets_no_score_and_hub_little() -> None:
    chain = finding("mule_chain", mule("V", 1.0, "victim"), mule("H", 1.0, "hub"), mule("M"))
    found = scores(chain)
    assert found["M"] == pytest.approx(0.8)
    assert found["H"] == pytest.approx(0.08)
    assert found.get("V", 0.0) == 0.0


def test_member_without_own_score_takes_the_findings() -> None:
    assert scores(finding("mule_chain", mule(score=None), score=0.5)) == {"A": pytest.approx(0.4)}


def test_unknown_kind_and_unknown_role_count_half() -> None:
    assert scores(finding("brand_new", mule(role="novelty"))) == {"A": 0.25}


def test_finding_says_why_and_what_speaks_against() -> None:
    rows = [
        nodes("Account", ["A", "B"], kind=["merchant", "bank"]),
        *finding("mule_chain", mule("A")), *finding("cycle", mule("B"), mule("A", 0.2, "victim")),
    ]  # fmt: skip
    first, second = risk.find(Task(MemoryStore(rows)), RiskParams())
    assert (first.members[0].id, second.members[0].id) == ("A", "B")
    assert first.reasons == ("mule in mule chain finding mule_chain-r1-1-A (adds 0.80)",)
    assert first.details["findings"] == [
        {"id": "mule_chain-r1-1-A", "kind": "mule_chain", "role": "mule", "strength": 0.8}
    ]
    assert first.against == (
        "Named as victim in cycle finding cycle-r1-1-B", "Only one kind of finding names it",
        "Its kind is merchant: many counterparties are its trade",
    )  # fmt: skip
    assert (first.starts_ms, first.ends_ms) == (10, 20)


def test_weights_are_checked_and_used() -> None:
    with pytest.raises(ValidationError):
        RiskParams(weights={"cycle": 1.5})
    assert scores(finding("cycle", mule()), params=RiskParams(weights={"cycle": 0.9}, min_score=0)) == {"A": 0.9}


@settings(deadline=None, max_examples=40)
@given(own=st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_more_findings_never_lower_a_score_and_it_stays_in_bounds(own: list[float]) -> None:
    kinds = ["mule_chain", "community", "cycle", "fan_in"]
    parts = [finding(kind, mule(score=value)) for kind, value in zip(kinds, own, strict=False)]
    values = [scores(*parts[: count + 1]).get("A", 0.0) for count in range(len(parts))]
    assert values == sorted(values)
    assert all(0 <= value <= 1 for value in values)
