"""Tables of the coin side: EXCHANGED between accounts and wallets, MOVED between wallets."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from loaders.town.customs import CoinTrades
from loaders.town.links import Pair
from loaders.town.numbering import Ids
from loaders.town.truth import hop_id, trade_id


def coin_tables(coins: CoinTrades, ids: Ids) -> Iterator[tuple[Pair, pl.DataFrame]]:
    """EXCHANGED both ways and MOVED, as ((from label, type, to label), frame)."""
    for buys in (True, False):
        chosen = [(place, trade) for place, trade in enumerate(coins.trades) if trade[2] == buys]
        accounts = [ids.account[trade[0]] for _, trade in chosen]
        wallets = [ids.wallet[trade[1]] for _, trade in chosen]
        pair = ("Account", "EXCHANGED", "Wallet") if buys else ("Wallet", "EXCHANGED", "Account")
        yield pair, pl.DataFrame({
            "from_id": accounts if buys else wallets, "to_id": wallets if buys else accounts,
            "id": [trade_id(place) for place, _ in chosen], "amount_minor": [trade[3] for _, trade in chosen],
            "currency": ["CNY"] * len(chosen), "at_ms": [trade[5] for _, trade in chosen],
            "coin_minor": [trade[4] for _, trade in chosen], "coin": ["USDT"] * len(chosen),
        })  # fmt: skip
    yield ("Wallet", "MOVED", "Wallet"), pl.DataFrame({
        "from_id": [ids.wallet[hop[0]] for hop in coins.hops], "to_id": [ids.wallet[hop[1]] for hop in coins.hops],
        "id": [hop_id(place) for place in range(len(coins.hops))], "amount_minor": [hop[2] for hop in coins.hops],
        "currency": ["USDT"] * len(coins.hops), "at_ms": [hop[3] for hop in coins.hops],
    })  # fmt: skip
