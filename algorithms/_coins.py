"""Coin movements as one flow: bought by accounts, moved between wallets, sold to accounts; and matching through mixers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._flow import Bools, Flow, Ints, Links, Rules
from graph.port import GraphStore

BUY, MOVE, SELL = range(3)
#: A mixer's deposit is compared with at most so many payouts after it.
_SCAN = 512


@dataclass(frozen=True, slots=True, eq=False)
class Coins:
    """Coin movements in order of time (ties by event id). `flow.amount` is coin in minor units, `flow.currency` a place in `coins`.

    Nodes are accounts, then wallets, each in order of their ids. `fiat` and `fiat_currency` (a place in `currencies`)
    tell what a purchase or sale cost; 0 and -1 for moves. `without_coin` exchanges did not say how much coin they were.
    """

    flow: Flow
    leg: Ints
    fiat: Ints
    fiat_currency: Ints
    event_ids: tuple[str, ...]
    accounts: tuple[str, ...]
    wallets: tuple[str, ...]
    mixer: Bools
    currencies: tuple[str, ...]
    coins: tuple[str, ...]
    without_coin: int

    def name(self, node: int) -> tuple[str, str]:
        """(label, id) of a node."""
        count = len(self.accounts)
        return ("Account", self.accounts[node]) if node < count else ("Wallet", self.wallets[node - count])


def coins(store: GraphStore) -> Coins:
    """Project EXCHANGED and MOVED. Moves of a wallet to itself move nothing."""
    parts = [
        _legs(store, "EXCHANGED", ("Account", "Wallet"), BUY),
        _legs(store, "MOVED", ("Wallet", "Wallet"), MOVE),
        _legs(store, "EXCHANGED", ("Wallet", "Account"), SELL),
    ]
    rows = pa.concat_tables(parts)
    known = rows.filter(pc.and_(pc.is_valid(rows["coin_minor"]), pc.not_equal(rows["from"], rows["to"])))
    without = rows["coin_minor"].null_count
    known = known.sort_by([("at_ms", "ascending"), ("id", "ascending")])
    leg = known["leg"].to_numpy().astype(np.int64)
    source, target = np.array(known["from"].to_pylist(), object), np.array(known["to"].to_pylist(), object)
    account_side = [*source[leg == BUY].tolist(), *target[leg == SELL].tolist()]
    wallet_side = [*source[leg != BUY].tolist(), *target[leg != SELL].tolist()]
    accounts, wallets = tuple(sorted(set(account_side))), tuple(sorted(set(wallet_side)))
    of_account = {name: place for place, name in enumerate(accounts)}
    of_wallet = {name: place + len(accounts) for place, name in enumerate(wallets)}
    src = [(of_account if at == BUY else of_wallet)[name] for name, at in zip(source, leg, strict=True)]
    dst = [(of_account if at == SELL else of_wallet)[name] for name, at in zip(target, leg, strict=True)]
    coin, coin_names = _coded(known["coin"].to_pylist())
    fiat_currency, currencies = _coded(known["currency"].to_pylist())
    kinds = store.scan_nodes("Wallet", ["id", "kind"])
    mixers = {
        name for name, kind in zip(*(kinds[c].to_pylist() for c in ("id", "kind")), strict=True) if kind == "mixer"
    }
    none = np.zeros(len(known), np.bool_)
    flow = Flow(
        np.array(src, np.int64), np.array(dst, np.int64), known["coin_minor"].to_numpy().astype(np.int64),
        known["at_ms"].to_numpy().astype(np.int64), coin,
        np.where(np.arange(len(accounts) + len(wallets)) < len(accounts), fl.OTHER, fl.WALLET).astype(np.int64), none, none,
    )  # fmt: skip
    mixer = np.array([False] * len(accounts) + [name in mixers for name in wallets], np.bool_)
    fiat = np.where(leg == MOVE, 0, known["amount_minor"].to_numpy()).astype(np.int64)
    return Coins(
        flow, leg, fiat, np.where(leg == MOVE, -1, fiat_currency), tuple(known["id"].to_pylist()), accounts, wallets,
        mixer, currencies, coin_names, without,
    )  # fmt: skip


def _legs(store: GraphStore, type_name: str, pair: tuple[str, str], leg: int) -> pa.Table:
    extra = ["coin_minor", "coin"] if type_name == "EXCHANGED" else []
    rows = store.scan_rels(type_name, ["id", "amount_minor", "currency", "at_ms", *extra], pair)
    moved = type_name == "MOVED"
    return pa.table(
        {
            "from": rows["from_id"], "to": rows["to_id"], "id": rows["id"], "amount_minor": rows["amount_minor"],
            "currency": pa.array([""] * len(rows), pa.string()) if moved else rows["currency"], "at_ms": rows["at_ms"],
            "coin_minor": rows["amount_minor"] if moved else rows["coin_minor"],
            "coin": rows["currency"] if moved else pc.fill_null(rows["coin"], ""),
            "leg": pa.array(np.full(len(rows), leg), pa.int64()),
        }
    )  # fmt: skip


def _coded(names: list[str]) -> tuple[Ints, tuple[str, ...]]:
    known = tuple(sorted(set(names)))
    place = {name: i for i, name in enumerate(known)}
    return np.array([place[name] for name in names], np.int64), known


@njit(cache=True)
def _match(sides, columns, mixers, window, fee, most, scan):  # type: ignore[no-untyped-def]
    """(deposit, payout, payouts that would fit) at each mixer: the earliest free payout that fits; and deposits cut short."""
    in_start, in_order, out_start, out_order = sides
    amount, at_ms, coin = columns
    n = len(amount)
    lot, pays, fits = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    used = np.zeros(n, np.bool_)
    count, cut = 0, 0
    for node in mixers:
        low = out_start[node]
        for place in range(in_start[node], in_start[node + 1]):
            deposit = in_order[place]
            while low < out_start[node + 1] and at_ms[out_order[low]] <= at_ms[deposit]:
                low += 1
            chosen, fitting, looked = np.int64(-1), 0, 0
            for at in range(low, out_start[node + 1]):
                row = out_order[at]
                if at_ms[row] - at_ms[deposit] > window:
                    break
                if looked == scan:
                    cut += 1
                    break
                looked += 1
                if coin[row] != coin[deposit] or amount[row] > amount[deposit]:
                    continue
                if amount[row] < (1.0 - fee) * amount[deposit]:
                    continue
                fitting += 1
                if chosen < 0 and not used[row]:
                    chosen = row
            if chosen >= 0 and fitting <= most:
                used[chosen] = True
                lot[count], pays[count], fits[count] = deposit, chosen, fitting
                count += 1
    return lot[:count].copy(), pays[:count].copy(), fits[:count].copy(), cut


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Bought coin followed: `money` traced per row, `hop` (0 a purchase), links, and payouts that fitted a mixer's deposit.

    `fits[row]` is 0 for a row not reached through a mixer, else among how many payouts it was chosen. `hub` wallets and
    mixers are not followed but by matching. `cut` deposits were compared with only a part of the payouts.
    """

    links: Links
    money: Ints
    hop: Ints
    fits: Ints
    hub: Bools
    cut: int


