"""Crypto round trips by hand: bought, moved, sold elsewhere; mixers matched by amount; peel chains; honest savers."""

from __future__ import annotations

import pyarrow as pa
import pytest
from memory_store import MemoryStore, nodes
from test_patterns_common import coin_rows

from algorithms._base import Found, Task
from algorithms.crypto_round_trip import CryptoRoundTripParams, find
from graph.model import RowSet, conform

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000
Rows = list[tuple[str, str, int, int]]
BUY: Rows = [("A", "W1", 1_000, 0)]
MOVES: Rows = [("W1", "W2", 990, HOUR), ("W2", "W3", 985, 2 * HOUR)]
SELL: Rows = [("W3", "B", 980, 3 * HOUR)]


def store(buy: Rows, moves: Rows, sell: Rows, mixers: tuple[str, ...] = ()) -> MemoryStore:
    wallets = sorted(
        {x for rows, at in ((buy, (1,)), (moves, (0, 1)), (sell, (0,))) for row in rows for x in [row[k] for k in at]}
    )
    kinds = ["mixer" if name in mixers else "private" for name in wallets]
    accounts = sorted({row[0] for row in buy} | {row[1] for row in sell})
    parts = [coin_rows(buy, "buy"), coin_rows(moves, "move"), coin_rows(sell, "sell")]
    return MemoryStore(
        [nodes("Account", accounts), nodes("Wallet", wallets, kind=pa.array(kinds, pa.string())), *parts]
    )


def run(where: MemoryStore, **params: object) -> list[Found]:
    return find(Task(where), CryptoRoundTripParams.model_validate(params))  # type: ignore[arg-type]


def test_picture() -> None:
    (found,) = run(store(BUY, MOVES, SELL))
    assert [(m.label, m.id, m.role, m.layer) for m in found.members] == [
        ("Account", "A", "exchanger", 0), ("Wallet", "W1", "wallet", 0), ("Wallet", "W2", "wallet", 1),
        ("Wallet", "W3", "wallet", 2), ("Account", "B", "exchanger", 4),
    ]  # fmt: skip
    assert found.evidence_ids == ("buy000", "move000", "move001", "sell000")
    assert (found.amount_minor, found.currency, found.starts_ms, found.ends_ms) == (1_000, "CNY", 0, 3 * HOUR)
    assert (found.details["hops"], found.details["received_minor"]) == (2, {"CNY": 980})
    assert [step["traced_minor"] for step in found.details["way"]] == [1_000, 990, 985, 980]
    assert found.details["signs"]["elsewhere"] == 1.0


@pytest.mark.parametrize(
    ("buy", "moves", "sell"),
    [
        (BUY, MOVES, []),  # it rests in a wallet
        ([], MOVES, SELL),  # nobody is seen to buy it
        (BUY, [("W1", "W2", 990, -HOUR), MOVES[1]], SELL),  # moved before it was bought
        (BUY, MOVES, [("W3", "B", 980, 30 * DAY)]),  # held for a month
        (BUY, MOVES, [("W9", "B", 980, 3 * HOUR)]),  # other coin
        (BUY, [], [("W1", "B", 990, HOUR)]),  # sold at once, never moved
        (
            BUY,
            [("W1", "W2", 9_000, HOUR), ("W2", "W3", 8_900, 2 * HOUR)],
            [("W3", "B", 8_800, 3 * HOUR)],
        ),  # mostly older coin
    ],
)
def test_near_misses(buy: Rows, moves: Rows, sell: Rows) -> None:
    assert run(store(buy, moves, sell)) == []


def test_savings_moved_by_their_owner_score_low() -> None:
    (found,) = run(store(BUY, MOVES, [("W3", "A", 980, 3 * HOUR)]))
    (elsewhere,) = run(store(BUY, MOVES, SELL))
    assert found.score < elsewhere.score - 0.3
    assert any("came back to who had bought it" in line for line in found.against)


