"""The embedded store's file: in use, of another version, damaged, full disk; each a one-line error."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ladybug
import pytest
from contract_rows import many_accounts, nodes, rels, transfers

from core.errors import RingtraceError, StoreDamaged, StoreOutdated, StoreUnavailable
from core.message import Said
from core.settings import Settings
from graph.queries import findings as queries
from graph.schema import NODES, RELS
from graph.stores import discard_store, ladybug_file, open_store
from graph.stores.ladybug import LadybugStore

CHILD = Path(__file__).with_name("ladybug_child.py")


def one_line(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text and "Traceback" not in text
    return text


@pytest.fixture
def filled(settings: Settings) -> Path:
    """The file of a closed store with some rows."""
    store = LadybugStore.open(settings)
    store.apply(1, [many_accounts(5000), nodes("Person", "p"), transfers(("t", "a1", "a2"))])
    store.close()
    return settings.store_path


def test_what_was_applied_is_there_after_opening_again(filled: Path, settings: Settings) -> None:
    store = open_store(settings)
    assert store.applied_seq() == 1 and store.counts()["Account"] == 5000
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.counts()


def test_in_use_by_another_process(settings: Settings) -> None:
    child = subprocess.Popen(
        [sys.executable, str(CHILD), "hold", str(settings.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline().strip() == "go"
    try:
        with pytest.raises(StoreUnavailable, match="in use by another process") as caught:
            LadybugStore.open(settings)
        assert str(settings.store_path) in one_line(caught.value)
        with pytest.raises(StoreUnavailable, match="in use by another process"):
            discard_store(settings)
    finally:
        child.communicate(timeout=60)
    LadybugStore.open(settings).close()


def test_open_twice_in_one_process(ladybug_store: LadybugStore, settings: Settings) -> None:
    with pytest.raises(StoreUnavailable, match="already open in this process"):
        LadybugStore.open(settings)
    with pytest.raises(StoreUnavailable, match="close it first"):
        LadybugStore.discard(settings)


def test_after_a_fork_the_store_is_refused(ladybug_store: LadybugStore) -> None:
    ladybug_store._file._pid = os.getpid() + 1
    with pytest.raises(StoreUnavailable, match="before a fork"):
        ladybug_store.counts()
    ladybug_store._file._pid = os.getpid()


def test_another_schema_version(filled: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.stores.ladybug.SCHEMA_VERSION", 2)
    with pytest.raises(StoreOutdated, match="ringtrace rebuild") as caught:
        LadybugStore.open(settings)
    assert "version 1" in one_line(caught.value)
    monkeypatch.undo()
    LadybugStore.open(settings).close()


def test_a_file_from_before_a_column_was_added(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ddl = "graph.stores.ladybug_ddl"
    monkeypatch.setattr(f"{ddl}.NODES", {name: replace(item, added=()) for name, item in NODES.items()})
    monkeypatch.setattr(f"{ddl}.RELS", {name: replace(item, added=()) for name, item in RELS.items()})
    finding = {"id": "f", "kind": "k", "title": "t", "score": 0.5, "run_id": "r", "algorithm_version": "1"}
    finding |= {"data_seq": 0, "created_at_ms": 1}
    rows = [nodes("Finding", finding), nodes("Account", "a")]
    tie = {"id": "i", "from_id": "f", "to_id": "a", "reason": "why"}
    path = settings.store_path
    store = LadybugStore.open(settings)
    store.close()
    monkeypatch.undo()
    with ladybug.Database(str(path)) as base, ladybug.Connection(base) as connection:
        assert "said" not in {row[1] for row in connection.execute("CALL table_info('Finding') RETURN *").get_all()}
        connection.execute("CREATE (:Finding {id: 'old', title: 'before'})")
    for number in (1, 2):  # the second time there is nothing left to add
        store = LadybugStore.open(settings)
        store.apply(number, [*rows, rels("INVOLVES", "Finding", "Account", tie | {"id": f"i{number}"})])
        assert store.query("MATCH (f:Finding) RETURN f.id, f.title, f.said ORDER BY f.id").rows == (
            ("f", "t", None), ("old", "before", None),
        )  # fmt: skip
        store.close()
    store = LadybugStore.open(settings)
    told = {"said": '[{"say":"t","of":{}}]'}
    big = [many_accounts(10_001), nodes("Finding", finding | told | {"id": "g"})]
    store.apply(
        3, [*big, rels("INVOLVES", "Finding", "Account", tie | {"from_id": "g", "said": '[{"say":"why","of":{}}]'})]
    )
    store.close()
    store = LadybugStore.open(settings)
    view = queries.finding(store, "g")
    assert view is not None and isinstance(view.node.properties["title"], Said) and isinstance(view.members[0][4], Said)
    store.close()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "without its last page": lambda data: data[:-4096],
    "first bytes": lambda data: data[:100],
    "another file": lambda data: b"PK\x03\x04" + b"x" * 9000,
    "no header": lambda data: b"\0" * 4096 + data[4096:],
    "no end": lambda data: data[:-20_480] + b"\0" * 20_480,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file(filled: Path, settings: Settings, how: str) -> None:
    filled.write_bytes(DAMAGE[how](filled.read_bytes()))
    with pytest.raises(StoreDamaged, match="ringtrace rebuild") as caught:
        LadybugStore.open(settings)
    assert str(filled) in one_line(caught.value)
    discard_store(settings)
    store = LadybugStore.open(settings)
    assert store.applied_seq() == 0
    store.close()


def test_a_damaged_log(filled: Path, settings: Settings) -> None:
    filled.with_name(filled.name + ".wal").write_bytes(os.urandom(500))
    with pytest.raises(StoreDamaged):
        LadybugStore.open(settings)


def test_a_full_disk_is_noticed_before_copying(ladybug_store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 1 << 20})
    with monkeypatch.context() as patch:
        patch.setattr(ladybug_file.shutil, "disk_usage", lambda path: usage)
        with pytest.raises(StoreUnavailable, match="MiB free"):
            ladybug_store.apply(1, [many_accounts(12_000)])
    assert ladybug_store.applied_seq() == 0 and ladybug_store.counts()["Account"] == 0
    ladybug_store.apply(1, [many_accounts(12_000)])
    assert ladybug_store.counts()["Account"] == 12_000


def test_a_dangling_end_in_a_big_batch_leaves_nothing(ladybug_store: LadybugStore) -> None:
    with pytest.raises(RingtraceError, match="names Account ghost"):
        ladybug_store.apply(1, [many_accounts(12_000), transfers(("t", "a1", "ghost"))])
    assert sum(ladybug_store.counts().values()) == 0
    ladybug_store.apply(1, [many_accounts(12_000), transfers(("t", "a1", "a2"))])
    assert ladybug_store.counts()["TRANSFER"] == 1


def test_a_batch_interrupted_between_copy_and_updates_is_resumed(
    ladybug_store: LadybugStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladybug_store.apply(1, [many_accounts(10, name="old")])
    batch = [many_accounts(5000, name="new"), transfers(("t", "a1", "a2"))]
    with monkeypatch.context() as patch:
        patch.setattr(
            "graph.stores.ladybug_apply.Writer.mark", lambda *_: (_ for _ in ()).throw(RuntimeError("power cut"))
        )
        with pytest.raises(RingtraceError, match="power cut"):
            ladybug_store.apply(2, batch)
    assert ladybug_store.applied_seq() == 1
    ladybug_store.apply(2, batch)
    assert ladybug_store.counts()["Account"] == 5000 and ladybug_store.counts()["TRANSFER"] == 1
    assert ladybug_store.query("MATCH (a:Account {name: 'new'}) RETURN count(a)").rows == ((5000,),)


def test_a_bad_statement_does_not_break_the_next(ladybug_store: LadybugStore) -> None:
    with pytest.raises(RingtraceError, match="could not answer"):
        ladybug_store.query("MATCH (a:Nonsense) RETURN a")
    assert ladybug_store.query("RETURN 1 AS one").rows == ((1,),)


def test_the_log_is_folded_in_when_it_grows(ladybug_store: LadybugStore, settings: Settings) -> None:
    ladybug_store.checkpoint_bytes = 10_000
    for seq in range(1, 6):
        ladybug_store.apply(seq, [many_accounts(500, first=500 * seq, name="x" * 100)])
    log = settings.store_path.with_name(settings.store_path.name + ".wal")
    assert not log.exists() or log.stat().st_size < 10_000
    assert ladybug_store.counts()["Account"] == 2500


def test_snapshots_are_one_a_version_and_removed(ladybug_store: LadybugStore, settings: Settings) -> None:
    folder = settings.store_path.with_name("snapshots")
    ladybug_store.apply(1, [nodes("Account", "a")])
    with ladybug_store._snapshots.current(1, ladybug_store._copy_file) as first:
        assert first.stat().st_mode & 0o077 == 0
        ladybug_store.apply(2, [nodes("Account", "b")])
        with ladybug_store._snapshots.current(2, ladybug_store._copy_file) as second:
            assert first.exists() and second.exists()
    assert list(folder.iterdir()) == [second]
    ladybug_store.close()
    assert not list(folder.iterdir())
