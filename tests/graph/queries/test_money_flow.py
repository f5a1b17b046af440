"""Following money, and where it lies now: on both stores, and the replay against what must always hold."""

from __future__ import annotations

import pytest
from graph_case import MINUTE, T0, load
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, QueryStopped
from graph.budget import budget, left_s
from graph.model import Rel
from graph.queries import neighbours, reachable, trace
from graph.queries.neighbours import Money, Narrow
from graph.queries.reachable import RULES, replay
from graph.queries.trace import TraceOrder


@pytest.fixture
def case(store):
    load(store)
    return store


def layers(found):
    return {node.id: node.properties["layer"] for node in found.nodes}


def test_counts_say_others_money_and_times(case):
    out = next(
        item
        for item in neighbours.counts(case, "Account", "CCB-M1")
        if (item.rel, item.direction) == ("TRANSFER", "out")
    )
    assert (out.count, out.others, out.money) == (3, 2, (Money("CNY", 590_010),))
    assert (out.first_ms, out.last_ms) == (T0 + 5 * MINUTE, T0 + 90 * MINUTE)
    large = neighbours.counts(case, "Account", "CCB-M1", Narrow(min_minor=1000))
    assert {(item.rel, item.direction): item.count for item in large if item.rel == "TRANSFER"} == {
        ("TRANSFER", "out"): 1, ("TRANSFER", "in"): 1,
    }  # fmt: skip
    assert [
        rel.id
        for rel in neighbours.expand(
            case, "Account", "CCB-M1", rel="TRANSFER", direction="out", limit=1, order="earliest"
        ).rels
    ] == ["t3"]


def test_money_is_followed_in_the_order_of_time(case):
    down = trace.trace(case, [("Account", "ICBC-Victim")])
    assert layers(down) == {"ICBC-Victim": 0, "CCB-M1": 1, "CCB-M2": 1, "ABC-M3": 2, "ATM-1": 3}
    assert {rel.id for rel in down.rels} == {"t1", "t2", "t3", "t4", "t5", "t6"} and down.omitted == ()
    up = trace.trace(case, [("Account", "ATM-1")], TraceOrder("up"))
    assert layers(up) == {"ATM-1": 0, "ABC-M3": -1, "CCB-M1": -2, "ICBC-Victim": -3}
    assert "t6" not in {rel.id for rel in up.rels}, "it came after the money had left"
    large = trace.trace(case, [("Account", "ICBC-Victim")], TraceOrder(each=1, min_minor=500_000))
    assert layers(large) == {"ICBC-Victim": 0, "CCB-M1": 1, "ABC-M3": 2, "ATM-1": 3}
    cut = trace.trace(case, [("Account", "ICBC-Victim")], TraceOrder(each=1, hops=1))
    assert cut.omitted == ("ICBC-Victim: following the 1 largest of 2 TRANSFER out",)
    few = trace.trace(case, [("Account", "ICBC-Victim")], TraceOrder(max_nodes=2))
    assert len(few.nodes) == 2 and "stopped at 2 nodes" in few.omitted[0]
    soon = trace.trace(case, [("Account", "ICBC-Victim")], TraceOrder(within_ms=4 * MINUTE))
    assert layers(soon) == {"ICBC-Victim": 0, "CCB-M1": 1, "CCB-M2": 1}
    for starts, order in (([("Person", "P-1")], TraceOrder()), ([("Account", "CCB-M1")], TraceOrder(hops=99))):
        with pytest.raises(BadInput):
            trace.trace(case, starts, order)


def test_what_a_stop_payment_order_could_still_reach(case):
    found = reachable.reachable(case, ["ICBC-Victim"], ["CCB-M1", "CCB-M2", "ABC-M3", "ATM-1"])
    assert found.taken == {"CNY": 1_000_000} and found.assumed_opening == 4
    left = {row.account_id: (row.left_minor, row.reachable) for row in found.accounts}
    assert left == {
        "CCB-M2": (400_000, True),
        "CCB-M1": (9_997, True),
        "ABC-M3": (10_003, True),
        "ATM-1": (580_000, False),
    }
    assert [row.account_id for row in found.accounts][:1] == ["CCB-M2"] and found.accounts[
        -1
    ].why == "withdrawn as cash"
    earlier = reachable.reachable(case, ["ICBC-Victim"], ["CCB-M1", "CCB-M2"], as_of_ms=T0 + 2 * MINUTE)
    assert {row.account_id: row.left_minor for row in earlier.accounts} == {"CCB-M1": 600_000, "CCB-M2": 400_000}
    outside = reachable.reachable(case, ["ICBC-Victim"], ["CCB-M1"])
    assert outside.outside == {"CNY": 590_003} and outside.taken == {"CNY": 600_000}


def test_a_budget_stops_a_query_and_the_store_answers_again(case):
    with pytest.raises(QueryStopped, match="narrow it") as stopped, budget(0.0):
        neighbours.counts(case, "Account", "CCB-M1")
    assert stopped.value.code == "query_budget" and left_s() is None
    with budget(0.2), pytest.raises(QueryStopped):
        for _ in range(50):  # the planner of either store may be quick with one
            case.query(
                "UNWIND range(1, 3000) AS i UNWIND range(1, 3000) AS j UNWIND range(1, 30) AS k WITH i, j, k WHERE i * j = k + 7 RETURN count(*) AS n"
            )
    assert neighbours.counts(case, "Account", "CCB-M1")
    with budget(60), budget(1):
        assert 0 < (left_s() or 0) <= 1
        with budget(30):
            assert (left_s() or 0) <= 1, "an inner budget is never longer than the outer one"


NAMES = st.sampled_from(["V", "A", "B", "C", "OUT"])
PAYMENTS = st.lists(st.tuples(NAMES, NAMES, st.integers(1, 10**12), st.integers(0, 50)), max_size=40)


@given(PAYMENTS, st.sampled_from(RULES), st.integers(0, 10**9))
def test_nothing_is_lost_whatever_is_paid(payments, rule, opening):
    rels = [
        Rel(
            "TRANSFER",
            f"t{i}",
            ("Account", a),
            ("Account", b),
            {"amount_minor": amount, "currency": "CNY", "at_ms": at},
        )
        for i, (a, b, amount, at) in enumerate(payments)
    ]
    done = replay(rels, {"A": opening, "B": 0, "C": 0}, frozenset({"V"}), rule)
    lying = sum(flow.traced for flow in done.accounts.values())
    assert lying + done.outside.get("CNY", 0) == done.taken.get("CNY", 0)
    assert all(flow.traced >= 0 and flow.came == flow.went + flow.traced for flow in done.accounts.values())


def test_own_money_leaves_first_or_last_by_the_rule():
    pay = [("V", "A", 100, 1), ("A", "OUT", 80, 2)]
    rels = [
        Rel("TRANSFER", f"t{i}", ("Account", a), ("Account", b), {"amount_minor": n, "currency": "CNY", "at_ms": at})
        for i, (a, b, n, at) in enumerate(pay)
    ]
    assert replay(rels, {"A": 50}, frozenset({"V"}), "own_first").accounts[("A", "CNY")].traced == 70
    assert replay(rels, {"A": 50}, frozenset({"V"}), "traced_first").accounts[("A", "CNY")].traced == 20
    refused = [Rel(r.type, r.id, r.start, r.end, {**r.properties, "status": "refused"}) for r in rels]
    assert replay(refused, {"A": 50}, frozenset({"V"}), "own_first").taken == {}
