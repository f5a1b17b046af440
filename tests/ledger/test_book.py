"""The ledger keeps every good row once, sets bad ones aside, and is whole after any interruption."""

from __future__ import annotations

import csv
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db import make_engine
from core.errors import BadInput, StoreDamaged
from graph.intake import TRUTH_SCHEMA, Intake, Rejected, Source
from graph.model import RowSet, conform
from ledger import book
from ledger.book import Ledger
from ledger.parts import file_hash, read_part, write_part


@pytest.fixture
def ledger(tmp_path):
    return Ledger(make_engine(f"sqlite:///{tmp_path}/ringtrace.db"), tmp_path / "ledger")


def accounts(*rows, label="Account", **columns):
    table = pa.table(
        {"id": [row[0] for row in rows], "name": pa.array([row[1] for row in rows], pa.string()), **columns}
    )
    return RowSet(label, conform(label, table))


def transfers(*rows):
    """Rows are (id, from, to, amount)."""
    ids, starts, ends, amounts = zip(*rows, strict=True)
    table = pa.table({
        "from_id": starts, "to_id": ends, "id": ids, "amount_minor": pa.array(amounts, pa.int64()),
        "currency": ["CNY"] * len(rows), "at_ms": pa.array([1_700_000_000_000] * len(rows)),
        "source": ["t.csv"] * len(rows), "source_row": pa.array(range(1, len(rows) + 1)),
    })  # fmt: skip
    return RowSet("TRANSFER", conform("TRANSFER", table), "Account", "Account")


def intake(*facts, derived=(), **more):
    more.setdefault("rows_read", sum(len(rows) for rows in facts))
    return Intake(facts=facts, derived=tuple(derived), **more)


def load(ledger, name, *intakes, **more):
    return ledger.append(Source(name, "test", f"hash of {name}"), intakes, by="tester", **more)


def ids_of(ledger, seq, type_name):
    return sorted(
        key for rows in ledger.read(seq) if rows.type_name == type_name for key in rows.table["id"].to_pylist()
    )


def test_a_batch_reads_back_with_its_number_and_time(ledger):
    report = load(ledger, "a", intake(accounts(("a", "Ann"), ("b", "Bo")), transfers(("t1", "a", "b", 5))))
    assert (report.seq, report.rows_read, report.rows_loaded, report.new) == (1, 3, 3, {"Account": 2, "TRANSFER": 1})
    rows = list(ledger.read(1))
    assert [item.type_name for item in rows] == ["Account", "TRANSFER"]
    assert rows[0].table["load_seq"].to_pylist() == [1, 1]
    assert rows[1].table["loaded_at_ms"].to_pylist() == [ledger.entries()[0].created_at_ms]


def test_the_same_source_again_is_no_new_batch(ledger):
    load(ledger, "a", intake(accounts(("a", "Ann"))))
    again = load(ledger, "a", intake(accounts(("a", "Ann"))))
    assert (again.seq, again.already, again.rows_loaded, again.rows_duplicate) == (0, 1, 0, 1)
    assert ledger.head_seq() == 1


def test_the_same_rows_from_another_file_are_duplicates(ledger):
    rows = (accounts(("a", "Ann"), ("b", None)), transfers(("t1", "a", "b", 5), ("t2", "a", "b", 6)))
    load(ledger, "a", intake(*rows))
    again = load(ledger, "copy of a", intake(*rows))
    assert (again.seq, again.rows_loaded, again.rows_duplicate, again.rows_rejected) == (0, 0, 4, 0)


def test_other_content_for_a_known_event_is_a_conflict_and_the_first_stays(ledger):
    load(ledger, "a", intake(transfers(("t1", "a", "b", 5))))
    report = load(ledger, "b", intake(transfers(("t1", "a", "b", 99), ("t2", "b", "a", 7))), max_reject_share=0.5)
    assert (report.rows_loaded, report.rows_duplicate, report.rows_rejected) == (1, 0, 1)
    assert ids_of(ledger, report.seq, "TRANSFER") == ["t2"]
    with report.report.open(encoding="utf-8-sig") as handle:
        assert [(row["code"], row["row"], row["value"]) for row in csv.DictReader(handle)] == [("conflict", "1", "t1")]


