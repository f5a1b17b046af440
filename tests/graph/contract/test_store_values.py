"""Contract of every store: hard values come back as they went in."""

from __future__ import annotations

import pytest
from contract_rows import nodes, rels, transfers
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from graph.port import GraphStore

HARD_TEXTS = [
    "王小明", "𠮷野家", "مرحبا", "\u202eabc", "a\u200bb", "😀👩‍👩‍👧", "<script>alert(1)</script>", "=HYPERLINK(\"x\")", "O'Brien",
    'say "hi"', "back\\slash", "`tick`", "$dollar {id: 1}", "line\nbreak\ttab", " spaces ", "", "é", "e\u0301", "[a,b]", "{a: 1}", "null",
]  # fmt: skip


def test_hard_texts_are_intact(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", *({"id": f"k{n}", "name": text} for n, text in enumerate(HARD_TEXTS)))])
    found = dict(store.query("MATCH (a:Account) RETURN a.id, a.name").rows)
    assert [found[f"k{n}"] for n in range(len(HARD_TEXTS))] == HARD_TEXTS


def test_hard_texts_as_keys(store: GraphStore) -> None:
    keys = [text for text in HARD_TEXTS if text]
    store.apply(1, [nodes("Person", *keys), nodes("Account", "a")])
    owns = [{"id": f"o{n}", "from_id": key, "to_id": "a"} for n, key in enumerate(keys)]
    store.apply(2, [rels("OWNS", "Person", "Account", *owns)])
    table = store.scan_rels("OWNS", ["id"], ("Person", "Account"))
    assert set(table["from_id"].to_pylist()) == set(keys)
    for key in keys:
        assert store.query("MATCH (p:Person {id: $id}) RETURN p.id", {"id": key}).rows == ((key,),)


@pytest.mark.parametrize("amount", [0, 1, 10**18, 2**62])
def test_amounts_are_exact(store: GraphStore, amount: int) -> None:
    store.apply(1, [nodes("Account", "a", "b"), transfers(("t", "a", "b", amount), ("u", "b", "a", 1))])
    assert store.query("MATCH ()-[t:TRANSFER {id: 't'}]->() RETURN t.amount_minor").rows == ((amount,),)
    found = store.query(
        "MATCH ()-[t:TRANSFER]->() WHERE t.amount_minor = $amount AND t.id = 't' RETURN t.id", {"amount": amount}
    )
    assert found.rows == (("t",),)
    assert store.scan_rels("TRANSFER", ["amount_minor"])["amount_minor"].to_pylist().count(amount) >= 1


def test_sums_of_money_are_integers(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", "a", "b"), transfers(("t", "a", "b", 10**18), ("u", "b", "a", 3))])
    total = store.query("MATCH ()-[t:TRANSFER]->() RETURN sum(t.amount_minor) AS total").rows[0][0]
    assert total == 10**18 + 3 and isinstance(total, int)


def test_a_sum_of_nothing_is_zero_with_coalesce(store: GraphStore) -> None:
    result = store.query("MATCH ()-[t:TRANSFER]->() RETURN coalesce(sum(t.amount_minor), 0) AS total, count(t) AS n")
    assert result.rows == ((0, 0),) and result.columns == ("total", "n")


def test_nulls_are_absent(store: GraphStore) -> None:
    store.apply(1, [nodes("Account", {"id": "a", "name": None, "region": "x"}, {"id": "b", "name": "B"})])
    rows = store.query("MATCH (a:Account) RETURN a, a.name ORDER BY a.id").rows
    assert [(node.id, dict(node.properties), name) for node, name in rows] == [
        ("a", {"region": "x"}, None), ("b", {"name": "B"}, "B"),
    ]  # fmt: skip


def test_mixed_nulls_in_relationships(store: GraphStore) -> None:
    rows = [
        {"id": f"t{n}", "from_id": "a", "to_id": "b", "amount_minor": n, "currency": "CNY", "at_ms": n, "memo": memo, "received_minor": other}
        for n, (memo, other) in enumerate([(None, None), ("hi", 10**17), (None, 2), ("", None)])
    ]  # fmt: skip
    store.apply(1, [nodes("Account", "a", "b"), rels("TRANSFER", "Account", "Account", *rows)])
    found = store.query("MATCH ()-[t:TRANSFER]->() RETURN t.memo, t.received_minor ORDER BY t.id").rows
    assert found == ((None, None), ("hi", 10**17), (None, 2), ("", None))


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30), min_size=1, max_size=5
    )
)
def test_any_text_round_trips(ladybug_store: GraphStore, texts: list[str]) -> None:
    seq = ladybug_store.applied_seq() + 1
    ladybug_store.apply(seq, [nodes("Account", *({"id": f"{seq}-{n}", "name": text} for n, text in enumerate(texts)))])
    found = ladybug_store.query(
        "MATCH (a:Account) WHERE a.id STARTS WITH $prefix RETURN a.name ORDER BY a.id", {"prefix": f"{seq}-"}
    )
    assert [row[0] for row in found.rows] == texts
