"""All money movements of a store as one flow: transfers between accounts, and exchanges with wallets at their fiat leg."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from algorithms import _flow as fl
from algorithms._at_once import at_once
from algorithms._flow import Bools, Flow, Ints
from algorithms._flow_kernel import weave
from algorithms._projection import TransferTable, accounts, transfers
from core.errors import BadInput
from graph.port import GraphStore

_KINDS = {"merchant": fl.MERCHANT, "exchange": fl.EXCHANGE, "cash": fl.CASH}
_EXCHANGED = ("id", "amount_minor", "currency", "at_ms")


@dataclass(frozen=True, slots=True, eq=False)
class Money:
    """A flow with the names behind its numbers. Nodes below `table.n_accounts` are accounts, the rest wallets."""

    flow: Flow
    table: TransferTable
    wallets: tuple[str, ...]
    currencies: tuple[str, ...]
    origin: Ints
    """Row of the transfer table, or `len(table) + row of the exchanges`."""
    exchange_ids: tuple[str, ...]

    def events(self, rows: Ints) -> tuple[str, ...]:
        """Event ids of flow rows, in the order given."""
        origin = self.origin[np.asarray(rows, np.int64)]
        count = len(self.table)
        plain = self.table.transfer_ids(origin[origin < count])
        names = iter(plain)
        return tuple(next(names) if at < count else self.exchange_ids[at - count] for at in origin.tolist())

    def names(self, nodes: Iterable[int]) -> list[tuple[str, str]]:
        """(label, id) of nodes, in the order given."""
        numbers = [int(node) for node in nodes]
        count = self.table.n_accounts
        found = iter(self.table.accounts(np.array([n for n in numbers if n < count], np.int64)))
        return [("Account", next(found)) if n < count else ("Wallet", self.wallets[n - count]) for n in numbers]

    def rows_of(self, event_ids: Iterable[str]) -> Bools:
        """Marks the flow rows with these event ids."""
        wanted = pa.array(sorted(set(event_ids)), pa.string())
        # Asked of the ids as they were scanned: making the text of every row in order costs ten times as much.
        among = pc.is_in(self.table._scan_ids, value_set=wanted).to_numpy(zero_copy_only=False)
        plain = among[self.table._order] if len(self.table) else np.zeros(0, np.bool_)
        coin = np.isin(np.array(self.exchange_ids, dtype=object), wanted.to_pylist())
        marked: Bools = np.concatenate([plain, coin]).astype(np.bool_)[self.origin]
        return marked


def money(store: GraphStore) -> Money:
    """Project a store's transfers and fiat-coin exchanges. Refused and reversed transfers are no flow.

    Raises BadInput `missing_amount` when a transfer has no amount: the ledger takes none such.
    """
    table, known = transfers(store), accounts(store)
    if table.amount_minor.dtype.kind != "i":  # a column with gaps comes as floating point numbers
        row = int(np.isnan(np.asarray(table.amount_minor, np.float64)).argmax())
        raise BadInput(
            f"transfer {table.transfer_ids([row])[0]} has no amount_minor, expected whole minor units",
            code="missing_amount",
        )
    legs = [_exchanged(store, pair) for pair in (("Account", "Wallet"), ("Wallet", "Account"))]
    wallets = tuple(sorted({name for leg in legs for name in leg["wallet"]}))
    currencies = (*table.currencies, *sorted({c for leg in legs for c in leg["currency"]} - set(table.currencies)))
    extra = [_leg_columns(leg, table, wallets, currencies) for leg in legs]
    more = [np.concatenate(parts) for parts in zip(*extra, strict=True)]
    by_time = np.argsort(more[3], kind="stable")
    # Transfers are in order of time already: exchanges go in between, after transfers of the same moment.
    place = np.searchsorted(table.at_ms, more[3][by_time], side="right")
    cash = np.isin(table.channel, [i for i, name in enumerate(table.channels) if name in fl.CASH_CHANNELS])
    converted = table.currency != table.received_currency
    both: tuple[NDArray[Any], ...] = (table.src, table.dst, table.amount_minor, table.at_ms, table.currency)
    pairs: list[tuple[NDArray[Any], NDArray[Any]]] = [
        *((first, part[by_time]) for first, part in zip(both, more, strict=True)),
        (cash, np.zeros(len(by_time), np.bool_)), (converted, np.zeros(len(by_time), np.bool_)),
        (np.arange(len(table), dtype=np.int64), len(table) + by_time),
    ]  # fmt: skip
    src, dst, amount, at_ms, currency, cash, converted, origin = at_once(
        len(table), [partial(_woven, first, part, place) for first, part in pairs], threads=2
    )
    flow = Flow(src, dst, amount, at_ms, currency, _kinds(known, len(wallets)), cash, converted)
    ids = tuple(name for leg in legs for name in leg["id"])
    return Money(flow, table, wallets, currencies, origin, ids)


def _woven(rows: NDArray[Any], more: NDArray[Any], place: Ints) -> NDArray[Any]:
    """`rows` with the values of `more` put in before these places; whole numbers as 64 bits."""
    if not len(more):
        return rows.astype(more.dtype, copy=False)
    woven = np.empty(len(rows) + len(more), more.dtype)
    weave(rows, more, place, woven)
    return woven


def _exchanged(store: GraphStore, pair: tuple[str, str]) -> dict[str, list[Any]]:
    rows = store.scan_rels("EXCHANGED", _EXCHANGED, pair).to_pydict()
    sells = pair[0] == "Wallet"
    rows["wallet"], rows["account"] = rows["from_id" if sells else "to_id"], rows["to_id" if sells else "from_id"]
    # Any order comes from the store: fix one.
    order = sorted(range(len(rows["id"])), key=lambda i: (rows["at_ms"][i], rows["id"][i]))
    fixed = {name: [values[i] for i in order] for name, values in rows.items()}
    return fixed | {"sells": [sells] * len(order)}


def _leg_columns(
    leg: dict[str, list[Any]], table: TransferTable, wallets: tuple[str, ...], currencies: tuple[str, ...]
) -> tuple[Ints, ...]:
    place = {name: table.n_accounts + i for i, name in enumerate(wallets)}
    wallet = np.array([place[str(name)] for name in leg["wallet"]], np.int64)
    account = table.number_of(str(name) for name in leg["account"]).astype(np.int64)
    code = {name: i for i, name in enumerate(currencies)}
    sells = np.array(leg["sells"], np.bool_)
    return (
        np.where(sells, wallet, account), np.where(sells, account, wallet),
        np.array(leg["amount_minor"], np.int64), np.array(leg["at_ms"], np.int64),
        np.array([code[str(name)] for name in leg["currency"]], np.int64),
    )  # fmt: skip


def _kinds(known: pa.Table, n_wallets: int) -> Ints:
    column = known["kind"].combine_chunks() if known.num_rows else pa.array([], pa.string())
    kind = np.zeros(known.num_rows + n_wallets, np.int64)
    for name, code in _KINDS.items():
        same = pc.fill_null(pc.equal(column, name), False)
        kind[: known.num_rows][same.to_numpy(zero_copy_only=False)] = code
    kind[known.num_rows :] = fl.WALLET
    return kind
