"""Projection: order, numbering, what counts as moved, currencies, sharing within a run."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, ties, town

from algorithms._identity import identities
from algorithms._projection import accounts, picture, transfers


def test_empty_store_gives_empty_arrays() -> None:
    store = MemoryStore()
    assert len(transfers(store)) == 0
    assert transfers(store).n_accounts == 0
    assert len(identities(store).account) == 0


def test_rows_are_in_time_order_and_ties_by_id() -> None:
    rows = [("B", "A", 5, 300), ("A", "B", 1, 100), ("A", "B", 2, 100)]
    table = transfers(town(rows, id=["t9", "t8", "t7"]))
    assert table.transfer_ids([0, 1, 2]) == ("t7", "t8", "t9")
    assert table.amount_minor.tolist() == [2, 1, 5]
    assert table.accounts(table.src) == ("A", "A", "B")
    assert table.number_of(["B", "nobody"]).tolist() == [1, -1]


def test_money_that_did_not_move_is_left_out_and_self_transfers_stay() -> None:
    rows = [("A", "B", 1, 1), ("A", "B", 2, 2), ("B", "B", 3, 3), ("A", "C", 4, 4)]
    table = transfers(town(rows, status=["settled", "refused", None, "reversed"]))
    assert table.amount_minor.tolist() == [1, 3]
    assert table.n_accounts == 3


def test_currencies_keep_their_codes_and_conversions_both_sides() -> None:
    store = town(
        [("A", "B", 700, 1), ("B", "C", 100, 2)],
        currency=["CNY", "USD"],
        received_minor=pa.array([100, None], pa.int64()),
        received_currency=["HKD", None],
    )
    table = transfers(store)
    assert [table.currencies[code] for code in table.currency] == ["CNY", "USD"]
    assert [table.currencies[code] for code in table.received_currency] == ["HKD", "USD"]
    assert table.received_minor.tolist() == [100, 100]


def test_identity_edges_are_unique_and_counted() -> None:
    store = MemoryStore(
        [
            nodes("Account", ["A", "B"]),
            ties("REGISTERED_WITH", ("Account", "Phone"), [("A", "p"), ("B", "p"), ("B", "p")]),
            ties("OWNS", ("Person", "Account"), [("someone", "A")]),
            ties("CONNECTED_FROM", ("Device", "IP"), [("d", "ip")]),
        ]
    )
    table = identities(store)
    assert table.identifier_ids.to_pylist() == ["p", "someone"]
    assert [table.kinds[kind] for kind in table.identifier_kind] == ["Phone", "Person"]
    assert table.degree.tolist() == [2, 1]
    assert table.account.tolist() == [0, 1, 0]


def test_one_picture_holds_through_writes_and_ends() -> None:
    store = town([("A", "B", 1, 1)])
    with picture(store) as seq:
        first = transfers(store)
        store.apply(2, [payments([("B", "A", 2, 2)], id=["new"])])
        assert transfers(store) is first
        assert seq == 1
    assert len(transfers(store)) == 2
    assert transfers(store) is transfers(store)


def test_account_numbers_do_not_depend_on_the_stores_order() -> None:
    class Backwards(MemoryStore):
        def scan_nodes(self, label: str, columns: object) -> pa.Table:
            return super().scan_nodes(label, columns).sort_by([("id", "descending")])  # type: ignore[arg-type]

    rows = [nodes("Account", ["A", "B", "C"], kind=["x", "y", "z"]), payments([("C", "A", 1, 1)])]
    assert accounts(Backwards(rows)).column("kind").to_pylist() == ["x", "y", "z"]
    assert transfers(Backwards(rows)).src.tolist() == [2]


_row = st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.integers(1, 9), st.integers(0, 5))


@settings(deadline=None)
@given(rows=st.lists(_row, min_size=1, max_size=30), seed=st.integers(0, 99))
def test_row_order_of_the_store_changes_nothing(rows: list[tuple[str, str, int, int]], seed: int) -> None:
    ids = [f"t{index:02d}" for index in range(len(rows))]
    shuffle = np.random.default_rng(seed).permutation(len(rows))
    plain = transfers(town(rows, id=ids))
    mixed = transfers(town([rows[i] for i in shuffle], id=[ids[i] for i in shuffle]))
    everything = list(range(len(rows)))
    assert plain.transfer_ids(everything) == mixed.transfer_ids(everything)
    assert plain.src.tolist() == mixed.src.tolist()
    assert (np.diff(plain.at_ms) >= 0).all()
