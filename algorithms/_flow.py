"""Transfers as arrays, and the links between them: which payment passes on which money."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from algorithms import _flow_kernel as kernel
from algorithms import _link
from algorithms._at_once import at_once
from algorithms._bounds import equally_long, not_negative, within

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: What an end point is, by code in `Flow.kind`.
OTHER, MERCHANT, EXCHANGE, CASH, WALLET = range(5)
#: Channels through which money leaves as cash.
CASH_CHANNELS = frozenset({"atm", "cash", "withdrawal", "cash_out", "counter"})


@dataclass(frozen=True, slots=True)
class Flow:
    """Money movements sorted by time; amounts in minor units, times in epoch ms, currency as a code per row.

    `kind` has one code per node (OTHER, MERCHANT ...). `cash_exit` marks rows whose channel says cash was taken out,
    `converted` rows that reach the payee in another currency: a chain ends there.

    Raises BadInput for a node or currency number out of range, an amount below 0 and columns of different length: the
    kernels behind it do not look again.
    """

    src: Ints
    dst: Ints
    amount: Ints
    at_ms: Ints
    currency: Ints
    kind: Ints
    cash_exit: Bools
    converted: Bools

    def __post_init__(self) -> None:
        columns = {
            name: getattr(self, name)
            for name in ("src", "dst", "amount", "at_ms", "currency", "cash_exit", "converted")
        }
        equally_long("money movements", **columns)
        within("money movements", len(self.kind), src=self.src, dst=self.dst)
        not_negative("money movements", amount=self.amount, currency=self.currency)

    @property
    def n_nodes(self) -> int:
        return len(self.kind)

    def __len__(self) -> int:
        return len(self.src)

    def part(self, rows: Ints) -> Flow:
        """The movements at these rows (ascending), over the same nodes."""
        return Flow(
            self.src[rows], self.dst[rows], self.amount[rows], self.at_ms[rows], self.currency[rows], self.kind,
            self.cash_exit[rows], self.converted[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """How money is followed: see the parameters of mule_chain for each."""

    window_ms: int
    max_retained: float
    min_explained: float
    equal_times: bool
    newest_first: bool
    max_hops: int


@dataclass(frozen=True, slots=True)
class Links:
    """Link k says that payment `pays[k]` passes on `money[k]` of inflow `lot[k]` (positions in the flow).

    `start` and `by_lot` list an inflow's links; `order` lists transfers in money order; `retained` is the share of
    an inflow's pool that stayed behind (1 where nothing was passed on).
    """

    lot: Ints
    pays: Ints
    money: Ints
    start: Ints
    by_lot: Ints
    order: Ints
    retained: NDArray[np.float64]

    def only(self, keep: Bools) -> Links:
        """The same with a part of the links."""
        start, by_lot = kernel.group(self.lot[keep], len(self.order))
        return Links(self.lot[keep], self.pays[keep], self.money[keep], start, by_lot, self.order, self.retained)


def purse_keys(flow: Flow, nodes: Ints) -> tuple[Ints, int]:
    """Key of each row's purse (node and currency) and the number of keys."""
    currencies = int(flow.currency.max()) + 1 if len(flow) else 1
    return nodes * currencies + flow.currency, flow.n_nodes * currencies


def link(flow: Flow, rules: Rules, stop: Bools) -> Links:
    """Links of all accounts but those marked `stop` (by node: cash points, wallets, hubs).

    Self-transfers neither bring money in nor take it out. Cost is linear in transfers.
    """
    return linked(flow, rules, *attributed(flow, rules, stop))


def attributed(flow: Flow, rules: Rules, stop: Bools) -> tuple[Ints, Ints, Ints]:
    """(inflow, payment that passes it on, minor units), those of one inflow in order of its payments: what `linked` makes Links of."""
    rule = (rules.window_ms, int(rules.equal_times), int(rules.newest_first), float(rules.min_explained))
    columns = (flow.at_ms, flow.amount, flow.currency)
    return _link.attributed((flow.src, flow.dst), columns, (flow.n_nodes, stop), flow.converted, rule)


def linked(flow: Flow, rules: Rules, lot: Ints, pays: Ints, money: Ints) -> Links:
    """Links with their order of money; of those of one instant that run in a circle one is left out."""
    order = np.arange(len(flow), dtype=np.int64)
    if rules.equal_times and len(lot):
        rank = kernel.money_order(lot, pays, flow.at_ms)
        order[rank] = np.arange(len(flow), dtype=np.int64)
        forward = rank[lot] < rank[pays]
        lot, pays, money = lot[forward], pays[forward], money[forward]
    left = kernel.unspent(lot, money, flow.amount)
    start, by_lot = kernel.group(lot, len(flow))
    return Links(lot, pays, money, start, by_lot, order, kernel.pooled_retained(lot, pays, left, flow.amount))


@dataclass(frozen=True, slots=True)
class Traced:
    """Traced money per transfer and its hop (0 for a seed, -1 not reached), what of it left again, and per link."""

    money: Ints
    hop: Ints
    gone: Ints
    carried: Ints


def follow(flow: Flow, links: Links, seeded: Ints, max_hops: int) -> Traced:
    """Follow `seeded` money (minor units per transfer) along links for at most `max_hops` transfers."""
    parts = (links.start, links.by_lot, links.pays, links.money)
    return Traced(*kernel.trace(seeded, parts, flow.amount, links.order, max_hops))


def hubs(flow: Flow, min_partners: int, min_span_ms: int) -> Bools:
    """Nodes with very many payers or payees over a long time: shops, payrolls, payment companies.

    A gang's collector also has many payers, but within hours or days; the span tells them apart.
    """
    marked = np.zeros(flow.n_nodes, np.bool_)
    sides = ((flow.src, flow.dst), (flow.dst, flow.src))
    for nodes in at_once(len(flow), [partial(_busy, *side, flow, min_partners, min_span_ms) for side in sides]):
        marked[nodes] = True
    return marked


def _busy(here: Ints, there: Ints, flow: Flow, min_partners: int, min_span_ms: int) -> Ints:
    """Nodes with at least so many different partners over at least this time, on one side."""
    count = kernel.count(here, flow.n_nodes)
    busy = np.flatnonzero(count >= min_partners)
    number = np.full(flow.n_nodes, -1, np.int32)
    number[busy] = np.arange(len(busy), dtype=np.int32)
    start = np.append(0, np.cumsum(count[busy])).astype(np.int64)
    partners, span_ms = kernel.partners(here, there, number, start, flow.at_ms)
    found: Ints = busy[(partners >= min_partners) & (span_ms >= min_span_ms)]
    return found
