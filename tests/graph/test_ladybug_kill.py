"""SIGKILL at random moments of applying: the store opens again with whole batches only, and goes on from there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from ladybug_child import ACCOUNTS, BIG, SMALL_SHARE, expected, in_parts, series

from core.errors import StoreUnavailable
from core.settings import Settings
from graph.stores.ladybug import LadybugStore

CHILD = Path(__file__).with_name("ladybug_child.py")
ROUNDS = 12


def opened(settings: Settings) -> closing[LadybugStore]:
    return closing(LadybugStore.open(settings))


def state(store: LadybugStore) -> tuple[int, int, int]:
    seq = store.applied_seq()
    moved = store.query("MATCH ()-[t:TRANSFER]->() RETURN count(t), coalesce(sum(t.amount_minor), 0)").rows[0]
    named = store.query("MATCH (a:Account {name: $name}) RETURN count(a)", {"name": f"batch {seq}"}).rows[0][0]
    return (*moved, named)


@pytest.mark.slow
def test_kill_nine_while_applying(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, buffer_pool_mb=256)
    chance = random.Random()
    for _ in range(ROUNDS):
        with opened(settings) as store:
            applied = store.applied_seq()
            # A batch that is half in counts as not applied and is not shown: it is resumed.
            if store.applying_seq():
                store.apply(applied + 1, series(applied + 1))
                applied += 1
            assert state(store) == expected(applied)
        child = subprocess.Popen(
            [sys.executable, str(CHILD), "apply", str(tmp_path), str(applied + 1), str(applied + 6)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None and child.stdout.readline().strip() == "go", (
            child.stderr and child.stderr.read()
        )
        time.sleep(chance.random() * 1.5)
        child.kill()
        acknowledged = [int(line) for line in child.stdout.read().split()]
        child.communicate(timeout=60)
        with opened(settings) as store:
            assert store.applied_seq() >= max(acknowledged, default=applied)
    with opened(settings) as store:
        last = store.applied_seq() + 1
        store.apply(last, series(last))
        assert state(store) == expected(last)


def contents(store: LadybugStore) -> tuple[object, ...]:
    moved = store.query("MATCH ()-[t:TRANSFER]->() RETURN count(t), count(DISTINCT t.id), sum(t.amount_minor)").rows[0]
    return (*moved, store.query("MATCH (a:Account) RETURN a.name AS name, count(*) AS n ORDER BY name").rows)


@pytest.mark.slow
def test_kill_nine_at_every_step_of_a_batch_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each start dies a little later, at the next statement or in the middle of it; between, nobody sees half a batch."""
    settings = Settings(home=tmp_path / "home", buffer_pool_mb=256)
    whole = Settings(home=tmp_path / "whole", buffer_pool_mb=256)
    for each in (settings, whole):
        with opened(each) as store:
            store.apply(1, series(1))
            before = contents(store)
    with opened(whole) as store:
        store.apply(2, in_parts())
        after = contents(store)
    halves = finished = 0
    for step in [1, 6.5, 8, 10.5, 11, 14, 17.5, 22, 1000]:
        child = subprocess.run(
            [sys.executable, str(CHILD), "strike", str(settings.home), str(step)], capture_output=True, timeout=120
        )
        assert child.returncode in (0, -9), child.stderr
        with opened(settings) as store:
            if store.applying_seq():
                halves += 1
                assert store.applied_seq() == 1
                for ask in (store.counts, lambda: store.scan_nodes("Account", ["id"]), lambda: store.query("RETURN 1")):
                    with pytest.raises(StoreUnavailable, match="a part of batch 2"):
                        ask()
            else:
                finished += store.applied_seq() == 2
                assert contents(store) == (after if store.applied_seq() == 2 else before)
    assert halves >= 4 and finished >= 1
    with opened(settings) as store:
        assert contents(store) == after


def test_a_batch_is_the_same_in_parts_and_in_one(ladybug_store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, int] = {}
    ladybug_store.apply(1, series(1))
    monkeypatch.setattr("graph.stores.ladybug_bulk.PART_SHARE", SMALL_SHARE)
    ladybug_store.apply(2, in_parts(), lambda what, rows: said.__setitem__(what, said.get(what, 0) + rows))
    assert said == {"Account": ACCOUNTS + 2000, "TRANSFER": 12_000}
    marks = ladybug_store.query("MATCH (p:RingtracePart {seq: 2}) RETURN p.rows_done ORDER BY p.rows_done").rows
    assert len(marks) > 5 and marks[-1] == (ACCOUNTS + 2000 + 12_000,)
    names = ladybug_store.query("MATCH (a:Account) RETURN a.name AS name, count(*) AS n ORDER BY name").rows
    assert names == (("batch 1", 1000), ("later", ACCOUNTS + 2000))
    assert ladybug_store.counts()["TRANSFER"] == BIG + 12_000
