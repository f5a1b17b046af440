"""SIGKILL at random moments of applying: the store opens again with whole batches only, and goes on from there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from ladybug_child import expected, series

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
            # A batch whose rows are in but whose mark is not counts as not applied: it is resumed below.
            if store.query("MATCH (b:RingtraceBatch) WHERE b.seq > $seq RETURN b.seq", {"seq": applied}).rows:
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
        child.communicate()
        with opened(settings) as store:
            assert store.applied_seq() >= max(acknowledged, default=applied)
    with opened(settings) as store:
        last = store.applied_seq() + 1
        store.apply(last, series(last))
        assert state(store) == expected(last)
