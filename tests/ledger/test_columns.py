"""Columns read from the ledger are what the store itself hands over, batch by batch, on both stores."""

from __future__ import annotations

import os

import contract_rows as rows
import graph_case
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms._identity import identities
from algorithms._projection import transfers
from core.db import make_engine
from core.errors import StoreDamaged
from graph.intake import Intake, Source
from graph.model import RowSet, columns_of
from graph.port import CodedScans
from graph.schema import NODES, RELS, rel_pairs
from ledger import backed_store, columns
from ledger.backed_store import LedgerBackedStore
from ledger.book import Ledger
from ledger.projection import catch_up, rebuild


@pytest.fixture
def ledger(tmp_path):
    return Ledger(make_engine(f"sqlite:///{tmp_path}/x.db"), tmp_path / "ledger")


def append(ledger, name, *facts):
    return ledger.append(
        Source(name, "test", name), [Intake(facts=facts, rows_read=sum(map(len, facts)))], by="test", max_reject_share=1
    )


def history(ledger):
    """Four batches: a case, then changed nodes, an id between old ones, duplicates, a stub, a conflict; one load adds none."""
    append(ledger, "one", *graph_case.rowsets())
    changed = rows.nodes(
        "Account",
        {"id": "CCB-M1", "status": "frozen", "source": "two", "source_row": 4},
        {"id": "ICBC-Victim", "name": "王敏敏"},
        {"id": "CCB-M15", "number": "7", "opened_at_ms": 5},
        "CCB-M2",
    )
    append(
        ledger,
        "two",
        changed,
        rows.transfers(("t1", "CCB-M1", "ATM-1"), ("u1", "CCB-M15", "ATM-1"), ("u2", "new", "CCB-M15")),
    )
    append(
        ledger,
        "three",
        rows.nodes("Account", {"id": "CCB-M1", "status": "closed"}, {"id": "CCB-M15", "is_blocked": True}),
    )
    append(ledger, "known", *(item for item in graph_case.rowsets() if item.type_name in ("Finding", "INVOLVES")))
    append(ledger, "four", rows.transfers(("v1", "ATM-1", "CCB-M1"), ("u1", "CCB-M15", "ATM-1")))


def names_of(type_name):
    return [prop.name for prop in columns_of(type_name)]


def same(backed, store):
    """Every label and relationship type, all columns, from the ledger and from the store."""
    for label in NODES:
        assert (
            backed.scan_nodes(label, names_of(label)).to_pylist()
            == store.scan_nodes(label, names_of(label)).to_pylist()
        ), label
    for start, type_name, end in rel_pairs():
        ours, theirs = (
            from_.scan_rels(type_name, names_of(type_name), (start, end)).sort_by("id").to_pylist()
            for from_ in (backed, store)
        )
        assert ours == theirs, (start, type_name, end)
        if theirs:
            same_edges(backed, store, type_name, (start, end))
    for name in RELS:
        assert backed.scan_rels(name, ["id"]).num_rows == store.counts()[name]


def same_edges(backed, store, type_name, pair):
    found = [from_.scan_edges(type_name, ["id"], pair) for from_ in (backed, store)]
    assert found[0].from_ids.equals(found[1].from_ids) and found[0].to_ids.equals(found[1].to_ids)
    tables = [item.table.select(["from_pos", "to_pos", "id"]).sort_by("id").to_pylist() for item in found]
    assert tables[0] == tables[1]


def test_the_ledger_and_the_store_say_the_same_at_every_batch(ledger, store):
    history(ledger)
    backed = LedgerBackedStore(store, ledger)
    assert isinstance(backed, CodedScans)
    same(backed, store)
    catch_up(ledger, store)
    same(backed, store)
    assert backed.scan_nodes("Account", ["id", "status"]).to_pylist()[2] == {"id": "CCB-M1", "status": "closed"}
    for up_to in (3, 2):
        rebuild(ledger, store, up_to=up_to)
        same(backed, store)
    assert ledger.head_seq() == 4 and store.applied_seq() == 2


