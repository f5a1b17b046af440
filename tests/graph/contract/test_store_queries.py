"""Contract of every store: answers in Ringtrace's own objects, parameters checked, scans and paths alike."""

from __future__ import annotations

import pyarrow as pa
import pytest
from contract_rows import nodes, rels, transfers

from graph.model import Node, Path, Rel
from graph.port import GraphStore


@pytest.fixture
def town(store: GraphStore) -> GraphStore:
    """p owns a; a pays b twice and c once, b and c pay d, d pays itself, e stands alone."""
    store.apply(1, [
        nodes("Account", {"id": "a", "name": "A"}, "b", "c", "d", "e"),
        nodes("Person", {"id": "p", "name": "Pei"}), nodes("Phone", "+8613800000000"),
        rels("OWNS", "Person", "Account", {"id": "o1", "from_id": "p", "to_id": "a"}),
        rels("OWNS", "Person", "Phone", {"id": "o2", "from_id": "p", "to_id": "+8613800000000"}),
        transfers(("t1", "a", "b", 5), ("t2", "a", "b", 6), ("t3", "a", "c", 7), ("t4", "b", "d", 8), ("t5", "c", "d", 9), ("t6", "d", "d", 1)),
    ])  # fmt: skip
    return store


def test_nodes_relationships_and_lists(town: GraphStore) -> None:
    row = town.query(
        "MATCH (p:Person)-[o:OWNS]->(a:Account) RETURN p, o, a, a.name AS name, [a.id, p.id] AS ids, labels(p) AS labels"
    ).dicts()[0]
    assert row["p"] == Node("Person", "p", {"name": "Pei"})
    assert row["o"] == Rel("OWNS", "o1", ("Person", "p"), ("Account", "a"), {})
    assert row["a"].key == ("Account", "a")
    assert (row["name"], row["ids"]) == ("A", ["a", "p"])


def test_a_relationship_alone_knows_its_ends(town: GraphStore) -> None:
    rows = town.query("MATCH (:Account {id: 'b'})-[t:TRANSFER]->() RETURN t").rows
    assert rows[0][0] == Rel(
        "TRANSFER",
        "t4",
        ("Account", "b"),
        ("Account", "d"),
        {"amount_minor": 8, "currency": "CNY", "at_ms": 1_700_000_003_000},
    )
    owns = town.query("MATCH (:Person)-[o:OWNS]->() RETURN o ORDER BY o.id").rows
    assert [(rel.start, rel.end) for (rel,) in owns] == [
        (("Person", "p"), ("Account", "a")), (("Person", "p"), ("Phone", "+8613800000000")),
    ]  # fmt: skip


def test_collected_objects_are_objects(town: GraphStore) -> None:
    rows = town.query(
        "MATCH (a:Account {id: 'a'})-[t:TRANSFER]->(b:Account) RETURN collect(t) AS rels, collect(b) AS nodes"
    ).rows
    found, ends = rows[0]
    assert sorted((rel.id, rel.start[1], rel.end[1]) for rel in found) == [
        ("t1", "a", "b"),
        ("t2", "a", "b"),
        ("t3", "a", "c"),
    ]
    assert sorted(node.id for node in ends) == ["b", "b", "c"]


def test_paths(town: GraphStore) -> None:
    rows = town.query(
        "MATCH p = (:Person {id: 'p'})-[:OWNS]->(:Account)-[:TRANSFER]->(:Account {id: 'c'}) RETURN p"
    ).rows
    path = rows[0][0]
    assert isinstance(path, Path)
    assert [node.key for node in path.nodes] == [("Person", "p"), ("Account", "a"), ("Account", "c")]
    assert [rel.id for rel in path.rels] == ["o1", "t3"]


def test_no_rows(town: GraphStore) -> None:
    result = town.query("MATCH (a:Account {id: $id}) RETURN a.id AS id, a", {"id": "nobody"})
    assert result.rows == () and result.columns == ("id", "a")


def test_optional_match_gives_none(town: GraphStore) -> None:
    rows = town.query("MATCH (a:Account {id: 'e'}) OPTIONAL MATCH (a)-[t:TRANSFER]->(b:Account) RETURN a.id, t, b").rows
    assert rows == (("e", None, None),)


def test_a_missing_parameter_is_an_error(town: GraphStore) -> None:
    with pytest.raises(KeyError, match=r"\$who"):
        town.query("MATCH (a:Account {id: $who}) RETURN a")
    with pytest.raises(KeyError, match=r"\$b"):
        town.query("MATCH (a:Account {id: $a}) WHERE a.name = $b RETURN a", {"a": "x"})


def test_a_dollar_in_a_string_or_comment_is_no_parameter(town: GraphStore) -> None:
    rows = town.query("MATCH (a:Account {id: 'a'}) /* $x */ WHERE a.id <> '$y' RETURN \"it's $z\" AS text // $w").rows
    assert rows == (("it's $z",),)


def test_list_parameters(town: GraphStore) -> None:
    cypher = "MATCH (a:Account) WHERE a.id IN $ids RETURN a.id ORDER BY a.id"
    assert town.query(cypher, {"ids": ["c", "a", "nobody"]}).rows == (("a",), ("c",))
    assert town.query(cypher, {"ids": []}).rows == ()
    assert town.query("UNWIND $ids AS id MATCH (a:Account {id: id}) RETURN a.id", {"ids": ["a"]}).rows == (("a",),)


def test_a_parameter_is_never_text_of_the_query(town: GraphStore) -> None:
    assert town.query("MATCH (a:Account {id: $id}) RETURN a", {"id": "a'}) RETURN a //"}).rows == ()