def follow_bought(picture: Coins, rules: Rules, hub: Bools, fee: float, most: int) -> Followed:
    """Follow all coin from its purchase, oldest first, through wallets and, by amount and time, through mixers."""
    flow = picture.flow
    stop = hub | picture.mixer | (np.arange(flow.n_nodes) < len(picture.accounts))
    links = fl.link(flow, rules, stop)
    ins, outs = kernel.group(flow.dst, flow.n_nodes), kernel.group(flow.src, flow.n_nodes)
    lot, pays, fit, cut = _match(
        (*ins, *outs), (flow.amount, flow.at_ms, flow.currency), np.flatnonzero(picture.mixer), rules.window_ms, fee, most, _SCAN
    )  # fmt: skip
    fits = np.zeros(len(flow), np.int64)
    fits[pays] = fit
    lot, pays = np.append(links.lot, lot), np.append(links.pays, pays)
    money = np.append(links.money, flow.amount[pays[len(links.pays) :]])
    start, by_lot = kernel.group(lot, len(flow))
    joined = replace(links, lot=lot, pays=pays, money=money, start=start, by_lot=by_lot)
    traced = fl.follow(flow, joined, np.where(picture.leg == BUY, flow.amount, 0), rules.max_hops)
    used = replace(joined.only(traced.carried > 0), money=traced.carried[traced.carried > 0])
    return Followed(used, traced.money, traced.hop, fits, hub | picture.mixer, int(cut))


def peels(picture: Coins, found: Followed) -> Ints:
    """For each row, how many wallets in turn peeled a small part off what it brought and sent the large rest on."""
    flow, links = picture.flow, found.links
    length = np.zeros(len(flow), np.int64)
    # Money of one payment goes later than it came: walk backwards in money order.
    for row in links.order[::-1].tolist():
        onward = links.by_lot[links.start[row] : links.start[row + 1]]
        if len(onward) < 2:
            continue
        shares = links.money[onward] / flow.amount[row]
        largest = int(np.argmax(shares))
        if 0.7 <= shares[largest] <= 0.99 and shares.sum() - shares[largest] >= 0.01:
            length[row] = 1 + length[links.pays[onward[largest]]]
    return length
