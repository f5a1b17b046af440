"""Every question, on both stores, about one small case."""

from __future__ import annotations

import pytest
from graph_case import MINUTE, T0, load

from core.errors import BadInput
from graph.queries import between, findings, flow, neighbours, node, overview, search, transfers


@pytest.fixture
def case(store):
    load(store)
    return store


def ids(found):
    return [item.id for item in found]


def test_node_and_search(case):
    assert node.node(case, "Account", "CCB-M1").properties["name"] == "Zhang Wei"
    assert node.node(case, "Account", "nobody") is None
    assert ids(node.nodes(case, [("Phone", "+8613800138000"), ("Account", "x"), ("Account", "ATM-1")])) == [
        "+8613800138000", "ATM-1",
    ]  # fmt: skip
    with pytest.raises(BadInput, match="unknown node type"):
        node.node(case, "Account) DETACH DELETE (n", "x")

    first = search.search(case, "ccb-m1")[0]
    assert (first.label, first.id, first.matched) == ("Account", "CCB-M1", "id")
    assert {(hit.label, hit.id) for hit in search.search(case, "zhang")} == {("Account", "CCB-M1"), ("Person", "P-1")}
    assert ids(search.search(case, "zhang", labels=["Person"])) == ["P-1"]
    assert set(ids(search.search(case, "phone:138"))) == {"+8613800138000"}
    assert ids(search.search(case, "电话：139")) == ["+8613900139000"]
    assert ids(search.search(case, "王敏")) == ["ICBC-Victim"]
    assert ids(search.search(case, "6228000000000004")) == ["ABC-M3"]
    assert ids(search.search(case, "%_")) == ["ABC-M3"]
    assert len(search.search(case, "c", limit=2)) == 2
    assert search.search(case, " ") == [] and search.search(case, "' OR 1=1 //") == []


def test_counts_and_expand(case):
    found = {(c.rel, c.direction, c.other_label): c.count for c in neighbours.counts(case, "Account", "CCB-M1")}
    assert found == {
        ("TRANSFER", "out", "Account"): 3, ("TRANSFER", "in", "Account"): 2, ("OWNS", "in", "Person"): 1,
        ("REGISTERED_WITH", "out", "Phone"): 1, ("USED_DEVICE", "out", "Device"): 1, ("INVOLVES", "in", "Finding"): 2,
    }  # fmt: skip
    whole = neighbours.expand(case, "Account", "CCB-M1")
    assert {n.key for n in whole.nodes} == {
        ("Account", "CCB-M1"), ("Account", "ICBC-Victim"), ("Account", "ABC-M3"), ("Person", "P-1"),
        ("Phone", "+8613800138000"), ("Device", "imei-A1"),
    }  # fmt: skip
    assert whole.omitted == () and len(whole.rels) == 7  # the self-transfer once
    owner = next(rel for rel in whole.rels if rel.type == "OWNS")
    assert (owner.start, owner.end) == (("Person", "P-1"), ("Account", "CCB-M1"))

    cut = neighbours.expand(case, "Account", "CCB-M1", rel="TRANSFER", direction="out", limit=1)
    assert ids(cut.rels) == ["t3"] and cut.omitted == ("showing 1 of 3 TRANSFER out (Account)",)
    latest = neighbours.expand(case, "Account", "CCB-M1", rel="TRANSFER", direction="out", limit=1, order="latest")
    assert ids(latest.rels) == ["t6"]
    window = neighbours.expand(case, "Account", "CCB-M1", narrow=neighbours.Narrow(T0 + 5 * MINUTE, T0 + 6 * MINUTE))
    assert {rel.id for rel in window.rels if rel.type == "TRANSFER"} == {"t3"}
    assert not any(rel.type == "USED_DEVICE" for rel in window.rels)
    assert neighbours.expand(case, "Account", "nobody").nodes == ()
    with pytest.raises(BadInput):
        neighbours.expand(case, "Account", "CCB-M1", rel="TRANSFER]-() DELETE r //")


