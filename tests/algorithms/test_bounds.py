"""Numbers that no kernel may see are refused at its door, naming column and row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from memory_store import MemoryStore, nodes, payments, ties

from algorithms import _flow as fl
from algorithms._base import Task, catalog
from algorithms._contacts import lines
from algorithms._identity import identities
from algorithms._projection import transfers
from algorithms.engines import local, network
from core.errors import BadInput

ONE, NONE = np.array([1], np.int64), np.zeros(1, np.bool_)


def flow(**changed: object) -> fl.Flow:
    columns = {
        "src": ONE * 0, "dst": ONE, "amount": ONE * 5, "at_ms": ONE, "currency": ONE * 0, "kind": np.zeros(2, np.int64),
        "cash_exit": NONE, "converted": NONE,
    }  # fmt: skip
    return fl.Flow(**(columns | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: flow(src=ONE * -1), "money movements: src of row 0 is -1, expected a number from 0 to 1"),
        (lambda: flow(dst=ONE * 2), "money movements: dst of row 0 is 2, expected a number from 0 to 1"),
        (lambda: flow(amount=ONE * -5), "money movements: amount of row 0 is -5, expected 0 or more"),
        (lambda: flow(currency=ONE * -1), "currency of row 0 is -1"),
        (lambda: flow(at_ms=np.zeros(2, np.int64)), "columns of different length"),
        (lambda: network.arcs(2, ONE.astype(np.int32), (ONE * 2).astype(np.int32)), "arcs: dst of row 0 is 2"),
        (lambda: network.Arcs(2, ONE.astype(np.int32) * -1, ONE.astype(np.int32), np.ones(1)), "arcs: src of row 0 is -1"),
        (lambda: network.similarity(1, ONE.astype(np.int32), ONE.astype(np.int32), cap=5), "entries: node of row 0 is 1"),
        (lambda: network.similarity(2, ONE.astype(np.int32), -ONE.astype(np.int32), cap=5), "entries: thing of row 0 is -1"),
        (lambda: local.Edges(2, -ONE.astype(np.int32), ONE.astype(np.int32), np.ones(1)), "edges: a of row 0 is -1"),
        (lambda: local.Edges(2, ONE.astype(np.int32) * 0, ONE.astype(np.int32), np.ones(2)), "columns of different length"),
        (lambda: local.collapse(2, -ONE.astype(np.int32), ONE.astype(np.int32), np.ones(1)), "pairs: a of row 0 is -1"),
        (lambda: local.Edges(2, ONE.astype(np.int32) * -1, ONE.astype(np.int32), np.ones(1)), "edges: a of row 0 is -1"),
        (lambda: local.Edges(2, ONE.astype(np.int32) * 0, ONE.astype(np.int32), np.ones(2)), "edges: columns of different length"),
        (lambda: local.pairs(2, ONE.astype(np.int32), -ONE.astype(np.int32)), "pairs: b of row 0 is -1"),
        (lambda: local.collapse(2, ONE.astype(np.int32) * 2, ONE.astype(np.int32), np.ones(1)), "pairs: a of row 0 is 2"),
        (lambda: network.core_numbers(local.Edges(1, ONE.astype(np.int32) * 0, ONE.astype(np.int32), np.ones(1))), "edges: b of row 0 is 1"),
    ],
)  # fmt: skip
def test_out_of_range_is_refused(made: Callable[[], object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        made()


def test_the_projection_names_the_transfer_and_the_end_nobody_has() -> None:
    for ends, said in ((("B", "GONE"), "payee 'GONE'"), (("GONE", "B"), "payer 'GONE'")):
        store = MemoryStore([nodes("Account", ["A", "B"]), payments([("A", "B", 500, 1), (*ends, 500, 2)])])
        with pytest.raises(BadInput, match=f"its {said} is not in the data") as refused:
            transfers(store)  # type: ignore[arg-type]
        assert refused.value.code == "number_out_of_range"


def test_a_tie_of_an_account_that_came_after_the_picture_is_left_out() -> None:
    pair = ("Account", "Phone")
    kept = [nodes("Account", ["A", "B"]), nodes("Phone", ["F", "G", "H"])]
    # GONE sorts after A and B and G between F and H: its number must not slip into the ties of the phone before.
    known = ties("REGISTERED_WITH", pair, [("A", "F"), ("B", "F"), ("B", "H")])
    more = ties("REGISTERED_WITH", pair, [("A", "F"), ("B", "F"), ("GONE", "F"), ("GONE", "G"), ("B", "H")])
    plain, other = (MemoryStore([*kept, rows]) for rows in (known, more))
    for one, two in ((identities(plain), identities(other)), (lines(plain), lines(other))):  # type: ignore[arg-type]
        assert one.account.tolist() == two.account.tolist() == [0, 1, 1]
    assert identities(other).identifier_ids.to_pylist() == ["F", "H"]  # type: ignore[arg-type]
    assert identities(other).degree.tolist() == [2, 1]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(catalog()))
def test_a_payment_of_an_account_nobody_has_is_refused_or_left_out_by_every_algorithm(name: str) -> None:
    """A store holds no dangling end; where one comes all the same, no kernel may write beside its arrays."""
    store = MemoryStore([nodes("Account", ["A", "B"]), payments([("A", "B", 500, 1), ("B", "GONE", 500, 2)] * 8)])
    algorithm = catalog()[name]
    try:
        found = algorithm.find(Task(store), algorithm.params())  # type: ignore[arg-type]
    except BadInput as error:
        assert error.code == "number_out_of_range" and "not in the data" in str(error)
    else:
        assert "GONE" not in {member.id for item in found for member in item.members}
