"""The money patterns find the same on the embedded store as on the rows in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from algorithms._base import Found, Task, catalog
from core.db import make_engine
from evaluation.shelf import read
from graph.intake import Source
from graph.stores.ladybug import LadybugStore
from ledger.book import Ledger
from ledger.projection import catch_up
from loaders._base import LoadContext
from loaders.synthetic import LOADER
from loaders.town.generate import generate

NAMES = (
    "scatter_gather", "gather_scatter", "bipartite", "stack", "random_walk", "key_account", "structuring", "pass_through",
    "dormant_burst", "new_account_burst", "crypto_round_trip", "shared_device", "sim_farm", "call_then_pay", "lookalike", "changed_accounts",
    "roles", "gang",
)  # fmt: skip


@pytest.mark.slow
def test_same_findings_on_the_embedded_store(tmp_path: Path, ladybug_store: LadybugStore) -> None:
    generate(tmp_path / "town", transfers=8_000, seed=11, difficulty="easy")
    shelf, _ = read(tmp_path / "town", "synthetic")
    ledger = Ledger(make_engine(f"sqlite:///{tmp_path}/x.db"), tmp_path / "ledger")
    ledger.append(Source("town", "synthetic", "town"), LOADER.read(tmp_path / "town", {}, LoadContext()), by="test")
    catch_up(ledger, ladybug_store)

    def found(name: str, store: object) -> list[Found]:
        algorithm = catalog()[name]
        return algorithm.find(Task(store), algorithm.params())  # type: ignore[arg-type]

    counts = {}
    for name in NAMES:
        ours = found(name, ladybug_store)
        assert ours == found(name, shelf), name
        counts[name] = len(ours)
    # Not a comparison of nothing with nothing.
    assert sum(count > 0 for count in counts.values()) >= 5, counts
