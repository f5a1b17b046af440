"""Contract of every store: a finding's sentences come back with their templates, text that is only text stays text."""

from __future__ import annotations

import pytest
from contract_rows import many_accounts, nodes

from algorithms._base import Found, Member, Params
from algorithms._run import Stamp, to_rowsets
from core.message import Amount, render, say
from graph.port import GraphStore
from graph.queries import findings as queries
from graph.sentences import details_of

CHINESE = {
    "{n:,} accounts": "{n:,} 个账户", "{n:,} payers": "{n:,} 个付款人", "shops do so": "商户常如此", "got {money}": "收到{money}",
    "{n} findings were left out": "省略了 {n} 个发现", "looks like a shop": "形似商户",
}  # fmt: skip
STAMP = Stamp("run-1", "fan_in", "1", "local", 1, 1_000)
TOLD = Found(
    say("{n:,} accounts", n=1200), 0.5,
    (Member("Account", "a", "mule", 1, 0.5, say("got {money}", money=Amount(100, "CNY"))), Member("Account", "b", "mule", 2, 0.5, "as written")),
    (say("{n:,} payers", n=3), "written by a person"), (say("shops do so"),),
    details={"b": 1, "omitted": [say("{n} findings were left out", n=3), "plain"], "a": {"reasons": [say("looks like a shop")], "words": ["x"]}},
)  # fmt: skip
PLAIN = Found("t", 0.5, (Member("Account", "a", "mule", reason="why"),), ("r",), ("no",), details={"omitted": ["o"]})


def chinese(text: str) -> str:
    return CHINESE[text]


@pytest.mark.parametrize("many", [0, 10_001], ids=["small batch", "big batch"])
def test_sentences_come_back(store: GraphStore, many: int) -> None:
    store.apply(1, [nodes("Account", "a", "b")])
    rows = to_rowsets([TOLD, PLAIN], ["f1", "f2"], STAMP, Params())
    store.apply(2, [many_accounts(many), *rows] if many else rows)
    view = queries.finding(store, "f1")
    assert view is not None
    said = view.node.properties
    assert (said["title"], said["reasons"], said["against"]) == (
        "1,200 accounts", ["3 payers", "written by a person"], ["shops do so"],
    )  # fmt: skip
    assert "said" not in said
    assert render(said["title"], chinese) == "1,200 个账户"
    assert [render(line, chinese) for line in said["reasons"]] == ["3 个付款人", "written by a person"]
    assert [render(line, chinese) for line in said["against"]] == ["商户常如此"]
    assert [(member[0].id, render(member[4], chinese)) for member in view.members] == [
        ("a", "收到1.00 CNY"), ("b", "as written"),
    ]  # fmt: skip
    told = details_of(view.node)
    assert told == {
        "b": 1,
        "omitted": ["3 findings were left out", "plain"],
        "a": {"reasons": ["looks like a shop"], "words": ["x"]},
    }
    assert [render(line, chinese) for line in told["omitted"]] == ["省略了 3 个发现", "plain"]
    assert render(told["a"]["reasons"][0], chinese) == "形似商户"
    rel = store.query("MATCH (:Finding {id: 'f1'})-[r:INVOLVES]->(:Account {id: 'a'}) RETURN r").rows[0][0]
    assert "said" not in rel.properties and render(rel.properties["reason"], chinese) == "收到1.00 CNY"


def test_plain_text_stays_plain(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", "a"), *to_rowsets([PLAIN], ["f"], STAMP, Params())])
    view = queries.finding(store, "f")
    assert view is not None and view.node.said == ""
    texts = [view.node.properties["title"], *view.node.properties["reasons"], view.members[0][4]]
    assert texts == ["t", "r", "why"] and [render(text, chinese) for text in texts] == texts
    assert details_of(view.node) == {"omitted": ["o"]}
    assert store.query("MATCH (f:Finding)-[r:INVOLVES]->() RETURN f.said, r.said").rows == ((None, None),)


def test_a_foreign_said_leaves_the_text(store: GraphStore) -> None:
    rows = {"id": "f", "kind": "k", "title": "the title", "score": 0.5, "run_id": "r", "algorithm_version": "1"}
    rows |= {"data_seq": 0, "created_at_ms": 1, "said": '[{"say":"another","of":{}}]\n["x"]', "details": "[1]"}
    store.apply(1, [nodes("Finding", rows)])
    view = queries.finding(store, "f")
    assert view is not None and render(view.node.properties["title"], chinese) == "the title"
    assert details_of(view.node) == {}
