"""A graph store is a projection: it catches up, says when it differs, and can be made anew."""

from __future__ import annotations

import pyarrow as pa
import pytest

from core.db import make_engine
from core.errors import StoreDamaged
from graph.intake import Intake, Source
from graph.model import RowSet, conform
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