def test_through_a_mixer_by_amount() -> None:
    moves = [("W1", "MIX", 990, HOUR), ("MIX", "W3", 980, 2 * HOUR), ("MIX", "W8", 400, 90 * MIN), ("V", "MIX", 405, 0)]
    (found,) = run(store(BUY, moves, SELL, mixers=("MIX",)))
    assert {m.id: m.role for m in found.members} == {
        "A": "exchanger", "W1": "wallet", "MIX": "hub", "W3": "wallet", "B": "exchanger",
    }  # fmt: skip
    assert any("among up to 1 payouts" in line for line in found.against)
    assert "move002" not in found.evidence_ids


def test_a_mixer_with_too_many_fitting_payouts_ends_the_trail() -> None:
    moves = [("W1", "MIX", 990, HOUR), *[("MIX", f"X{i}", 980, 2 * HOUR + i) for i in range(9)]]
    (found,) = run(store(BUY, moves, [(f"X{i}", "B", 975, 3 * HOUR) for i in range(9)], mixers=("MIX",)))
    assert found.evidence_ids == ("buy000", "move000")
    assert found.details["received_minor"] == {}
    assert any("there the trail ends" in line for line in found.against)
    assert (
        len(run(store(BUY, moves, [("X0", "B", 975, 3 * HOUR)], mixers=("MIX",)), mixer_choices=9)[0].evidence_ids) == 4
    )


def test_peel_chain() -> None:
    moves: Rows = []
    left = 1_000
    for i in range(1, 5):
        moves += [(f"W{i}", f"P{i}", 80, i * HOUR), (f"W{i}", f"W{i + 1}", left - 90, i * HOUR + MIN)]
        left -= 90
    (found,) = run(store(BUY, moves, []))
    assert found.details["peels"] == 4
    assert any("4 wallets in turn each peeled off" in line for line in found.reasons)
    assert run(store(BUY, moves[:4], [])) == []


def test_coin_of_other_kinds_and_exchanges_without_coin() -> None:
    other = store(BUY, MOVES, SELL)
    moved = coin_rows(MOVES, "move")
    btc = moved.table.set_column(moved.table.column_names.index("currency"), "currency", pa.array(["BTC"] * 2))
    parts = [
        nodes("Account", ["A", "B"]),
        nodes("Wallet", ["W1", "W2", "W3"]),
        coin_rows(BUY, "buy"),
        coin_rows(SELL, "sell"),
    ]
    assert run(MemoryStore([*parts, RowSet("MOVED", conform("MOVED", btc), "Wallet", "Wallet")])) == []
    silent = coin_rows([("A", "W1", 5, MIN)], "buy")
    names = silent.table.column_names
    table = silent.table.set_column(names.index("coin_minor"), "coin_minor", pa.array([None], pa.int64()))
    table = table.set_column(names.index("id"), "id", pa.array(["silent"]))
    other.apply(2, [RowSet("EXCHANGED", conform("EXCHANGED", table), "Account", "Wallet")])
    (found,) = run(other)
    assert found.details["omitted"] == ["1 exchanges do not say how much coin they were and were left out"]


def test_two_currencies_are_never_added() -> None:
    buys = coin_rows([("A", "W1", 1_000, 0), ("C", "W1", 1_000, 1)], "buy")
    column = buys.table.column_names.index("currency")
    mixed = buys.table.set_column(column, "currency", pa.array(["CNY", "USD"]))
    moves, sell = [(a, b, 2 * m, t) for a, b, m, t in MOVES], [(a, b, 2 * m, t) for a, b, m, t in SELL]
    parts = [
        coin_rows(moves, "move"),
        coin_rows(sell, "sell"),
        RowSet("EXCHANGED", conform("EXCHANGED", mixed), "Account", "Wallet"),
    ]
    (found,) = run(MemoryStore([nodes("Account", ["A", "B", "C"]), nodes("Wallet", ["W1", "W2", "W3"]), *parts]))
    assert (found.amount_minor, found.currency) == (None, "MIXED")
    assert found.details["paid_minor"] == {"CNY": 1_000, "USD": 1_000}
