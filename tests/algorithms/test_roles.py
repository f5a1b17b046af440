"""Roles: probabilities are probabilities, whatever the payments; too little evidence gives no role."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import town

from algorithms import roles
from algorithms._base import Task
from algorithms.roles import RolesParams, roles_of

MINUTE = 60_000
Rows = list[tuple[int, int, int, int]]


def test_one_payment_is_too_little_for_a_role() -> None:
    assert roles.find(Task(town([("A", "B", 1_000, 0)])), RolesParams(min_suspicion=0)) == []  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 900), st.integers(0, 300)), min_size=1, max_size=40
    ),
    data=st.data(),
)  # fmt: skip
def test_probabilities_sum_to_one_and_do_not_depend_on_order(rows: Rows, data: st.DataObject) -> None:
    def of(order: list[int]) -> roles.Roles:
        made = [(f"A{rows[i][0]}", f"A{rows[i][1]}", rows[i][2] * 100, rows[i][3] * MINUTE) for i in order]
        return roles_of(Task(town(made, id=[f"t{i:03}" for i in order])))  # type: ignore[arg-type]

    first = of(list(range(len(rows))))
    assert first.probability.shape == (len({end for row in rows for end in row[:2]}), len(roles.ROLES))
    assert ((first.probability >= 0) & (first.probability <= 1)).all()
    assert np.allclose(first.probability.sum(axis=1), 1)
    assert np.array_equal(first.probability, of(data.draw(st.permutations(range(len(rows))))).probability)