def test_algorithms_get_the_same_arrays_from_both(ledger, store):
    history(ledger)
    catch_up(ledger, store)
    ours, theirs = transfers(LedgerBackedStore(store, ledger)), transfers(store)
    assert ours.account_ids.equals(theirs.account_ids)
    for name in ("src", "dst", "amount_minor", "received_minor", "currency", "received_currency", "at_ms", "channel"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
    every = np.arange(len(ours))
    assert ours.transfer_ids(every) == theirs.transfer_ids(every)
    assert (ours.currencies, ours.channels) == (theirs.currencies, theirs.channels)
    ties = [identities(item) for item in (LedgerBackedStore(store, ledger), store)]
    assert ties[0].identifier_ids.equals(ties[1].identifier_ids)
    assert np.array_equal(ties[0].account, ties[1].account) and np.array_equal(ties[0].identifier, ties[1].identifier)


class Marked:
    """A store that holds nothing but how far it is."""

    name = "marked"

    def __init__(self, seq):
        self.seq, self.asked = seq, []

    def applied_seq(self):
        return self.seq

    def scan_nodes(self, label, columns):
        self.asked.append(label)
        return pa.table({name: pa.array([], pa.string()) for name in columns})

    def connection(self):
        return "server"


def test_what_only_one_store_has_is_reached_through(ledger):
    backed = LedgerBackedStore(Marked(0), ledger)
    assert (backed.name, backed.connection()) == ("marked", "server")
    with pytest.raises(AttributeError):
        backed.nothing_of_the_kind  # noqa: B018


def test_a_changed_file_is_refused_and_named(ledger):
    append(ledger, "one", rows.many_accounts(3))
    backed = LedgerBackedStore(Marked(1), ledger)
    assert backed.scan_nodes("Account", ["id"])["id"].to_pylist() == ["a0", "a1", "a2"]
    (part,) = ledger.placed("Account", 1)
    pq.write_table(pq.read_table(part.path).slice(1), part.path)
    os.utime(part.path, ns=(1, 1))
    with pytest.raises(StoreDamaged, match="restore it from a backup"):
        backed.scan_nodes("Account", ["id"])
    part.path.unlink()
    with pytest.raises(StoreDamaged, match="missing or changed"):
        backed.scan_nodes("Account", ["id"])


def test_very_many_parts_are_left_to_the_store(ledger, monkeypatch):
    append(ledger, "one", rows.many_accounts(3))
    append(ledger, "two", rows.many_accounts(2, first=5))
    inner = Marked(2)
    assert LedgerBackedStore(inner, ledger).scan_nodes("Account", ["id"]).num_rows == 5
    monkeypatch.setattr(backed_store, "MANY_PARTS", 1)
    assert LedgerBackedStore(inner, ledger).scan_nodes("Account", ["id"]).num_rows == 0
    assert inner.asked == ["Account"]


def test_a_part_written_before_a_column_existed_reads_as_null(ledger, monkeypatch):
    append(ledger, "one", rows.many_accounts(2))
    (part,) = ledger.placed("Account", 1)
    pq.write_table(pq.read_table(part.path).drop_columns(["region"]), part.path)
    monkeypatch.setattr(columns, "file_hash", lambda _path: part.part.sha256)
    assert LedgerBackedStore(Marked(1), ledger).scan_nodes("Account", ["id", "region"])["region"].null_count == 2


@settings(max_examples=25, deadline=None)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30), min_size=1, max_size=4
    ),
    at_once=st.integers(1, 40),
)
def test_ends_are_right_however_the_parts_are_grouped(tmp_path_factory, batches, at_once):
    folder = tmp_path_factory.mktemp("ledger")
    ledger = Ledger(make_engine(f"sqlite:///{folder}/x.db"), folder / "ledger")
    expected = {}
    for number, pairs in enumerate(batches):
        named = [(f"{number}.{row}", f"a{a}", f"a{b}") for row, (a, b) in enumerate(pairs)]
        expected |= {key: (a, b) for key, a, b in named}
        append(ledger, str(number), rows.transfers(*named))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "ROWS_AT_ONCE", at_once)
        for coded in (False, True):
            backed = LedgerBackedStore(Marked(len(batches)), ledger)
            edges = (backed.coded_edges if coded else backed.scan_edges)("TRANSFER", ["id", "currency"])
            ids = edges.from_ids.to_pylist()
            found = {row["id"]: (ids[row["from_pos"]], ids[row["to_pos"]]) for row in edges.table.to_pylist()}
            assert found == expected
            assert set(edges.table["currency"].to_pylist()) == {"CNY"}


def test_an_empty_ledger_gives_empty_columns(ledger):
    backed = LedgerBackedStore(Marked(0), ledger)
    assert backed.scan_nodes("Account", ["id"]).num_rows == 0
    edges = backed.scan_edges("TRANSFER", ["id", "at_ms"])
    assert len(edges.from_ids) == edges.table.num_rows == 0
    with pytest.raises(ValueError, match="name one"):
        backed.scan_edges("OWNS", [])
    with pytest.raises(KeyError, match="no column"):
        backed.scan_rels("TRANSFER", ["nope"])
    assert isinstance(transfers(backed).src, np.ndarray)


def test_rows_of_one_batch_know_its_number(ledger):
    append(ledger, "one", rows.many_accounts(1))
    append(ledger, "two", RowSet("Account", rows.many_accounts(1, first=1).table))
    found = LedgerBackedStore(Marked(2), ledger).scan_nodes("Account", ["id", "load_seq"])
    assert found["load_seq"].to_pylist() == [1, 2]
