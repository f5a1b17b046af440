"""Stacks by hand and planted in noise: two full layers of payments, the second funded by the first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, town

from algorithms._base import Found, Task
from algorithms.stack import StackParams, find

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]


def stack(top: int, middle: int, bottom: int) -> Rows:
    """Every account of a row pays every one of the next; the middle passes on 98%."""
    upper = [(f"A{i}", f"B{j}", 9_800, (middle * i + j) * MIN) for i in range(top) for j in range(middle)]
    each = 9_800 * top * 98 // (100 * bottom)
    return upper + [
        (f"B{j}", f"C{k}", each, HOUR + (bottom * j + k) * MIN) for j in range(middle) for k in range(bottom)
    ]


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), StackParams.model_validate(params))  # type: ignore[arg-type]


def roles(found: Found) -> dict[str, tuple[str, int | None]]:
    return {m.id: (m.role, m.layer) for m in found.members}


def expected(top: int, middle: int, bottom: int) -> dict[str, tuple[str, int]]:
    rows = (("A", top, "payer", 0), ("B", middle, "mule", 1), ("C", bottom, "payee", 2))
    return {f"{letter}{i}": (role, layer) for letter, count, role, layer in rows for i in range(count)}


def test_picture() -> None:
    (found,) = run(town(stack(2, 3, 2)))
    assert roles(found) == expected(2, 3, 2)
    assert found.evidence_ids == tuple(f"t{i}" for i in range(12))
    assert (found.amount_minor, found.details["rows"], found.details["density"]) == (6 * 9_800, [2, 3, 2], 1.0)
    assert found.score > 0.6 and not found.against


@pytest.mark.parametrize(
    "rows",
    [
        stack(1, 3, 1),  # scatter-gather
        stack(3, 1, 3),  # gather-scatter
        stack(2, 3, 2)[:6],  # one layer only
        [(a, b, m, t if a[0] == "A" else t + 3 * DAY) for a, b, m, t in stack(2, 3, 2)],  # the middle kept it for days
        [(a, b, m, t + 2 * HOUR if a[0] == "A" else t) for a, b, m, t in stack(2, 3, 2)],  # the lower layer came first
        [(a, b.replace("C", "A"), m, t) for a, b, m, t in stack(2, 3, 2)],  # it went back up
    ],
)
def test_near_misses(rows: Rows) -> None:
    assert run(town(rows)) == []


def test_currencies_never_mix() -> None:
    assert run(town(stack(2, 3, 2), currency=["CNY"] * 6 + ["USD"] * 6)) == []


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 4), st.integers(2, 4), st.integers(2, 4),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 50), st.integers(0, 90)), max_size=25),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_planted_in_noise(top: int, middle: int, bottom: int, noise: list[tuple[int, int, int, int]], random) -> None:  # type: ignore[no-untyped-def]
    """Found whole whatever small payments go on among others, and whatever the row order; evidence within two windows."""
    rows = stack(top, middle, bottom) + [(f"N{a}", f"N{b}", m, t * MIN) for a, b, m, t in noise]
    ids = [f"t{i:03}" for i in range(len(rows))]
    order = list(range(len(rows)))
    random.shuffle(order)
    first = run(town(rows, id=ids))
    assert roles(first[0]) == expected(top, middle, bottom)
    assert set(first[0].evidence_ids) == set(ids[: top * middle + middle * bottom])
    assert first == run(town([rows[i] for i in order], id=[ids[i] for i in order]))