def test_conflicts_and_repeats_inside_one_load(ledger):
    first, second = (
        transfers(("t1", "a", "b", 5), ("t1", "a", "b", 5)),
        transfers(("t1", "a", "b", 6), ("t2", "a", "b", 1)),
    )
    report = load(ledger, "a", intake(first), intake(second), max_reject_share=0.5)
    assert (report.rows_read, report.rows_loaded, report.rows_duplicate, report.rows_rejected) == (4, 2, 1, 1)
    assert ids_of(ledger, 1, "TRANSFER") == ["t1", "t2"]


def test_later_values_change_a_node_and_nulls_do_not(ledger):
    load(ledger, "a", intake(accounts(("a", "Ann"), ("b", "Bo"))))
    report = load(ledger, "b", intake(accounts(("a", None), ("b", "Bob"))))
    assert (report.changed, report.new, report.rows_duplicate, report.rows_loaded) == ({"Account": 1}, {}, 1, 1)


def test_derived_rows_are_merged_and_not_counted(ledger):
    stubs = accounts(("a", None), ("b", None), ("c", None))
    report = load(ledger, "a", intake(accounts(("a", "Ann")), derived=[stubs]), intake(derived=[stubs], rows_read=0))
    assert (report.rows_read, report.rows_loaded, report.new) == (1, 1, {"Account": 3})
    assert ids_of(ledger, 1, "Account") == ["a", "b", "c"]


def test_unknown_ends_become_stubs_or_are_rejected(ledger):
    report = load(ledger, "a", intake(transfers(("t1", "a", "b", 5))))
    assert report.new == {"Account": 2, "TRANSFER": 1}
    assert "2 Account named by relationships only" in report.warnings[0]
    report = load(
        ledger,
        "b",
        intake(transfers(("t2", "a", "x", 5), ("t3", "a", "b", 6))),
        dangling_ends="reject",
        max_reject_share=0.5,
    )
    assert (report.rows_loaded, report.rows_rejected, report.new) == (1, 1, {"TRANSFER": 1})


def test_too_many_bad_rows_stop_the_load_and_nothing_stays(ledger, tmp_path):
    bad = Rejected("t.csv", 2, "amount", "not_a_number", "=1+1", "a decimal number")
    with pytest.raises(BadInput, match=r"1 of 2 rows rejected.*nothing loaded; see .*\.csv") as caught:
        load(ledger, "a", intake(accounts(("a", "Ann")), rejected=(bad,), rows_read=2))
    assert caught.value.code == "too_many_rejected"
    assert ledger.head_seq() == 0
    assert not list((tmp_path / "ledger" / "staging").iterdir())
    (report,) = (tmp_path / "ledger" / "rejected").iterdir()
    assert "'=1+1" in report.read_text(encoding="utf-8-sig")


def test_a_loader_that_fails_half_way_leaves_nothing(ledger, tmp_path):
    def failing():
        yield intake(accounts(("a", "Ann")), transfers(("t1", "a", "b", 5)))
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        ledger.append(Source("a", "test", "x"), failing(), by="tester")
    assert ledger.head_seq() == 0
    assert load(ledger, "a", intake(accounts(("a", "Ann")))).new == {"Account": 1}


def test_a_folder_left_by_a_crash_before_the_row_was_written_is_swept(ledger, tmp_path):
    orphan = tmp_path / "ledger" / "batches" / "00000001"
    orphan.mkdir()
    (orphan / "junk.parquet").write_text("half")
    assert load(ledger, "a", intake(accounts(("a", "Ann")))).seq == 1
    assert ids_of(ledger, 1, "Account") == ["a"]


def test_a_system_database_older_than_the_ledger_costs_no_batch(ledger, tmp_path):
    for name in "abc":
        load(ledger, name, intake(accounts((name, name))))
    stale = Ledger(make_engine(f"sqlite:///{tmp_path}/stale.db"), tmp_path / "ledger")
    with pytest.raises(StoreDamaged, match="3 batches more"):
        load(stale, "d", intake(accounts(("d", "d"))))
    assert [ids_of(ledger, seq, "Account") for seq in (1, 2, 3)] == [["a"], ["b"], ["c"]]


