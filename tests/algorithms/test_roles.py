"""Roles: probabilities are probabilities, whatever the payments; too little evidence gives no role."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, ties, town

from algorithms import roles
from algorithms._base import Task
from algorithms.roles import RolesParams, roles_of

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
T0 = 1_735_689_600_000
Rows = list[tuple[int, int, int, int]]


def gang_town() -> MemoryStore:
    """Forty people who pay each other; six of them pay m0 a hundred times as much, which m1 and m2 carry to c, who takes cash."""
    rows = [(f"e{i}", f"e{(i * 7 + 3 + k) % 40}", 8_000 + 100 * k, T0 + (i + 40 * k) * 7 * HOUR // 2) for i in range(40) for k in range(6)]  # fmt: skip
    for day in range(6):
        at = T0 + (20 + day) * DAY
        rows.append((f"e{5 * day}", "m0", 1_000_000, at))
        for mule in (1, 2):
            rows.append(("m0", f"m{mule}", 490_000, at + 5 * MINUTE * mule))
            rows.append((f"m{mule}", "c", 480_000, at + 30 * MINUTE * mule))
        rows.append(("c", "ATM", 940_000, at + 3 * HOUR))
    ids = sorted({end for row in rows for end in row[:2]})
    opened = [T0 + 18 * DAY if name in ("m0", "m1", "m2", "c") else T0 - 900 * DAY for name in ids]
    return MemoryStore([
        nodes("Account", ids, kind=["cash" if name == "ATM" else "bank" for name in ids], opened_at_ms=opened),
        payments(rows), ties("USED_DEVICE", ("Account", "Device"), [("m0", "D"), ("m1", "D"), ("m2", "D")]),
    ])  # fmt: skip


def test_a_gang_has_its_mules_and_its_cash_out_and_nobody_else_is_named() -> None:
    found = roles.find(Task(gang_town()), RolesParams())  # type: ignore[arg-type]
    (named,) = zip(*[[(item.members[0].id, item.members[0].role)] for item in found], strict=True)
    assert dict(named) == {"m0": "mule", "m1": "mule", "m2": "mule", "c": "cash_out"}
    for item in found:
        assert item.score > 0.9 and item.reasons and abs(sum(item.details["probabilities"].values()) - 1) < 0.001


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
