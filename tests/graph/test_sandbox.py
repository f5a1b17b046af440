"""Console queries on both stores: answers with their keys, and what is stopped without harm."""

from __future__ import annotations

import pytest
from graph_case import load

from core.errors import QueryRefused, QueryStopped
from graph.model import Node, Path, Rel
from graph.port import Limits
from graph.queries.node import node
from graph.stores import ladybug_sandbox

SHORT = Limits(seconds=1.5, rows=100)
BOMBS = [
    "UNWIND range(1, 1000000000) AS x RETURN sum(x)",
    "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y RETURN x, y ORDER BY x + y",
    "RETURN list_reduce(range(1, 100000000), (x, y) -> x + y)",
    "RETURN repeat('aaaaaaaaaa', 1000000000)",
    "MATCH (a)-[*1..30]->(b) MATCH (c)-[*1..30]->(d) MATCH (e)-[*1..30]->(f) RETURN count(*)",
]
FILES = [
    "LOAD FROM '/etc/passwd' (file_format='csv', header=false) RETURN *",
    "COPY (MATCH (a:Account) RETURN a.id) TO '/tmp/ringtrace-must-not-exist.csv'",
    "EXPORT DATABASE '/tmp/ringtrace-must-not-exist'",
    "ATTACH '/etc/passwd' AS x (dbtype ladybug)",
    "CREATE (:Account {id: 'x'})",
    "INSTALL json",
]


@pytest.fixture
def case(store):
    load(store)
    return store


def snapshot(store):
    """The sandbox alone, without the token check in front of it."""
    return store._snapshots.current(store.applied_seq(), store._copy_file)


def test_nodes_relationships_and_paths_carry_keys(case):
    row = case.console(
        "MATCH p = (a:Account {id: $id})-[r:TRANSFER]->(b:Account) WHERE r.id = 't3' RETURN a, r, p, r.amount_minor AS n",
        {"id": "CCB-M1"}, SHORT,
    ).dicts()[0]  # fmt: skip
    assert isinstance(row["a"], Node) and row["a"].key == ("Account", "CCB-M1")
    assert isinstance(row["p"], Path) and [item.id for item in row["p"].nodes] == ["CCB-M1", "ABC-M3"]
    assert row["n"] == 590_000
    alone = case.console("MATCH (a:Account)-[r:OWNS|TRANSFER]->(b) WHERE r.id = 't3' RETURN r", {}, SHORT).rows[0][0]
    assert isinstance(alone, Rel)
    assert (alone.type, alone.start, alone.end) == ("TRANSFER", ("Account", "CCB-M1"), ("Account", "ABC-M3"))


def test_rows_are_cut_and_said(case):
    found = case.console("UNWIND range(1, 1000) AS x RETURN x", {}, Limits(5, 10))
    assert (len(found.rows), found.truncated, found.columns) == (10, True, ("x",))
    assert not case.console("UNWIND range(1, 10) AS x RETURN x", {}, Limits(5, 10)).truncated


def test_bytes_are_cut_and_said(case):
    texts, long = "UNWIND range(1, 50) AS x RETURN x, $long AS long", {"long": "诈" * 50_000}
    found = case.console(texts, long, Limits(20, 100, 1 << 20))
    assert 0 < len(found.rows) < 50 and found.truncated and found.over_bytes
    assert sum(len(text.encode()) for _, text in found.rows) <= 1 << 20
    whole = case.console("UNWIND range(1, 50) AS x RETURN x", {}, Limits(5, 100, 1 << 20))
    assert (len(whole.rows), whole.truncated, whole.over_bytes) == (50, False, False)
    assert case.console(texts, long, Limits(20, 100, 1000)).rows == (), "not even the first row fits"


def test_refused_in_one_line(case):
    for cypher, params in (
        ("MATCH (a:Account) RETURN $missing", {}),
        ("MATCH (a RETURN a", {}),
        ("MATCH (a:Account) SET a.name = 'x'", {}),
        ("MATCH (a:Account) RETURN nope(a)", {}),
    ):
        with pytest.raises(QueryRefused) as caught:
            case.console(cypher, params, SHORT)
        assert "\n" not in str(caught.value)
    assert node(case, "Account", "CCB-M1").properties["name"] == "Zhang Wei"


def test_a_long_query_is_stopped_and_the_store_lives(case):
    with pytest.raises(QueryStopped):
        case.console(
            "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y UNWIND range(1, 100000) AS z RETURN sum(x + y + z)",
            {}, SHORT,
        )  # fmt: skip
    assert node(case, "Account", "CCB-M1") is not None


@pytest.mark.parametrize("cypher", BOMBS)
def test_the_child_alone_survives_no_bomb(ladybug_store, cypher):
    load(ladybug_store)
    with snapshot(ladybug_store) as path, pytest.raises((QueryStopped, QueryRefused)):
        ladybug_sandbox.run(path, cypher, {}, SHORT)
    assert node(ladybug_store, "Account", "CCB-M1") is not None


@pytest.mark.parametrize("cypher", FILES)
def test_the_child_alone_reaches_no_file(ladybug_store, cypher):
    load(ladybug_store)
    with snapshot(ladybug_store) as path, pytest.raises((QueryRefused, QueryStopped)) as caught:
        ladybug_sandbox.run(path, cypher, {}, SHORT)
    assert "root:" not in str(caught.value)


def test_parameters_must_be_plain(ladybug_store):
    with snapshot(ladybug_store) as path, pytest.raises(QueryRefused, match="plain JSON"):
        ladybug_sandbox.run(path, "RETURN $x", {"x": object()}, SHORT)