def test_parallel_transfers_and_self_transfers_are_kept_apart(town: GraphStore) -> None:
    count = "MATCH (a:Account {id: $a})-[t:TRANSFER]->(b:Account {id: $b}) RETURN count(t)"
    assert town.query(count, {"a": "a", "b": "b"}).rows == ((2,),)
    assert town.query(count, {"a": "d", "b": "d"}).rows == ((1,),)


def test_the_undirected_self_loop_trap(town: GraphStore) -> None:
    """The stores differ (1 and 2), which is why trusted queries name a direction."""
    found = town.query("MATCH (a:Account {id: 'd'})-[t:TRANSFER]-(b:Account {id: 'd'}) RETURN count(t)").rows[0][0]
    assert found == {"neo4j": 1, "ladybug": 2}[town.name]


def test_scans(town: GraphStore) -> None:
    accounts = town.scan_nodes("Account", ["id", "name"])
    assert accounts.to_pydict() == {"id": ["a", "b", "c", "d", "e"], "name": ["A", None, None, None, None]}
    moved = town.scan_rels("TRANSFER", ["id", "amount_minor", "memo"])
    assert moved.column_names == ["from_id", "to_id", "id", "amount_minor", "memo"]
    assert moved.schema.field("memo").type == pa.string() and moved.schema.field("amount_minor").type == pa.int64()
    rows = sorted(zip(*(moved[name].to_pylist() for name in ("id", "from_id", "to_id", "amount_minor")), strict=True))
    assert rows[0] == ("t1", "a", "b", 5) and rows[-1] == ("t6", "d", "d", 1) and len(rows) == 6


def test_scans_of_pairs(town: GraphStore) -> None:
    assert sorted(town.scan_rels("OWNS", ["id"])["id"].to_pylist()) == ["o1", "o2"]
    assert town.scan_rels("OWNS", ["id"], ("Person", "Phone"))["id"].to_pylist() == ["o2"]
    assert town.scan_rels("OWNS", (), ("Merchant", "Device")).num_rows == 0
    empty = town.scan_rels("MOVED", ["id", "amount_minor"])
    assert empty.num_rows == 0 and empty.schema.field("amount_minor").type == pa.int64()


def test_unknown_names_are_refused(town: GraphStore) -> None:
    for call in (
        lambda: town.scan_nodes("Account", ["nonsense"]), lambda: town.scan_nodes("Nonsense", ["id"]),
        lambda: town.scan_rels("OWNS", [], ("Phone", "Person")), lambda: town.scan_edges("TRANSFER", ["x) RETURN 1 //"]),
        lambda: town.shortest_paths(("Account", "a"), ("Account", "b"), ["NONSENSE"]),
        lambda: town.shortest_paths(("Nonsense", "a"), ("Account", "b"), ["TRANSFER"]),
    ):  # fmt: skip
        with pytest.raises(KeyError):
            call()
    with pytest.raises(ValueError, match="name one"):
        town.scan_edges("OWNS", [])


def test_edges_as_positions(town: GraphStore) -> None:
    edges = town.scan_edges("TRANSFER", ["id", "amount_minor"])
    assert edges.table.column_names == ["from_pos", "to_pos", "id", "amount_minor"]
    ids = edges.from_ids.to_pylist()
    assert ids == edges.to_ids.to_pylist() == town.scan_nodes("Account", ["id"])["id"].to_pylist()
    found = {row["id"]: (ids[row["from_pos"]], ids[row["to_pos"]]) for row in edges.table.to_pylist()}
    assert found == {
        "t1": ("a", "b"),
        "t2": ("a", "b"),
        "t3": ("a", "c"),
        "t4": ("b", "d"),
        "t5": ("c", "d"),
        "t6": ("d", "d"),
    }
    owns = town.scan_edges("OWNS", [], ("Person", "Account"))
    assert owns.table.to_pydict() == {"from_pos": [0], "to_pos": [0]} and owns.from_ids.to_pylist() == ["p"]
    assert town.scan_edges("MOVED", ["id"]).table.num_rows == 0


def hops(path: Path) -> list[str]:
    return [rel.id for rel in path.rels]


def test_shortest_paths(town: GraphStore) -> None:
    start = ("Account", "a")
    assert [hops(p) for p in town.shortest_paths(start, ("Account", "c"), ["TRANSFER"])] == [["t3"]]
    several = town.shortest_paths(start, ("Account", "d"), ["TRANSFER"], directed=True)
    assert [hops(p) for p in several] == [["t1", "t4"], ["t2", "t4"], ["t3", "t5"]]
    assert [node.id for node in several[0].nodes] == ["a", "b", "d"]
    assert len(town.shortest_paths(start, ("Account", "d"), ["TRANSFER"], limit=2)) == 2


def test_no_shortest_path(town: GraphStore) -> None:
    a, d = ("Account", "a"), ("Account", "d")
    assert town.shortest_paths(a, ("Account", "e"), ["TRANSFER"]) == []
    assert town.shortest_paths(a, ("Account", "nobody"), ["TRANSFER"]) == []
    assert town.shortest_paths(d, a, ["TRANSFER"], directed=True) == []
    assert town.shortest_paths(a, d, ["TRANSFER"], max_hops=1) == []
    assert town.shortest_paths(a, a, ["TRANSFER"]) == []


def test_shortest_paths_over_several_types_against_the_direction(town: GraphStore) -> None:
    found = town.shortest_paths(("Account", "b"), ("Person", "p"), ["OWNS", "TRANSFER"])
    assert [hops(path) for path in found] == [["t1", "o1"], ["t2", "o1"]]
    assert [node.key for node in found[0].nodes] == [("Account", "b"), ("Account", "a"), ("Person", "p")]
    assert found[0].rels[0].start == ("Account", "a")