def test_between(case):
    keys = [("Account", "CCB-M1"), ("Account", "ABC-M3"), ("Phone", "+8613800138000"), ("Person", "P-1")]
    found = between.between(case, keys)
    assert sorted((rel.type, rel.start[1], rel.end[1]) for rel in found.rels) == [
        ("OWNS", "P-1", "+8613800138000"), ("OWNS", "P-1", "CCB-M1"), ("REGISTERED_WITH", "CCB-M1", "+8613800138000"),
        ("TRANSFER", "CCB-M1", "ABC-M3"), ("TRANSFER", "CCB-M1", "ABC-M3"), ("TRANSFER", "CCB-M1", "CCB-M1"),
    ]  # fmt: skip
    cut = between.between(case, keys, limit=2)
    assert len(cut.rels) == 2 and cut.omitted == ("showing 2 of 6 relationships",)
    assert not [r for r in between.between(case, keys, from_ms=T0 + 99 * MINUTE).rels if r.type == "TRANSFER"]
    assert between.between(case, []).nodes == ()


def test_transfers(case):
    page = transfers.of_account(case, "CCB-M1", limit=2)
    assert (ids(page.items), page.total) == (["t6", "t4"], 4)
    assert ids(transfers.of_account(case, "CCB-M1", limit=2, offset=2).items) == ["t3", "t1"]
    assert ids(transfers.of_account(case, "CCB-M1", direction="in").items) == ["t4", "t1"]
    assert transfers.of_account(case, "CCB-M1", from_ms=T0, to_ms=T0 + 1).total == 1
    assert ids(transfers.by_ids(case, ["t3", "t1", "zz"], ["CCB-M1", "ICBC-Victim"])) == ["t1", "t3"]
    assert transfers.by_ids(case, [], ["CCB-M1"]) == []
    with pytest.raises(BadInput):
        transfers.of_account(case, "CCB-M1", limit=-1)


def test_findings(case):
    assert ids(findings.list_findings(case).items) == ["F-chain", "F-group"]
    assert findings.list_findings(case, kind="community").total == 1
    assert ids(findings.list_findings(case, text="CHAIN", min_score=0.5, run_id="R1").items) == ["F-chain"]
    assert ids(findings.list_findings(case, order="amount", limit=1, offset=1).items) == ["F-group"]
    with pytest.raises(BadInput):
        findings.list_findings(case, order="score; DROP")  # type: ignore[arg-type]

    view = findings.finding(case, "F-chain")
    assert [(m[0].id, *m[1:4]) for m in view.members] == [
        ("ICBC-Victim", "victim", 0, None), ("CCB-M1", "mule", 1, 0.8), ("CCB-M2", "mule", 1, 0.6),
        ("ABC-M3", "mule", 2, 0.7),
    ]  # fmt: skip
    assert view.members[1][4] == "forwards 98%"
    assert findings.finding(case, "F-chain", limit=2).omitted == ("showing 2 of 4 members",)
    assert findings.finding(case, "nothing") is None

    drawn = findings.subgraph(case, "F-chain", 100)
    assert {rel.id for rel in drawn.rels} == {"t1", "t2", "t3"}
    assert drawn.omitted == ("1 of 4 evidence events have an end outside the members shown",)
    assert {rel.type for rel in findings.subgraph(case, "F-group", 100).rels} == {"REGISTERED_WITH", "TRANSFER"}
    assert [(f.id, role) for f, role in findings.of_member(case, "Account", "CCB-M1")] == [
        ("F-chain", "mule"), ("F-group", "member"),
    ]  # fmt: skip
    assert [(run.kind, run.findings, run.data_seq) for run in findings.runs(case)] == [
        ("community", 1, 1), ("mule_chain", 1, 1),
    ]  # fmt: skip


def test_overview_and_flow(case):
    seen = overview.overview(case)
    assert (seen.nodes["Account"], seen.rels["TRANSFER"], seen.nodes["Wallet"]) == (5, 6, 0)
    assert seen.findings == {"community": 1, "mule_chain": 1}
    assert (seen.first_ms, seen.last_ms, seen.applied_seq) == (T0, T0 + 90 * MINUTE, 1)
    layers = [(f.from_layer, f.to_layer, f.transfers, f.amount_minor) for f in flow.money_by_layer(case, "F-chain")]
    assert layers == [(0, 1, 2, 1_000_000), (1, 2, 1, 590_000), (2, None, 1, 580_000)]


def test_empty_store(store):
    seen = overview.overview(store)
    assert (seen.first_ms, seen.findings, seen.applied_seq) == (None, {}, 0)
    assert findings.list_findings(store).total == 0 and findings.runs(store) == []
    assert search.search(store, "x") == [] and neighbours.counts(store, "Account", "x") == []
