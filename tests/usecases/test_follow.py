"""The running service applies what another process appended to the ledger."""

from __future__ import annotations

import time

import pyarrow as pa

from core.db import Base, make_engine
from graph.intake import Intake, Source
from graph.model import RowSet, conform
from ledger.book import Ledger
from ledger.projection import rebuild
from usecases.follow import Follower
from usecases.services import Services


def append(ledger, name):
    rows = RowSet("Account", conform("Account", pa.table({"id": [name], "name": [name]})))
    return ledger.append(Source(name, "test", name), [Intake(facts=(rows,), rows_read=1)], by="test")


def test_it_follows_and_stops(tmp_path, settings, store):
    engine = make_engine(f"sqlite:///{tmp_path}/x.db")
    Base.metadata.create_all(engine)
    ledger = Ledger(engine, tmp_path / "ledger")
    rebuild(ledger, store)
    follower = Follower(Services(settings, engine, ledger, store), every_s=0.05)
    follower.start()
    append(ledger, "a")
    append(ledger, "b")
    deadline = time.monotonic() + 30
    while store.applied_seq() < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    follower.stop()
    assert store.counts()["Account"] == 2
    append(ledger, "c")
    time.sleep(0.2)
    assert store.applied_seq() == 2
    assert follower.look() == 1
