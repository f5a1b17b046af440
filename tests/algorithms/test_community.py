"""Communities and components on small hand-made pictures: who belongs together, which hubs tie nobody, and why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments, ties, town

from algorithms import community, component
from algorithms._base import Found, Task
from algorithms._identity import identities
from algorithms._network import amount_units, identity_pairs
from algorithms._passthrough import pass_through
from algorithms._projection import transfers
from algorithms.community import CommunityParams, communities, membership, picture_of
from algorithms.component import ComponentParams
from core.errors import BadInput

HOUR = 3_600_000
Row = tuple[str, str, int, int]
REGISTERED = ("REGISTERED_WITH", ("Account", "Phone"))


def groups_of(store: MemoryStore, **params: object) -> list[set[str]]:
    """Communities with more than one account, as sets of account ids."""
    chosen = CommunityParams(**params)
    picture = picture_of(Task(store), chosen)
    found = membership(Task(store), picture, chosen)
    ids = np.array(picture.table.accounts(np.arange(picture.table.n_accounts)))
    parts = [set(ids[found == number].tolist()) for number in range(found.max(initial=-1) + 1)]
    return [part for part in parts if len(part) > 1]


def circle(name: str, size: int, start_ms: int = 0) -> list[Row]:
    """Friends who each pay each other, days apart."""
    names = [f"{name}{i}" for i in range(size)]
    pairs = [(a, b) for a in names for b in names if a != b]
    return [(a, b, 5_000, start_ms + 24 * HOUR * i) for i, (a, b) in enumerate(pairs)]


def gang(name: str = "m", rounds: int = 4) -> list[Row]:
    """Victims pay m0, which pays m1 and m2 within minutes, which pay m3: large sums, all passed on."""
    rows: list[Row] = []
    for i in range(rounds):
        at = i * 48 * HOUR
        rows.append((f"{name}victim{i}", f"{name}0", 1_000_000, at))
        rows += [(f"{name}0", f"{name}1", 500_000, at + 60_000), (f"{name}0", f"{name}2", 490_000, at + 90_000)]
        rows += [(f"{name}1", f"{name}3", 495_000, at + 600_000), (f"{name}2", f"{name}3", 485_000, at + 700_000)]
    return rows


def everyday(count: int = 40) -> list[Row]:
    """Small payments between many, so that the median payment is small."""
    return [(f"e{i}", f"e{(i * 7 + 3) % count}", 1_000, i * 30 * HOUR) for i in range(count) for _ in range(3)]


def test_two_circles_are_two_communities() -> None:
    rows = [*circle("a", 5), *circle("b", 5), ("a0", "b0", 5_000, 1)]
    found = groups_of(town(rows), scope_accounts=5)
    assert sorted(map(sorted, found)) == [[f"a{i}" for i in range(5)], [f"b{i}" for i in range(5)]]


def test_louvain_finds_the_circles_too_and_is_refused_where_gds_cannot_be_told_the_scope() -> None:
    rows = [*circle("a", 5), *circle("b", 5), ("a0", "b0", 5_000, 1)]
    assert sorted(groups_of(town(rows), scope_accounts=5, method="louvain"), key=min) == [
        {f"a{i}" for i in range(5)},
        {f"b{i}" for i in range(5)},
    ]
    params = CommunityParams(scope_accounts=5, method="louvain")
    with pytest.raises(BadInput, match="Louvain on gds has no resolution"):
        membership(Task(town(rows), "gds"), picture_of(Task(town(rows)), params), params)


def test_shared_phone_joins_accounts_that_never_paid_each_other() -> None:
    phone = ties(*REGISTERED, [(account, "p") for account in ("a0", "x", "y")])
    store = town(circle("a", 2), nodes("Account", ["x", "y"]), phone)
    assert groups_of(store, identity_weight=5) == [{"a0", "a1", "x", "y"}]


def test_call_centres_phone_ties_nobody() -> None:
    rows = [row for name in ("a", "b", "c") for row in circle(name, 4)]
    everybody = [f"{name}{i}" for name in ("a", "b", "c") for i in range(4)]
    callers = [*everybody, *(f"customer{i}" for i in range(488))]
    phone = ties(*REGISTERED, [(account, "95588") for account in callers])
    others = nodes("Account", callers[12:])
    joined, apart = town(rows, others, phone), town(rows, others)
    params = {"scope_accounts": 100, "identity_weight": 100}
    assert groups_of(joined, **params) == groups_of(apart, **params)
    assert len(groups_of(joined, **params)) == 3
    assert len(groups_of(town(rows, ties(*REGISTERED, [(a, "p") for a in everybody])), **params)) == 1
    sizes = [
        item.details["accounts"] for item in component.find(Task(joined), ComponentParams(min_score=0, ties="all"))
    ]
    assert sizes == [4, 4, 4]


def test_identifier_weight_falls_with_the_number_who_share_it() -> None:
    two = ties(*REGISTERED, [("a", "p"), ("b", "p")])
    five = ties(*REGISTERED, [(account, "q") for account in "cdefg"])
    store = MemoryStore([nodes("Account", list("abcdefg")), two, five])
    first, second, weight = identity_pairs(identities(store), cap=5)
    strength = dict(zip(zip(first.tolist(), second.tolist(), strict=True), weight.tolist(), strict=True))
    assert strength[(0, 1)] == 1.0
    assert strength[(2, 6)] == 0.25
    assert len(strength) == 1 + 10
    assert len(identity_pairs(identities(store), cap=4)[0]) == 1


def test_big_merchant_does_not_glue_its_customers() -> None:
    rows = [row for name in "abcdef" for row in circle(name, 4)]
    customers = [f"{name}{i}" for name in "abcdef" for i in range(4)] + [f"z{i}" for i in range(300)]
    rows += [(customer, "shop", 3_000, 5 * HOUR * i) for i, customer in enumerate(customers)]
    found = groups_of(town(rows), scope_accounts=100)
    assert sum(1 for part in found if {"a0", "a1", "a2", "a3"} <= part or {"b0", "b1", "b2", "b3"} <= part) == 2


def test_gang_is_reported_with_roles_reasons_and_evidence() -> None:
    store = town([*everyday(), *gang()])
    found = community.find(Task(store), CommunityParams(min_score=0.5))
    assert len(found) == 1
    only = found[0]
    roles = {member.id: member.role for member in only.members}
    assert {roles["m0"], roles["m1"], roles["m2"]} <= {"mule", "collector"}
    assert roles["m0"] == "collector"
    assert roles["m3"] == "cash_out"
    assert {roles[f"mvictim{i}"] for i in range(4)} == {"victim"}
    assert not any(member.startswith("e") for member in roles)
    assert any("passed on at least 60%" in reason for reason in only.reasons)
    assert "No account of the group is known to be new" in only.against
    assert only.amount_minor == sum(row[2] for row in gang())
    assert only.currency == "CNY"
    assert sum(only.details["active_hours"]) == len(gang())
    assert (only.starts_ms, only.ends_ms) == (0, max(row[3] for row in gang()))
    victims_rows = [f"t{i}" for i, row in enumerate([*everyday(), *gang()]) if row[0].startswith("mvictim")]
    assert set(victims_rows) <= set(only.evidence_ids)


def test_ordinary_life_is_no_finding() -> None:
    assert community.find(Task(town([*everyday(), *circle("a", 6)])), CommunityParams(min_score=0.5)) == []


def test_fresh_accounts_and_shared_device_raise_the_score() -> None:
    rows = [*everyday(), *gang()]
    members = ["m0", "m1", "m2", "m3"]
    plain = community.find(Task(town(rows)), CommunityParams(min_score=0.5))[0]
    device = ties("USED_DEVICE", ("Account", "Device"), [(account, "d") for account in members])
    others = sorted({end for row in rows for end in row[:2]} - set(members))
    opened = nodes("Account", members + others, opened_at_ms=[1] * 4 + [None] * len(others))
    store = MemoryStore([opened, payments([(a, b, n, at + HOUR) for a, b, n, at in rows]), device])
    stronger = community.find(Task(store), CommunityParams(min_score=0.5))[0]
    assert stronger.score > plain.score
    assert ("Device", "d", "shared_identifier") in {(m.label, m.id, m.role) for m in stronger.members}


def test_currencies_are_weighed_apart_and_never_added() -> None:
    rows = [*everyday(), *gang()]
    currency = ["CNY"] * (len(rows) - 1) + ["USD"]
    store = town(rows, currency=currency)
    table = transfers(store)
    units = amount_units(table)
    assert units[table.currencies.index("USD") == table.currency].tolist() == [1.0]
    only = community.find(Task(store), CommunityParams(min_score=0.5))[0]
    assert only.currency == "MIXED" and only.amount_minor is None
    assert only.details["money_by_currency"]["USD"]["inside"] == rows[-1][2]


def test_pass_through_takes_the_latest_money_first_and_not_across_currencies() -> None:
    rows = [("a", "b", 100, 0), ("c", "b", 50, HOUR), ("b", "d", 60, HOUR + 1), ("b", "d", 90, 9 * HOUR)]
    flow = pass_through(transfers(town(rows)), window_s=2 * 3600)
    assert flow.relayed.tolist() == pytest.approx([0.1, 1.0, 0.0, 0.0])
    assert flow.sourced.tolist() == pytest.approx([0.0, 0.0, 1.0, 0.0])
    mixed = pass_through(transfers(town(rows, currency=["CNY", "USD", "CNY", "CNY"])), window_s=2 * 3600)
    assert mixed.relayed.tolist() == pytest.approx([0.6, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    "store",
    [MemoryStore(), MemoryStore([nodes("Account", ["only"])]), town([("a", "a", 5_000, 1), ("a", "a", 5_000, 2)])],
    ids=["empty", "one account", "self-transfers"],
)
def test_nothing_to_find_gives_nothing(store: MemoryStore) -> None:
    assert community.find(Task(store), CommunityParams(min_score=0.5)) == []
    assert component.find(Task(store), ComponentParams(min_score=0.5)) == []
    assert groups_of(store) == []


def test_closed_gang_is_a_component_and_the_rest_is_not() -> None:
    store = town([*everyday(), *gang()])
    found = component.find(Task(store), ComponentParams(min_score=0.5, ties="all"))
    assert [item.title.split(":")[0] for item in found] == ["Closed group of 8 accounts"]
    assert component.find(Task(store), ComponentParams(always_below=2, max_share=0.01, ties="all")) == []


def content(found: list[Found]) -> list[object]:
    return [(item.title, item.score, item.reasons, item.against, sorted(m.id for m in item.members)) for item in found]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_changes_nothing(seed: int) -> None:
    rows = [*everyday(), *gang(), *circle("a", 4)]
    shuffle = np.random.default_rng(seed).permutation(len(rows))
    mixed = town([rows[i] for i in shuffle], id=[f"t{i}" for i in shuffle])
    params = CommunityParams(min_score=0.5)
    assert community.find(Task(mixed), params) == community.find(Task(town(rows)), params)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_names_of_accounts_do_not_matter(seed: int) -> None:
    rows = [*everyday(), *gang()]
    names = sorted({end for row in rows for end in row[:2]})
    renamed = dict(zip(names, np.random.default_rng(seed).permutation(names).tolist(), strict=True))
    params = CommunityParams(min_score=0.5)
    plain = community.find(Task(town(rows)), params)
    other = community.find(Task(town([(renamed[a], renamed[b], n, at) for a, b, n, at in rows])), params)
    assert [item.score for item in other] == [item.score for item in plain]
    assert [sorted(m.id for m in item.members) for item in other] == [
        sorted(renamed[m.id] for m in item.members) for item in plain
    ]


def test_score_grows_with_each_ground_and_stays_below_one() -> None:
    picture = picture_of(Task(town([*everyday(), *gang()])), CommunityParams())
    result = communities(picture, membership(Task(MemoryStore()), picture, CommunityParams()), CommunityParams())
    assert ((result.score >= 0) & (result.score < 1)).all()
    strongest = np.max(list(result.grounds.values()), axis=0)
    assert (result.score >= strongest - 1e-3).all()
