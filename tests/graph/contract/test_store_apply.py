"""Contract of every store: schema, batches, upserts, counts, wiping."""

from __future__ import annotations

import pytest
from contract_rows import many_accounts, many_transfers, nodes, rels, transfers

from core.errors import BadInput, Conflict
from graph.port import GraphStore
from graph.schema import NODES, RELS, SCHEMA_VERSION, rel_pairs


def name_of(store: GraphStore, key: str) -> object:
    return store.query("MATCH (a:Account {id: $id}) RETURN a.name AS name", {"id": key}).rows[0][0]


def test_an_empty_store(store: GraphStore) -> None:
    assert store.applied_seq() == 0
    assert store.counts() == dict.fromkeys([*NODES, *RELS], 0)


def test_schema_can_be_made_again(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", "a")])
    store.ensure_schema()
    assert store.counts()["Account"] == 1 and store.applied_seq() == 1
    version = store.query("MATCH (m:RingtraceMeta {id: 'store'}) RETURN m.schema_version").rows
    assert version == ((SCHEMA_VERSION,),)


def test_every_label_and_pair_of_the_schema_can_be_written(store: GraphStore) -> None:
    needs = {"amount_minor": 1, "currency": "CNY", "at_ms": 1}
    finding = {"id": "x", "kind": "k", "title": "t", "score": 0.5, "run_id": "r", "algorithm_version": "1"}
    finding |= {"data_seq": 0, "created_at_ms": 1}
    batch = [nodes(label, finding if label == "Finding" else "x") for label in NODES]
    for number, (start, name, end) in enumerate(rel_pairs()):
        row = {"id": f"r{number}", "from_id": "x", "to_id": "x"}
        batch.append(
            rels(name, start, end, row | {k: v for k, v in needs.items() if k in {p.name for p in RELS[name].columns}})
        )
    store.apply(1, batch)
    expected = dict.fromkeys(NODES, 1) | {name: len(rel.pairs) for name, rel in RELS.items()}
    assert store.counts() == expected


def test_an_upsert_sets_what_comes_and_leaves_the_rest(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", {"id": "a", "name": "Ana", "region": "Yunnan", "is_blocked": False})])
    store.apply(2, [nodes("Account", {"id": "a", "name": "Anna", "is_blocked": True}, {"id": "b", "name": "Bo"})])
    node = store.query("MATCH (a:Account {id: 'a'}) RETURN a").rows[0][0]
    assert node.properties == {"name": "Anna", "region": "Yunnan", "is_blocked": True}
    assert name_of(store, "b") == "Bo"
    assert store.counts()["Account"] == 2


def test_a_stub_changes_nothing_on_a_node_that_exists(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", {"id": "a", "name": "Ana", "source": "bank.csv", "load_seq": 1})])
    store.apply(
        2,
        [
            nodes(
                "Account", {"id": "a", "source": "transfers.csv", "load_seq": 2}, {"id": "b", "source": "transfers.csv"}
            )
        ],
    )
    rows = store.query("MATCH (a:Account) RETURN a.id, a.source ORDER BY a.id").rows
    assert rows == (("a", "bank.csv"), ("b", "transfers.csv"))


def test_rows_of_one_key_in_a_batch_become_one_node(store: GraphStore) -> None:
    store.apply(
        1,
        [
            nodes("Account", {"id": "a", "name": "Ana"}, {"id": "a", "region": "Yunnan"}),
            nodes("Account", {"id": "a", "kind": "bank"}),
        ],
    )
    node = store.query("MATCH (a:Account) RETURN a").rows[0][0]
    assert store.counts()["Account"] == 1
    assert node.properties == {"name": "Ana", "region": "Yunnan", "kind": "bank"}


def test_an_older_batch_is_ignored_and_a_gap_is_refused(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", "a")])
    store.apply(1, [nodes("Account", "b")])
    assert store.counts()["Account"] == 1
    with pytest.raises(Conflict, match="ends at 1"):
        store.apply(3, [nodes("Account", "c")])
    assert store.applied_seq() == 1


def test_an_empty_batch_moves_the_sequence(store: GraphStore) -> None:
    store.apply(1, [])
    store.apply(2, [many_accounts(0), many_transfers(0, 1)])
    assert store.applied_seq() == 2 and sum(store.counts().values()) == 0


def test_a_dangling_end_is_named_and_nothing_is_applied(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", "a")])
    with pytest.raises(BadInput, match="TRANSFER names Account ghost") as caught:
        store.apply(2, [nodes("Account", "b"), transfers(("t1", "a", "b"), ("t2", "a", "ghost"))])
    assert caught.value.code == "dangling_end"
    assert store.applied_seq() == 1
    assert store.counts()["Account"] == 1 and store.counts()["TRANSFER"] == 0
    store.apply(2, [nodes("Account", "ghost"), transfers(("t2", "a", "ghost"))])
    assert store.counts()["TRANSFER"] == 1


def test_a_big_batch(store: GraphStore) -> None:
    seen: dict[str, int] = {}
    batch = [many_accounts(3000, name="n", load_seq=1), many_transfers(20_000, 3000)]
    store.apply(1, batch, lambda what, rows: seen.__setitem__(what, seen.get(what, 0) + rows))
    assert seen == {"Account": 3000, "TRANSFER": 20_000}
    assert store.counts()["Account"] == 3000 and store.counts()["TRANSFER"] == 20_000
    total = store.query("MATCH ()-[t:TRANSFER]->() RETURN sum(t.amount_minor)").rows[0][0]
    assert total == sum(range(20_000))
    store.apply(1, batch)
    assert store.counts()["TRANSFER"] == 20_000


def test_a_big_batch_on_nodes_that_exist(store: GraphStore) -> None:
    store.apply(1, [many_accounts(3000, name="old", region="Yunnan")])
    store.apply(2, [many_accounts(3000, first=1500, name="new"), many_transfers(20_000, 4500)])
    rows = store.query(
        "MATCH (a:Account) RETURN a.name AS name, a.region AS region, count(*) AS n ORDER BY name, n"
    ).rows
    assert sorted(rows, key=str) == sorted(
        [("new", None, 1500), ("new", "Yunnan", 1500), ("old", "Yunnan", 1500)], key=str
    )


def test_a_wiped_store_starts_again(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", "a", "b"), transfers(("t1", "a", "b"))])
    store.wipe()
    assert store.applied_seq() == 0 and sum(store.counts().values()) == 0
    store.apply(1, [nodes("Account", "a", "b"), transfers(("t1", "a", "b"))])
    assert store.counts()["TRANSFER"] == 1


def test_lists_of_text_are_kept(store: GraphStore) -> None:
    finding = {
        "id": "f", "kind": "fan_in", "title": "t", "score": 0.25, "run_id": "r", "algorithm_version": "1", "data_seq": 1,
        "created_at_ms": 1, "reasons": ["one", 'two "quoted", 三', ""], "against": [], "amount_minor": 5,
    }  # fmt: skip
    store.apply(1, [nodes("Finding", finding, finding | {"id": "g", "reasons": None})])
    rows = store.query("MATCH (f:Finding) RETURN f.reasons, f.score ORDER BY f.id").rows
    assert rows == ((["one", 'two "quoted", 三', ""], 0.25), (None, 0.25))
