"""The same data gives the same findings on both stores."""

from __future__ import annotations

import pytest

from algorithms._base import catalog
from algorithms._run import order, run_one

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    from core.db import make_engine
    from graph.intake import Source
    from ledger.book import Ledger
    from loaders._base import LoadContext
    from loaders.synthetic import LOADER
    from loaders.town import generate

    folder = tmp_path_factory.mktemp("town")
    generate(folder / "data", transfers=5_000, seed=11, difficulty="easy")
    ledger = Ledger(make_engine(f"sqlite:///{folder}/x.db"), folder / "ledger")
    intakes = LOADER.read(folder / "data", {}, LoadContext())
    ledger.append(Source("town", "synthetic", "town"), intakes, by="test")
    return ledger


def found(ledger, store):
    """Every finding as comparable text, without the ids and times of the run itself."""
    from ledger.projection import catch_up

    catch_up(ledger, store, up_to=1)
    rows = []
    for item in order(list(catalog())):
        if item.after:
            continue  # reads findings of this very run from the store: covered where it is tested
        outcome = run_one(
            item, store, item.params(), engine="local", data_seq=1, run_id="run-1", progress=lambda *_: None
        )
        for rowset in outcome.rowsets:
            dropped = [
                name for name in ("created_at_ms", "loaded_at_ms", "load_seq") if name in rowset.table.column_names
            ]
            rows += [(rowset.type_name, str(row)) for row in rowset.table.drop_columns(dropped).to_pylist()]
    return sorted(rows)


def test_both_stores_give_the_same_findings(generated, ladybug_store, neo4j_store):
    ours = found(generated, ladybug_store)
    assert {kind for kind, _ in ours} == {"Finding", "INVOLVES"}
    assert len(ours) > 50
    assert found(generated, neo4j_store) == ours
