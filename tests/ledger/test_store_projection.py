"""A graph store is a projection: it catches up, says when it differs, and can be made anew."""

from __future__ import annotations

import pyarrow as pa
import pytest

from core.db import make_engine
from core.errors import StoreDamaged
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from ledger.backed_store import LedgerBackedStore
from ledger.book import Ledger
from ledger.projection import catch_up, check, rebuild


@pytest.fixture
def ledger(tmp_path):
    return Ledger(make_engine(f"sqlite:///{tmp_path}/x.db"), tmp_path / "ledger")


def append(ledger, name, accounts, transfers=()):
    people = RowSet("Account", conform("Account", pa.table({
        "id": [key for key, _ in accounts], "name": pa.array([text for _, text in accounts], pa.string()),
    })))  # fmt: skip
    facts = [people]
    if transfers:
        ids, starts, ends = zip(*transfers, strict=True)
        size = len(transfers)
        facts.append(RowSet("TRANSFER", conform("TRANSFER", pa.table({
            "from_id": starts, "to_id": ends, "id": ids, "amount_minor": pa.array([5] * size, pa.int64()),
            "currency": ["CNY"] * size, "at_ms": pa.array([1] * size, pa.int64()),
        })), "Account", "Account"))  # fmt: skip
    read = sum(len(rows) for rows in facts)
    return ledger.append(Source(name, "test", name), [Intake(facts=tuple(facts), rows_read=read)], by="test")


def names(store):
    return dict(store.query("MATCH (a:Account) RETURN a.id, a.name").rows)


def test_catching_up_applies_what_is_missing_and_then_nothing(ledger, store):
    store.wipe()
    store.ensure_schema()
    append(ledger, "one", [("a", "Ann"), ("b", None)], [("t1", "a", "b")])
    append(ledger, "two", [("b", "Bo"), ("a", None)], [("t2", "b", "a")])
    assert catch_up(ledger, store) == 2
    assert catch_up(ledger, store) == 0
    assert names(store) == {"a": "Ann", "b": "Bo"}
    assert (store.counts()["Account"], store.counts()["TRANSFER"]) == (2, 2)
    check(ledger, store)


def test_a_rebuild_gives_the_same_and_can_stop_in_the_past(ledger, store):
    append(ledger, "one", [("a", "Ann")])
    append(ledger, "two", [("a", "Anna"), ("b", "Bo")])
    assert rebuild(ledger, store) == 2
    assert names(store) == {"a": "Anna", "b": "Bo"}
    assert rebuild(ledger, store, up_to=1) == 1
    assert names(store) == {"a": "Ann"}
    assert catch_up(ledger, store) == 1
    assert names(store) == {"a": "Anna", "b": "Bo"}


def test_a_store_of_another_ledger_is_named(ledger, store, tmp_path):
    append(ledger, "one", [("a", "Ann")])
    rebuild(ledger, store)
    other = Ledger(make_engine(f"sqlite:///{tmp_path}/other.db"), tmp_path / "other")
    with pytest.raises(StoreDamaged, match=r"belongs to another ledger.*ringtrace rebuild"):
        catch_up(other, store)
    append(other, "else", [("x", "X"), ("y", "Y")])
    assert catch_up(other, store) == 0
    with pytest.raises(StoreDamaged, match="has 1 Account, the ledger 2: run `ringtrace rebuild`"):
        check(other, store)


def used(*rows):
    """Rows are (account, device, first seen, last seen, count)."""
    starts, ends, first, last, count = zip(*rows, strict=True)
    times = {"first_seen_ms": first, "last_seen_ms": last, "count": count}
    return RowSet("USED_DEVICE", conform("USED_DEVICE", pa.table({
        "from_id": starts, "to_id": ends, "id": [f"{start}-{end}" for start, end in zip(starts, ends, strict=True)],
        **{name: pa.array(values, pa.int64()) for name, values in times.items()},
    })), "Account", "Device")  # fmt: skip


def see(ledger, name, *rows):
    sightings = used(*rows)
    ends = [RowSet(label, conform(label, pa.table({"id": sorted(set(sightings.table[column].to_pylist()))})))
            for label, column in (("Account", "from_id"), ("Device", "to_id"))]  # fmt: skip
    intake = Intake(facts=(sightings,), derived=tuple(ends), rows_read=len(sightings))
    return ledger.append(Source(name, "test", name), [intake], by="test")


def seen(store):
    text = "MATCH (:Account)-[r:USED_DEVICE]->(:Device) RETURN r.id, r.first_seen_ms, r.last_seen_ms, r.count ORDER BY r.id"
    return {row[0]: row[1:] for row in store.query(text).rows}


def test_sightings_of_later_loads_widen_what_is_known(ledger, store):
    see(ledger, "may", ("a", "d", 100, 200, 5), ("b", "d", 10, 20, 1), ("c", "d", 5, 9, 2))
    june = see(ledger, "june", ("a", "d", 300, 400, 2), ("b", "d", 15, 40, 4), ("e", "d", 1, 1, 1))
    assert (june.rows_loaded, june.rows_duplicate, june.rows_rejected) == (3, 0, 0)
    assert (june.new["USED_DEVICE"], june.changed["USED_DEVICE"]) == (1, 2)
    april = see(ledger, "april", ("a", "d", 50, 60, None), ("c", "d", None, None, 7), ("b", "d", 12, 18, 3))
    assert (april.rows_loaded, april.rows_duplicate, april.rows_rejected) == (2, 1, 0)
    expected = {"a-d": (50, 400, 8), "b-d": (10, 40, 4), "c-d": (5, 9, 7), "e-d": (1, 1, 1)}
    assert rebuild(ledger, store) == 3
    assert seen(store) == expected
    check(ledger, store)
    store.apply(3, ledger.read(3))
    assert seen(store) == expected
    rebuild(ledger, store, up_to=1)
    assert seen(store) == {"a-d": (100, 200, 5), "b-d": (10, 20, 1), "c-d": (5, 9, 2)}
    catch_up(ledger, store)
    assert seen(store) == expected
    backed = LedgerBackedStore(store, ledger)
    names = ["id", "first_seen_ms", "last_seen_ms", "count"]
    for table in (backed.scan_rels("USED_DEVICE", names, ("Account", "Device")),
                  backed.scan_edges("USED_DEVICE", names, ("Account", "Device")).table):  # fmt: skip
        rows = zip(*(table[name].to_pylist() for name in names), strict=True)
        assert {row[0]: row[1:] for row in rows} == expected
    assert see(ledger, "june again", ("a", "d", 300, 400, 2)).seq == 0


def test_the_same_sightings_twice_in_one_load_are_one_state(ledger, store):
    report = see(ledger, "twice", ("a", "d", 1, 2, 1), ("a", "d", 5, 6, None))
    assert (report.rows_loaded, report.rows_duplicate, report.rows_rejected) == (1, 1, 0)
    rebuild(ledger, store)
    assert seen(store) == {"a-d": (1, 6, 2)}


def test_many_changed_sightings_come_in_bulk(ledger, store):
    rows = [(f"a{number}", f"d{number % 7}", 100, 200, 1) for number in range(2500)]
    see(ledger, "one", *rows)
    see(ledger, "two", *((start, end, 300, 400, 1) for start, end, *_ in rows))
    rebuild(ledger, store)
    found = store.query(
        "MATCH ()-[r:USED_DEVICE]->() RETURN r.first_seen_ms, r.last_seen_ms, r.count, count(*) AS n"
    ).rows
    assert found == ((100, 400, 2, 2500),)
