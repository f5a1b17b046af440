"""Scatter-gather by hand: one source, accounts between, one sink; and what only looks like it."""

from __future__ import annotations

import pytest
from memory_store import MemoryStore, nodes, payments, town

from algorithms._base import Found, Task
from algorithms.scatter_gather import ScatterGatherParams, find

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
OUT: Rows = [("S", f"M{i}", 1_000, i * MIN) for i in range(4)]
BACK: Rows = [(f"M{i}", "Z", 970, HOUR + i * MIN) for i in range(4)]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), ScatterGatherParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(town(OUT + BACK))
    assert [(m.id, m.role, m.layer) for m in found.members] == [
        ("S", "distributor", 0), *[(f"M{i}", "mule", 1) for i in range(4)], ("Z", "collector", 2),
    ]  # fmt: skip
    assert found.evidence_ids == tuple(f"t{i}" for i in range(8))
    assert (found.amount_minor, found.currency, found.starts_ms, found.ends_ms) == (4_000, "CNY", 0, HOUR + 3 * MIN)
    assert found.details["gathered_minor"] == 3_880
    assert found.score > 0.6 and found.reasons and not found.against


@pytest.mark.parametrize(
    "rows",
    [
        OUT[:2] + BACK[:2],  # only two accounts between
        OUT + [(f"M{i}", f"Z{i}", 970, HOUR) for i in range(4)],  # no common end
        [(f"S{i}", f"M{i}", 1_000, i) for i in range(4)] + BACK,  # no common beginning
        BACK[:0] + [(a, b, m, t + 2 * HOUR) for a, b, m, t in OUT] + BACK,  # gathered before it was scattered
        OUT + [(a, b, m, t + 3 * DAY) for a, b, m, t in BACK],  # it stayed for days
        OUT + [(a, b, 300, t) for a, b, _, t in BACK],  # most of it stayed for good
        OUT + [(a, "S", m, t) for a, _, m, t in BACK],  # lent and paid back
        [(a, b, m, i * 2 * DAY) for i, (a, b, m, _) in enumerate(OUT)]
        + [(a, b, m, i * 2 * DAY + HOUR) for i, (a, b, m, _) in enumerate(BACK)],  # one after the other over a week
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert run(town(rows)) == []


def test_currencies_never_mix() -> None:
    assert run(town(OUT + BACK, currency=["CNY"] * 4 + ["USD"] * 4)) == []
    both = run(town(OUT + BACK, currency=["CNY", "CNY", "USD", "USD"] * 2), min_middles=2)
    assert sorted((item.currency, item.amount_minor) for item in both) == [("CNY", 2_000), ("USD", 2_000)]


def test_equal_times() -> None:
    same = [(a, b, m, 0) for a, b, m, _ in OUT + BACK]
    assert len(run(town(same))) == 1
    assert run(town(same), allow_equal_times=False) == []


def test_a_cash_point_is_no_collector_and_a_shop_scores_lower() -> None:
    ends = ["S", *[f"M{i}" for i in range(4)], "Z"]
    (plain,) = run(town(OUT + BACK))
    for kind, count in (("cash", 0), ("merchant", 1)):
        kinds = ["bank"] * 5 + [kind]
        found = run(MemoryStore([nodes("Account", ends, kind=kinds), payments(OUT + BACK)]))
        assert len(found) == count
        assert all(item.score < plain.score and "1 of 6 accounts are merchants'" in item.against for item in found)
