"""Small pictures with known chains, conservation of money, and a brute-force oracle."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, town

from algorithms import _at_once, _link
from algorithms import _chain_search as chains
from algorithms import _flow as fl
from algorithms._base import Found, Task
from algorithms.mule_chain import ALGORITHM, MuleChainParams, find
from core.errors import NotFound
from graph.model import RowSet, conform

MIN = 60_000
HOUR = 60 * MIN
DAY = 24 * HOUR


def run(store: MemoryStore, **params: object) -> list[Found]:
    return find(Task(store), MuleChainParams.model_validate(params))  # type: ignore[arg-type]


def roles(found: Found) -> dict[str, tuple[str, int | None]]:
    return {member.id: (member.role, member.layer) for member in found.members}


def accounts(found: Found) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row in found.details["accounts"]}


def test_straight_chain() -> None:
    (found,) = run(town([("V", "A", 10_000, 0), ("A", "B", 9_800, 5 * MIN), ("B", "C", 9_700, 9 * MIN)]))
    assert roles(found) == {"V": ("victim", 0), "A": ("mule", 1), "B": ("mule", 2), "C": ("recipient", 3)}
    assert found.evidence_ids == ("t0", "t1", "t2")
    assert (found.amount_minor, found.currency, found.starts_ms, found.ends_ms) == (10_000, "CNY", 0, 9 * MIN)
    assert [row["delay_s"] for row in found.details["transfers"]] == [None, 300.0, 240.0]
    assert [row["retained_share"] for row in found.details["transfers"]] == [0.02, 0.0102, None]
    assert found.details["paths"] == [["t0", "t1", "t2"]]
    assert accounts(found)["A"]["remaining_minor"] == 200
    assert accounts(found)["C"]["remaining_minor"] == 9_700
    assert found.reasons and 0 < found.score <= 1


def test_split_and_merge() -> None:
    rows = [
        ("V", "A", 10_000, 0), ("A", "B", 5_000, MIN), ("A", "C", 4_900, 2 * MIN),
        ("B", "D", 4_900, 3 * MIN), ("C", "D", 4_800, 4 * MIN), ("D", "E", 9_600, 6 * MIN),
    ]  # fmt: skip
    (found,) = run(town(rows))
    assert roles(found)["D"] == ("collector", 3)
    assert roles(found)["E"] == ("recipient", 4)
    assert sorted(found.details["paths"]) == [["t0", "t1", "t3", "t5"], ["t0", "t2", "t4", "t5"]]
    assert found.details["paths_total"] == 2


def test_several_victims_pay_one_collector_and_the_cut_is_spread() -> None:
    rows = [(f"V{i}", "A", 1_000, i * MIN) for i in range(5)]
    rows += [("A", "B", 4_500, 10 * MIN), ("B", "C", 4_400, 20 * MIN)]
    (found,) = run(town(rows))
    assert sum(role == "victim" for role, _ in roles(found).values()) == 5
    assert found.amount_minor == 5_000
    # The last inflow kept half of itself, the pool only a tenth: all five belong to the chain.
    assert {row["retained_share"] for row in found.details["transfers"] if row["to"] == "A"} == {0.1}


def test_cash_out_by_kind_and_by_channel() -> None:
    rows = [("V", "A", 9_000, 0), ("A", "B", 9_000, MIN), ("B", "ATM", 8_800, 2 * MIN)]
    by_channel = town(rows, channel=["transfer", "transfer", "atm"])
    by_kind = MemoryStore(
        [nodes("Account", ["A", "ATM", "B", "V"], kind=["bank", "cash", "bank", "bank"]), payments(rows)]
    )
    for store in (by_channel, by_kind):
        (found,) = run(store)
        assert roles(found)["B"] == ("cash_out", 2)
    assert roles(found)["ATM"][0] == "cash_point"


def test_one_layer_counts_when_it_ends_in_cash() -> None:
    rows = [("V", "A", 9_000, 0), ("A", "ATM", 8_800, 2 * MIN)]
    assert run(town(rows)) == []
    assert len(run(town(rows, channel=["transfer", "atm"]))) == 1


def test_exchange_into_a_wallet() -> None:
    leg = pa.table(
        {
            "id": ["x0"],
            "from_id": ["B"],
            "to_id": ["W"],
            "amount_minor": [8_900],
            "currency": ["CNY"],
            "at_ms": [3 * MIN],
        }
    )
    leg_rows = RowSet("EXCHANGED", conform("EXCHANGED", leg), "Account", "Wallet")
    (found,) = run(town([("V", "A", 9_000, 0), ("A", "B", 8_950, MIN)], nodes("Wallet", ["W"]), leg_rows))
    assert roles(found)["B"] == ("exchanger", 2)
    assert [(m.label, m.role) for m in found.members if m.id == "W"] == [("Wallet", "wallet")]
    assert "x0" in found.evidence_ids


def test_buying_coin_for_oneself_is_no_chain() -> None:
    leg = {
        "id": ["x0"],
        "from_id": ["X"],
        "to_id": ["W"],
        "amount_minor": [9_000],
        "currency": ["CNY"],
        "at_ms": [3 * MIN],
    }
    leg_rows = RowSet("EXCHANGED", conform("EXCHANGED", pa.table(leg)), "Account", "Wallet")
    assert run(town([("P", "X", 9_000, 0)], nodes("Wallet", ["W"]), leg_rows)) == []


def test_too_slow_is_no_chain() -> None:
    rows = [("V", "A", 9_000, 0), ("A", "B", 8_900, 25 * HOUR), ("B", "C", 8_800, 26 * HOUR)]
    assert run(town(rows)) == []
    assert len(run(town(rows), window_s=26 * 3600)) == 1


def test_amounts_that_do_not_fit_are_no_chain() -> None:
    assert run(town([("V", "A", 9_000, 0), ("A", "B", 2_000, MIN), ("B", "C", 1_990, 2 * MIN)])) == []
    # A payment far larger than what just came in is the account's own money.
    assert run(town([("V", "A", 9_000, 0), ("A", "B", 90_000, MIN), ("B", "C", 89_000, 2 * MIN)])) == []


def test_currencies_never_mix() -> None:
    rows = [("V", "A", 9_000, 0), ("A", "B", 8_900, MIN), ("B", "C", 8_800, 2 * MIN)]
    assert run(town(rows, currency=["CNY", "USD", "CNY"])) == []


def test_a_converted_payment_ends_the_chain() -> None:
    rows = [("V", "A", 9_000, 0), ("A", "B", 8_900, MIN), ("B", "C", 8_800, 2 * MIN), ("C", "D", 8_700, 3 * MIN)]
    (found,) = run(town(rows, received_minor=[None, None, 1_200, None], received_currency=[None, None, "USD", None]))
    assert found.evidence_ids == ("t0", "t1", "t2")


@pytest.mark.parametrize("order", [("t0", "t1", "t2"), ("t2", "t1", "t0")])
def test_time_tie(order: tuple[str, ...]) -> None:
    rows = [("V", "A", 9_000, DAY), ("A", "B", 8_900, DAY), ("B", "C", 8_800, DAY)]
    (found,) = run(town(rows, id=list(order)))
    assert roles(found)["B"] == ("mule", 2)
    assert run(town(rows, id=list(order)), allow_equal_times=False) == []


def test_self_loop_and_cycle_back() -> None:
    rows = [
        ("V", "A", 9_000, 0), ("A", "A", 9_000, MIN), ("A", "B", 8_900, 2 * MIN), ("B", "C", 8_800, 3 * MIN),
        ("C", "A", 8_700, 4 * MIN), ("A", "D", 8_600, 5 * MIN),
    ]  # fmt: skip
    (found,) = run(town(rows))
    assert "t1" not in found.evidence_ids
    assert roles(found)["A"] == ("mule", 1)
    assert found.details["layers"] == 4
    assert accounts(found)["A"]["remaining_minor"] == 9_000 + 8_700 - 8_900 - 8_600


def test_circle_within_one_instant_ends() -> None:
    rows = [("A", "B", 1_000, 0), ("B", "C", 1_000, 0), ("C", "A", 1_000, 0)]
    (found,) = run(town(rows))
    assert set(found.evidence_ids) == {"t0", "t1", "t2"}


def test_hub_is_not_followed_and_cost_stays_small() -> None:
    rows = [(f"P{i}", "SHOP", 1_000, i * HOUR) for i in range(1_000)]
    rows += [("SHOP", f"S{i}", 4_000, (4 * i + 4) * HOUR) for i in range(200)]
    rows += [(f"S{i}", f"T{i}", 3_900, (4 * i + 5) * HOUR) for i in range(200)]
    assert run(town(rows)) == []
    found = run(town(rows), seeds=["P0"])
    assert roles(found[0])["SHOP"] == ("hub", 1)


def test_resting_balance_and_partial_passing_from_seeds() -> None:
    rows = [("V", "A", 10_000, 0), ("A", "B", 4_000, MIN), ("B", "C", 1_000, 2 * MIN), ("Z", "Y", 5, 3 * MIN)]
    store = town(rows)
    for seed in ("V", "t0", {"id": "V", "from_ms": 0, "until_ms": 0}):
        (found,) = run(store, seeds=[seed])
        left = {name: row["remaining_minor"] for name, row in accounts(found).items()}
        assert left == {"V": 0, "A": 6_000, "B": 3_000, "C": 1_000}
    assert run(store, seeds=[{"id": "V", "from_ms": 1}]) == []
    with pytest.raises(NotFound, match="'nobody'"):
        run(store, seeds=["nobody"])


def test_money_back_to_the_victim_is_not_followed() -> None:
    rows = [("V", "A", 10_000, 0), ("A", "V", 3_000, MIN), ("V", "SHOP", 3_000, 2 * MIN)]
    (found,) = run(town(rows), seeds=["t0"])
    assert roles(found)["V"] == ("victim", 0)
    assert "SHOP" not in roles(found)
    assert any("came back" in line for line in found.against)


def test_chains_of_one_gang_become_one_finding() -> None:
    rows = []
    for i, day in enumerate((0, 1, 30)):
        at = day * DAY
        rows += [(f"V{i}", "A", 10_000, at), ("A", "B", 9_900, at + MIN), ("B", "C", 9_800, at + 2 * MIN)]
    found = run(town(rows))
    assert sorted(len(item.evidence_ids) for item in found) == [3, 6]


def test_max_hops() -> None:
    rows = [(f"A{i}", f"A{i + 1}", 10_000, i * MIN) for i in range(12)]
    (found,) = run(town(rows))
    assert len(found.evidence_ids) == 8
    (found,) = run(town(rows), max_hops=3)
    assert len(found.evidence_ids) == 3


def test_lifo_takes_the_newest_money() -> None:
    rows = [("W", "A", 8_000, 0), ("V", "A", 10_000, MIN), ("A", "B", 10_000, 2 * MIN)]
    (first,) = run(town(rows), seeds=["V"])
    (last,) = run(town(rows), seeds=["V"], attribution="lifo")
    assert accounts(first)["A"]["traced_out_minor"] == 2_000
    assert accounts(last)["A"]["traced_out_minor"] == 10_000


flows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 10**12), st.integers(0, 12), st.integers(0, 1)),
    min_size=1, max_size=40,
)  # fmt: skip


def as_flow(rows: list[tuple[int, int, int, int, int]]) -> fl.Flow:
    src, dst, amount, at, currency = (
        np.array(column, np.int64) for column in zip(*sorted(rows, key=lambda r: r[3]), strict=True)
    )
    none = np.zeros(len(rows), np.bool_)
    return fl.Flow(src, dst, amount, at, currency, np.zeros(6, np.int64), none, none)


@settings(max_examples=150, deadline=None)
@given(flows, st.booleans(), st.booleans(), st.sampled_from([0.0, 0.6, 1.0]), st.integers(0, 12), st.data())
def test_money_is_conserved(rows, ties, lifo, explained, window, data) -> None:  # type: ignore[no-untyped-def]
    flow = as_flow(rows)
    rules = fl.Rules(window, 1.0, explained, ties, lifo, 8)
    seeds = np.array(data.draw(st.lists(st.booleans(), min_size=len(flow), max_size=len(flow))), np.bool_)
    found = chains.search(flow, rules, np.zeros(6, np.bool_), 0, seeds)
    assert set(np.flatnonzero(seeds).tolist()) <= set(found.rows.tolist())
    flow, seeds = found.flow, seeds[found.rows]
    traced, links = found.traced, found.links
    assert (traced.money >= 0).all() and (traced.money <= flow.amount).all()
    assert (traced.gone >= 0).all() and (traced.gone <= traced.money).all()
    into = np.zeros(len(flow), np.int64)
    np.add.at(into, links.pays, traced.carried)
    out = np.zeros(len(flow), np.int64)
    np.add.at(out, links.lot, traced.carried)
    assert (out == traced.gone).all()
    assert (into[~seeds] == traced.money[~seeds]).all() and (into[seeds] == 0).all()
    # Nothing comes from nothing: what rests everywhere is what the seeds paid.
    assert int((traced.money - traced.gone).sum()) == int(flow.amount[seeds].sum())
    assert (flow.dst[links.lot] == flow.src[links.pays]).all()
    assert (flow.currency[links.lot] == flow.currency[links.pays]).all()
    waited = flow.at_ms[links.pays] - flow.at_ms[links.lot]
    assert (waited >= (0 if ties else 1)).all() and (waited <= window).all()
    rank = np.empty(len(flow), np.int64)
    rank[links.order] = np.arange(len(flow))
    assert (rank[links.lot] < rank[links.pays]).all()


def slow_links(flow: fl.Flow, rules: fl.Rules) -> set[tuple[int, int, int]]:
    """First in, first out by hand: every purse keeps a list of [row, money left]."""
    made: set[tuple[int, int, int]] = set()
    purses: dict[tuple[int, int], list[list[int]]] = {}
    for out in range(len(flow)):
        src, cur, now = int(flow.src[out]), int(flow.currency[out]), int(flow.at_ms[out])
        if src != flow.dst[out]:
            live = [
                lot for lot in purses.get((src, cur), [])
                if lot[1] > 0 and now - rules.window_ms <= flow.at_ms[lot[0]] < now
            ]  # fmt: skip
            need = int(flow.amount[out])
            if live and sum(lot[1] for lot in live) >= rules.min_explained * need:
                for lot in live:
                    take = min(need, lot[1])
                    if take:
                        made.add((lot[0], out, take))
                        lot[1] -= take
                        need -= take
            purses.setdefault((int(flow.dst[out]), cur), []).append([out, int(flow.amount[out])])
    return made


@settings(max_examples=150, deadline=None)
@given(flows, st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 12))
def test_links_equal_the_hand_count(rows, explained, window) -> None:  # type: ignore[no-untyped-def]
    flow = as_flow([(a, b, m % 1000 + 1, t, c) for a, b, m, t, c in rows])
    rules = fl.Rules(window, 1.0, explained, False, False, 8)
    links = fl.link(flow, rules, np.zeros(6, np.bool_))
    made = set(zip(links.lot.tolist(), links.pays.tolist(), links.money.tolist(), strict=True))
    assert made == slow_links(flow, rules)


@settings(max_examples=60, deadline=None)
@given(flows, st.booleans(), st.booleans(), st.integers(0, 12), st.integers(1, 12))
def test_links_do_not_depend_on_how_the_work_is_cut(rows, ties, lifo, window, stretch) -> None:  # type: ignore[no-untyped-def]
    flow = as_flow(rows)
    rules = fl.Rules(window, 1.0, 0.3, ties, lifo, 8)
    stop = np.array([False, False, True, False, False, False])
    plain = fl.attributed(flow, rules, stop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_at_once, "ONE_THREAD", 0)
        patch.setattr(_link, "_STRETCH", stretch)
        patch.setattr(_link, "_BLOCKS", 3)
        patch.setattr(_link.os, "cpu_count", lambda: 3)
        cut = fl.attributed(flow, rules, stop)
    # In any order between inflows; those of one inflow in order of its payments.
    first, second = ([column[np.lexsort((links[0],))].tolist() for column in links] for links in (cut, plain))
    assert first == second


@settings(max_examples=60, deadline=None)
@given(flows, st.integers(1, 4), st.integers(0, 10))
def test_hubs_are_counted_partner_by_partner(rows, partners, span) -> None:  # type: ignore[no-untyped-def]
    flow = as_flow(rows)
    expected = set()
    for near, far in ((flow.src.tolist(), flow.dst.tolist()), (flow.dst.tolist(), flow.src.tolist())):
        for node in set(near):
            mine = [i for i, one in enumerate(near) if one == node]
            if len({far[i] for i in mine}) >= partners and flow.at_ms[mine[-1]] - flow.at_ms[mine[0]] >= span:
                expected.add(node)
    assert set(np.flatnonzero(fl.hubs(flow, partners, span)).tolist()) == expected


@settings(max_examples=60, deadline=None)
@given(flows)
def test_strangers_of_some_rows_are_those_of_all(rows) -> None:  # type: ignore[no-untyped-def]
    flow = as_flow([(a, b, m, t * 86_400_000 * 5, c) for a, b, m, t, c in rows])
    some = np.flatnonzero(flow.src < 3)
    assert chains.strange(flow, some).tolist() == chains.strangers(flow)[some].tolist()


@settings(max_examples=60, deadline=None)
@given(flows)
def test_paths_equal_an_exhaustive_walk(rows) -> None:  # type: ignore[no-untyped-def]
    flow = as_flow(rows)
    found = chains.search(flow, fl.Rules(6, 1.0, 0.0, True, False, 8), np.zeros(6, np.bool_), 0)
    onward: dict[int, list[int]] = {}
    for lot, pays in zip(found.links.lot.tolist(), found.links.pays.tolist(), strict=True):
        onward.setdefault(lot, []).append(pays)

    def walks(row: int) -> int:
        return sum(map(walks, onward[row])) if row in onward else 1

    from algorithms import _flow_kernel as kernel

    parts = (found.links.start, found.links.by_lot, found.links.pays, found.traced.carried)
    counted = kernel.count_paths(found.traced.money > 0, parts, found.links.order)
    for head in np.flatnonzero(found.traced.hop == 0).tolist():
        assert counted[head] == walks(head)


def test_same_data_same_findings_whatever_the_row_order() -> None:
    rng = np.random.default_rng(3)
    rows = [(f"A{a}", f"A{b}", int(m), int(t)) for a, b, m, t in zip(
        rng.integers(0, 40, 600), rng.integers(0, 40, 600), rng.integers(100, 500, 600), rng.integers(0, 500, 600) * HOUR, strict=True
    )]  # fmt: skip
    ids = [f"t{i:03}" for i in range(600)]
    turned = rng.permutation(600)
    first = run(town(rows, id=ids))
    again = run(town([rows[i] for i in turned], id=[ids[i] for i in turned]))
    assert first and first == again
    assert [item.score for item in first] == sorted((item.score for item in first), reverse=True)


def test_no_transfers_no_findings() -> None:
    assert run(town([])) == []
    assert ALGORITHM.name == "mule_chain"