def test_truth_and_the_move_are_on_disk_before_the_row(ledger, monkeypatch):
    synced = []
    monkeypatch.setattr(book, "_sync", lambda path: synced.append(path.name))
    truth = pa.Table.from_pylist([{"entity_type": "Account", "entity_id": "a", "is_fraud": True}], schema=TRUTH_SCHEMA)
    load(ledger, "a", intake(accounts(("a", "Ann")), truth=truth))
    assert "truth" in synced and synced[-1] == "batches"
    assert sum(name.endswith(".parquet") for name in synced) == 2


def test_a_changed_ledger_file_is_noticed(ledger, tmp_path):
    load(ledger, "a", intake(accounts(("a", "Ann"))))
    (file,) = (tmp_path / "ledger" / "batches" / "00000001").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreDamaged, match="changed since it was written"):
        list(ledger.read(1))


def test_truth_is_kept_apart(ledger):
    truth = pa.Table.from_pylist([{"entity_type": "Account", "entity_id": "a", "is_fraud": True}], schema=TRUTH_SCHEMA)
    load(ledger, "a", intake(accounts(("a", "Ann")), truth=truth))
    assert ledger.truth().select(["entity_id", "is_fraud"]).to_pylist() == [{"entity_id": "a", "is_fraud": True}]
    assert {rows.type_name for rows in ledger.read(1)} == {"Account"}


def test_the_same_on_both_databases(database_url, tmp_path):
    ledger = Ledger(make_engine(database_url), tmp_path / "ledger")
    report = load(ledger, "people", intake(accounts(("a", "Ann"))))
    assert report.seq == 1
    assert load(ledger, "people", intake(accounts(("a", "Ann")))).already == 1


ROWS = st.lists(
    st.tuples(st.sampled_from("tuvw"), st.sampled_from("ab"), st.sampled_from("ab"), st.integers(1, 2)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(loads=st.lists(st.lists(ROWS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_whatever_comes_in_each_event_is_held_once_and_every_row_is_accounted_for(loads, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    ledger = Ledger(make_engine(f"sqlite:///{folder}/x.db"), folder / "ledger")
    first: dict[str, tuple] = {}
    for number, chunks in enumerate(loads):
        report = load(ledger, str(number), *[intake(transfers(*rows)) for rows in chunks], max_reject_share=1.0)
        flat = [row for rows in chunks for row in rows]
        fresh = {row[0] for row in flat} - first.keys()
        for row in flat:
            first.setdefault(row[0], row)
        rejected = sum(first[row[0]] != row for row in flat)
        assert report.rows_read == report.rows_loaded + report.rows_duplicate + report.rows_rejected == len(flat)
        assert (report.rows_loaded, report.rows_rejected) == (len(fresh), rejected)
    held = [
        (key, start, end, amount)
        for entry in ledger.entries() for rows in ledger.read(entry.seq) if rows.type_name == "TRANSFER"
        for key, start, end, amount in zip(*(rows.table[name].to_pylist() for name in ("id", "from_id", "to_id", "amount_minor")), strict=True)
    ]  # fmt: skip
    assert sorted(held) == sorted(first.values())


def test_new_changed_and_stub_nodes_of_one_label_in_one_load_stay_apart(ledger):
    load(ledger, "one", intake(accounts(("a", "Ann"))))
    report = load(ledger, "two", intake(accounts(("a", "Anna"), ("b", "Bo")), transfers(("t1", "a", "unknown", 5))))
    assert (report.new["Account"], report.changed["Account"]) == (2, 1)
    assert ids_of(ledger, 2, "Account") == ["a", "b", "unknown"]


def test_a_part_from_before_a_column_was_added_is_read(tmp_path):
    row = {
        "id": "f",
        "kind": "k",
        "title": "t",
        "score": 0.5,
        "run_id": "r",
        "algorithm_version": "1",
        "data_seq": 0,
        "created_at_ms": 1,
    }
    rows = RowSet("Finding", conform("Finding", pa.table({name: [value] for name, value in row.items()})))
    part = write_part(tmp_path, rows, 1)
    pq.write_table(pq.read_table(tmp_path / part.file).drop_columns(["said"]), tmp_path / part.file)
    read = read_part(tmp_path, replace(part, sha256=file_hash(tmp_path / part.file)), 3, 7)
    assert read.table.schema == rows.table.schema
    assert (read.table["title"][0].as_py(), read.table["said"][0].as_py(), read.table["load_seq"][0].as_py()) == (
        "t",
        None,
        3,
    )
