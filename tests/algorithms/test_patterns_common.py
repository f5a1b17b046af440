"""What holds for every money pattern on random payments: order, names, evidence, windows, currencies, bounds."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore, nodes, payments

from algorithms._base import Found, Task, catalog
from algorithms._layers import sharing
from algorithms._pattern import scene
from algorithms._steps import StepParams, steps
from graph.model import RowSet, conform

MIN = 60_000
DAY = 86_400_000
#: Name, parameters loose enough that random payments show the pattern, and how many windows its evidence may span.
PATTERNS: list[tuple[str, dict[str, Any], float | None]] = [
    ("scatter_gather", {"min_middles": 2}, 2),
    ("gather_scatter", {"min_sources": 2, "min_sinks": 2}, 2),
    ("bipartite", {"min_side": 2, "min_density": 0.3}, 1),
    ("stack", {"min_density": 0.0}, 2),
    ("random_walk", {"min_hops": 2, "max_drop_share": 0.4}, None),
    ("structuring", {"reported_from": {"CNY": (1_000,), "USD": (1_000,)}, "allowed_to": {}, "band_share": 0.3, "min_payments": 2}, 1),
    ("pass_through", {"min_passes": 1, "min_payers": 1, "min_score": 0, "window_s": 3_600}, None),
    ("key_account", {"min_paths": 0}, None),
    ("dormant_burst", {"min_transfers": 2, "min_partners": 1, "min_score": 0, "dormant_days": 0.1, "window_s": 7_200}, 1),
    ("new_account_burst", {"min_transfers": 2, "min_partners": 1, "min_score": 0}, 1),
]  # fmt: skip
ROW = st.tuples(
    st.integers(0, 7), st.integers(0, 7), st.integers(60, 100), st.integers(0, 300), st.integers(0, 5).map(lambda i: i == 0)
)  # fmt: skip
Rows = list[tuple[int, int, int, int, bool]]


def store(rows: Rows, name: str = "A{}", order: list[int] | None = None) -> MemoryStore:
    """Accounts opened at 0, payments ten minutes apart or less; every sixth in dollars; ids by place in `rows`."""
    order = list(range(len(rows))) if order is None else order
    picked = [rows[i] for i in order]
    accounts = [name.format(i) for i in range(8)]
    return MemoryStore(
        [
            nodes("Account", accounts, opened_at_ms=pa.array([0] * 8, pa.int64())),
            payments(
                [(name.format(a), name.format(b), m * 10, t * 10 * MIN) for a, b, m, t, _ in picked],
                currency=["USD" if usd else "CNY" for *_, usd in picked],
                id=[f"t{i:03}" for i in order],
            ),
        ]
    )


def run(name: str, where: MemoryStore, **params: Any) -> list[Found]:
    algorithm = catalog()[name]
    return algorithm.find(Task(where), algorithm.params.model_validate(params))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "params", "windows"), PATTERNS, ids=[name for name, *_ in PATTERNS])
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=60), data=st.data())
def test_random_payments(
    name: str, params: dict[str, Any], windows: float | None, rows: Rows, data: st.DataObject
) -> None:
    found = run(name, store(rows), **params)
    for item in found:
        places = [int(event[1:]) for event in item.evidence_ids]
        assert places and len(set(places)) == len(places)
        # Evidence exists, is of one currency, and no money sent to oneself is in it.
        assert {"USD" if rows[i][4] else "CNY" for i in places} == {item.currency}
        assert all(rows[i][0] != rows[i][1] for i in places)
        times = [rows[i][3] * 10 * MIN for i in places]
        assert (item.starts_ms, item.ends_ms) == (min(times), max(times))
        window_ms = catalog()[name].params.model_validate(params).window_s * 1000  # type: ignore[attr-defined]
        if windows is not None:
            assert max(times) - min(times) <= windows * window_ms
        ends = {f"A{end}" for i in places for end in rows[i][:2]}
        assert {member.id for member in item.members} <= ends
        assert 0 <= item.score <= 1 and item.title and item.reasons
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    # The order in which rows come from a store changes nothing.
    assert found == run(name, store(rows, order=data.draw(st.permutations(range(len(rows))))), **params)


@pytest.mark.parametrize(("name", "params", "windows"), PATTERNS, ids=[name for name, *_ in PATTERNS])
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=50))
def test_names_do_not_matter(name: str, params: dict[str, Any], windows: float | None, rows: Rows) -> None:
    """Renaming accounts so that they sort the other way round gives the same findings under the new names."""
    turned = [(7 - a, 7 - b, m, t, usd) for a, b, m, t, usd in rows]
    plain, other = run(name, store(rows), **params), run(name, store(turned, "B{}"), **params)

    def shape(found: list[Found], letter: str) -> list[Any]:
        def real(text: str) -> int:
            return int(text[1:]) if letter == "A" else 7 - int(text[1:])

        return sorted(
            (
                item.score,
                item.amount_minor,
                item.evidence_ids,
                sorted((real(m.id), m.role, m.layer or 0) for m in item.members),
            )
            for item in found
        )

    assert shape(plain, "A") == shape(other, "B")


@pytest.mark.parametrize("name", [name for name, *_ in PATTERNS] + ["crypto_round_trip"])
def test_nothing_from_nothing(name: str) -> None:
    assert run(name, MemoryStore([nodes("Account", ["A"]), payments([])])) == []
    assert run(name, MemoryStore([nodes("Account", ["A"]), payments([("A", "A", 5, 0)] * 20)])) == []
    assert catalog()[name].name == name


@pytest.mark.parametrize(("name", "params", "windows"), PATTERNS, ids=[name for name, *_ in PATTERNS])
def test_a_hub_is_bounded_and_its_own(name: str, params: dict[str, Any], windows: float | None) -> None:
    """A shop with 4,000 customers over 60 days, who all pay each day at one instant: quick, and not the top of anything."""
    rng = np.random.default_rng(4)
    rows = [
        (f"K{k:04}", "SHOP", int(rng.integers(100, 900)), day * DAY) for day in range(60) for k in range(day, 4_000, 60)
    ]
    rows += [
        ("SHOP", f"S{k:04}", int(rng.integers(100, 900)), day * DAY) for day in range(60) for k in range(day, 4_000, 60)
    ]
    ends = sorted({end for row in rows for end in row[:2]})
    found = run(name, MemoryStore([nodes("Account", ends), payments(rows)]), **params)
    assert "SHOP" not in {
        member.id for item in found for member in item.members if member.role in ("mule", "collector", "distributor")
    }


@pytest.mark.parametrize(("name", "params", "windows"), PATTERNS, ids=[name for name, *_ in PATTERNS])
def test_limit_says_what_it_left_out(name: str, params: dict[str, Any], windows: float | None) -> None:
    rng = np.random.default_rng(11)
    rows: Rows = [
        (int(a), int(b), int(m), int(t), False)
        for a, b, m, t in zip(rng.integers(0, 8, 400), rng.integers(0, 8, 400), rng.integers(60, 100, 400), rng.integers(0, 900, 400), strict=True)
    ]  # fmt: skip
    every = run(name, store(rows), **params)
    one = run(name, store(rows), limit=1, **params)
    assert len(one) == min(1, len(every))
    if len(every) > 1:
        said = f"{len(every) - 1} less suspicious findings were left out by the limit"
        assert one[0].details["omitted"][-1] == said
        assert dataclasses.replace(one[0], details={}) == dataclasses.replace(every[0], details={})


def coin_rows(rows: list[tuple[str, str, int, int]], leg: str) -> RowSet:
    """EXCHANGED (leg buy or sell) or MOVED rows of (from, to, coin in minor units, at_ms); ids are their own words."""
    pair = {"buy": ("Account", "Wallet"), "sell": ("Wallet", "Account"), "move": ("Wallet", "Wallet")}[leg]
    columns: dict[str, Any] = {
        "from_id": pa.array([row[0] for row in rows], pa.string()), "to_id": pa.array([row[1] for row in rows], pa.string()),
        "at_ms": pa.array([row[3] for row in rows], pa.int64()), "id": pa.array([f"{leg}{i:03}" for i in range(len(rows))], pa.string()),
        "amount_minor": pa.array([row[2] for row in rows], pa.int64()),
        "currency": pa.array(["USDT" if leg == "move" else "CNY"] * len(rows), pa.string()),
    }  # fmt: skip
    if leg != "move":
        columns |= {"coin_minor": columns["amount_minor"], "coin": pa.array(["USDT"] * len(rows), pa.string())}
    name = "MOVED" if leg == "move" else "EXCHANGED"
    return RowSet(name, conform(name, pa.table(columns)), *pair)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["buy", "move", "move", "sell"]), st.integers(0, 4), st.integers(0, 4), st.integers(50, 99), st.integers(0, 40)),
        min_size=1, max_size=40,
    ),
    data=st.data(),
)  # fmt: skip
def test_random_coin(rows: list[tuple[str, int, int, int, int]], data: st.DataObject) -> None:
    """Never more coin is followed than was bought; evidence exists; row order changes nothing."""

    def made(order: list[int]) -> MemoryStore:
        parts = []
        for leg in ("buy", "move", "sell"):
            ends = {"buy": "AW", "move": "WW", "sell": "WA"}[leg]
            chosen = [rows[i] for i in range(len(rows)) if rows[i][0] == leg]
            table = coin_rows([(f"{ends[0]}{a}", f"{ends[1]}{b}", m, t * MIN) for _, a, b, m, t in chosen], leg)
            place = [i for i in order if i < len(chosen)]
            parts.append(
                RowSet(table.type_name, table.table.take(pa.array(place, pa.int64())), table.from_label, table.to_label)
            )
        kinds = ["private"] * 4 + ["mixer"]
        return MemoryStore(
            [
                nodes("Account", [f"A{i}" for i in range(5)]),
                nodes("Wallet", [f"W{i}" for i in range(5)], kind=kinds),
                *parts,
            ]
        )

    plain = list(range(len(rows)))
    found = run("crypto_round_trip", made(plain))
    bought = sum(m for leg, _, _, m, _ in rows if leg == "buy")
    assert (
        sum(step["traced_minor"] for item in found for step in item.details["way"] if step["leg"] == "sell") <= bought
    )
    for item in found:
        assert set(item.evidence_ids) == {step["id"] for step in item.details["way"]}
        assert item.amount_minor == sum(step["coin_minor"] for step in item.details["way"] if step["leg"] == "buy")
        assert (item.starts_ms, item.ends_ms) == (item.details["way"][0]["at_ms"], item.details["way"][-1]["at_ms"])
    assert found == run("crypto_round_trip", made(data.draw(st.permutations(plain))))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=60))
def test_fewer_steps_than_payments_in_and_out(rows: Rows) -> None:
    """What makes the step patterns linear: each step uses up a payment in or a payment out, and never makes money."""
    params = StepParams(max_retained_share=1.0, min_explained_share=0.0)
    here = scene(Task(store(rows)), params)  # type: ignore[arg-type]
    some = steps(here, params)
    moved = sum(a != b for a, b, *_ in rows)
    assert len(some) < 2 * moved or not moved
    for side in (some.lot, some.pays):
        used = np.bincount(side, weights=some.money, minlength=len(here.flow))
        assert (used <= here.flow.amount).all()
    assert (here.flow.currency[some.lot] == here.flow.currency[some.pays]).all()
    assert (here.flow.at_ms[some.lot] <= here.flow.at_ms[some.pays]).all()


@pytest.mark.parametrize("n", [500, 2_000])
def test_everyone_pays_one_within_a_moment(n: int) -> None:
    """Pairs of payers grow with payments times the cap, not with their square; what was not compared is counted."""
    members, keys, at = np.arange(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
    pairs, cut = sharing(keys, members, at, 0, 16, 1)
    assert len(pairs) < 16 * n
    assert cut == n - 17


def test_a_busy_mixer_is_looked_at_in_part_and_it_is_said() -> None:
    deposits = [(f"W{i}", "MIX", 500, i) for i in range(50)]
    payouts = [("MIX", f"X{i}", 100, 100 + i) for i in range(1_000)]
    buys = [("A", f"W{i}", 500, 0) for i in range(50)]
    wallets = sorted({x for row in deposits + payouts for x in row[:2]})
    kinds = ["mixer" if name == "MIX" else "private" for name in wallets]
    rowsets = [coin_rows(buys, "buy"), coin_rows(deposits + payouts, "move"), coin_rows([], "sell")]
    found = run(
        "crypto_round_trip", MemoryStore([nodes("Account", ["A"]), nodes("Wallet", wallets, kind=kinds), *rowsets])
    )
    assert len(found) == 50
    assert found[0].details["omitted"] == ["50 deposits in mixers were compared with only some payouts"]
