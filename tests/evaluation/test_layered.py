"""Detection as of a past date sees the past only, and truth never reaches it."""

from __future__ import annotations

import polars as pl
import pytest
from evaluation_samples import ACCOUNTS, GANG, HOUR, START, TRANSFERS, rows, shelf, transfer
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import datasets, running
from evaluation.layered import Layered
from evaluation.shelf import Shelf
from evaluation.truth import Truth
from graph.model import RowSet
from graph.schema import rel_pairs

UNTIL = START + 10 * HOUR


def seen(base, until=UNTIL):
    layer = Layered(base, until)
    return {
        "accounts": layer.scan_nodes("Account", ["id", "status", "opened_at_ms"]).to_pylist(),
        "transfers": layer.scan_rels("TRANSFER", ["id", "amount_minor", "at_ms"]).to_pylist(),
        "devices": layer.scan_rels("USED_DEVICE", ["first_seen_ms", "last_seen_ms", "count"]).to_pylist(),
        "owns": layer.scan_rels("OWNS", ["since_ms"]).to_pylist(),
    }


def used(account, first, last):
    return {
        "id": f"{account}|D",
        "from_id": account,
        "to_id": "D",
        "first_seen_ms": first,
        "last_seen_ms": last,
        "count": 9,
    }


def world(later=()):
    ties = rows(
        "USED_DEVICE",
        [used("m1", START, START + 99 * HOUR), used("m2", START + 50 * HOUR, START + 60 * HOUR)],
        ("Account", "Device"),
    )
    owns = rows(
        "OWNS",
        [
            {"id": "o1", "from_id": "p", "to_id": "m1", "since_ms": None},
            {"id": "o2", "from_id": "p", "to_id": "m2", "since_ms": START + 99 * HOUR},
        ],
        ("Person", "Account"),
    )
    return shelf(
        [rows("Device", [{"id": "D"}]), rows("Person", [{"id": "p"}]), ties, owns], transfers=[*TRANSFERS, *later]
    )


def test_only_the_past_is_seen_and_states_say_nothing_of_later():
    past = seen(world())
    assert [row["id"] for row in past["transfers"]] == ["T1", "T2", "T3", "T5"]
    assert all(row["status"] is None for row in past["accounts"])
    assert [(row["from_id"], row["last_seen_ms"], row["count"]) for row in past["devices"]] == [("m1", UNTIL - 1, None)]
    assert [row["to_id"] for row in past["owns"]] == ["m1"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(1, 10**6), st.floats(10, 500)),
        max_size=5,
    )
)
def test_whatever_happens_later_changes_nothing_of_the_past(later):
    more = [
        transfer(f"L{place}", payer, payee, amount, hours) for place, (payer, payee, amount, hours) in enumerate(later)
    ]
    assert seen(world(more)) == seen(world())


def test_no_tie_of_a_node_that_is_not_there_yet_is_left():
    nodes = rows("Account", [{"id": "m1", "opened_at_ms": START - HOUR}, {"id": "young", "opened_at_ms": UNTIL + HOUR}])
    owns = rows(
        "OWNS",
        [{"id": f"o-{end}", "from_id": "p", "to_id": end, "since_ms": None} for end in ("m1", "young")],
        ("Person", "Account"),
    )
    layer = Layered(Shelf([nodes, rows("Person", [{"id": "p"}]), owns]), UNTIL)
    assert layer.scan_nodes("Account", ["id"])["id"].to_pylist() == ["m1"]
    assert layer.scan_rels("OWNS", [], ("Person", "Account"))["to_id"].to_pylist() == ["m1"]
    assert layer.scan_rels("OWNS", ["since_ms"])["to_id"].to_pylist() == ["m1"]


def test_every_end_of_a_generated_town_as_of_a_date_is_there():
    whole = datasets.town(6_000, 7, "normal")
    for days in (7, 30, 60):
        layer = Layered(whole.base, START + days * 24 * HOUR)
        for start, name, end in rel_pairs():
            if name == "INVOLVES":
                continue
            ties = layer.scan_rels(name, [], (start, end))
            for column, label in (("from_id", start), ("to_id", end)):
                assert set(ties[column].to_pylist()) <= set(layer.scan_nodes(label, ["id"])["id"].to_pylist()), (
                    name,
                    label,
                )


def test_an_account_of_unknown_age_appears_with_its_first_payment():
    nodes = rows("Account", [{"id": id, "kind": "bank", "opened_at_ms": None} for id in [*ACCOUNTS, "later"]])
    base = Shelf([nodes, rows("TRANSFER", TRANSFERS, ("Account", "Account"))])
    assert [row["id"] for row in seen(base)["accounts"]] == ["h1", "h2", "m1", "m2", "out", "v1"]


def test_detection_as_of_a_date_does_not_change_when_the_future_is_rewritten():
    whole = datasets.town(6_000, 7, "easy")
    middle = START + 45 * 24 * HOUR
    names = ["mule_chain", "fan_in", "pass_through", "community"]
    cut = running.run_all(whole.base, names, until_ms=middle)
    other = running.run_all(rewritten(whole.base, middle), names, until_ms=middle)
    assert [item.found for item in cut] == [item.found for item in other]
    assert sum(len(item.found) for item in cut) > 3
    unlimited = running.run_all(whole.base, names)
    assert [item.found for item in unlimited] != [item.found for item in cut]


def rewritten(base, until):
    """The same data with every later event turned round and its amount changed."""
    parts = []
    for item in base._rowsets:
        table = item.table
        if item.type_name == "TRANSFER":
            frame = pl.from_arrow(table)
            late = pl.col("at_ms") >= until
            frame = frame.with_columns(
                from_id=pl.when(late).then("to_id").otherwise("from_id"), to_id=pl.when(late).then("from_id").otherwise("to_id"),
                amount_minor=pl.when(late).then(pl.col("amount_minor") * 7 + 1).otherwise("amount_minor"),
            )  # fmt: skip
            table = frame.to_arrow().cast(table.schema)
        parts.append(RowSet(item.type_name, table, item.from_label, item.to_label))
    return Shelf(parts)


def test_truth_never_reaches_detection(monkeypatch):
    """Findings are the same whatever the labels say, and while algorithms run nobody reads a label."""
    from evaluation import assemble

    reading = []
    monkeypatch.setattr(Truth, "ids", lambda *a, **k: reading.append("ids") or set())
    running_now = []
    real = running.run_one

    def watched(*args, **kwargs):
        running_now.append(args[0].name)
        store = args[1]
        assert not any("truth" in name.lower() or "label" in name.lower() for name in vars(store))
        return real(*args, **kwargs)

    monkeypatch.setattr(running, "run_one", watched)
    named = datasets.Named("made", "made", "1", 6)
    from evaluation_samples import truth as made_truth

    from evaluation.labels import labels_of

    other = made_truth(
        ("Account", "h1", "G1", "mule", None, None, True), ("TRANSFER", "T5", "G1", "victim_payment", None, None, True)
    )
    results = []
    for labels in (GANG, other):
        base = shelf()
        data = datasets.DataSet(named, base, labels_of(base, labels))
        results.append([(r.algorithm.name, r.found) for r in running.run_all(data.base)])
        assemble.evaluate_setting([data], None, 0.7)
    assert results[0] == results[1] and running_now and reading == []


@pytest.mark.parametrize("package", ["algorithms", "graph", "loaders", "scoring"])
def test_nothing_that_detects_imports_evaluation_or_reads_the_ledgers_truth(package):
    from pathlib import Path

    for path in Path(package).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import evaluation" not in text and "from evaluation" not in text, path
        assert package == "loaders" or ".truth()" not in text, path
