"""Where is the victim's money now: read payments hop by hop around the money, follow it, rank who still has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from algorithms import _flow as fl
from algorithms._money import Money, money
from algorithms._whereabouts import Whereabouts, whereabouts
from algorithms.mule_chain import MuleChainParams
from graph.excerpt import Excerpt, Holder, Payment
from graph.port import GraphStore
from graph.queries import payments as queries

#: Longest chain followed, and most accounts read for one trace; what is left out is said.
MAX_HOPS, MAX_ACCOUNTS = 24, 3_000
#: Less traced money than this share of the loss on one account is not followed further.
MIN_SHARE = 0.0005
#: How long a bank takes to act on an order: money expected to leave sooner is ranked lower.
REACTION_MS = 10 * 60_000
#: More payments than this in the window and an account is a shop or a payment company: money in it is not followed.
BUSY = 400
STOPPABLE = frozenset({"", "bank", "payment", "exchange"})


class MoneySource(Protocol):
    """What a chase reads: the graph store, or the scenario of a drill."""

    def payments(self, accounts: Sequence[str], from_ms: int, to_ms: int) -> Iterable[Payment]:
        """All payments of these accounts in the window, both directions."""

    def holders(self, accounts: Iterable[str]) -> list[Holder]:
        """The accounts of these ids that exist."""


@dataclass(frozen=True, slots=True)
class GraphMoney:
    """Money as the graph store has it."""

    store: GraphStore

    def payments(self, accounts: Sequence[str], from_ms: int, to_ms: int) -> Iterable[Payment]:
        """See MoneySource."""
        return queries.of_accounts(self.store, accounts, from_ms, to_ms)

    def holders(self, accounts: Iterable[str]) -> list[Holder]:
        """See MoneySource."""
        return queries.holders(self.store, accounts)


@dataclass(frozen=True, slots=True)
class Position:
    """An account the money came to. `remaining_minor` has not left it; `expected_minor` is what a stop should still find."""

    account: str
    bank: str
    holder: str
    kind: str
    layer: int
    came_minor: int
    remaining_minor: int
    expected_minor: int
    stays: float
    """Chance, from 0 to 1, that the money stays until the bank acts, judged by how this trace's money behaved."""
    transfer_id: str
    transfer_minor: int
    transfer_at_ms: int
    last_in_ms: int
    stoppable: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """Positions by expected money, largest first; `gone_minor` left as cash, coin or to shops. Sums add up to the loss."""

    positions: tuple[Position, ...]
    seeds: tuple[str, ...]
    currency: str
    loss_minor: int
    remaining_minor: int
    gone_minor: int
    layers: int
    accounts_read: int
    transfers_read: int
    at_ms: int
    omitted: tuple[str, ...] = ()


def trace(source: MoneySource, seeds: Sequence[Payment], until_ms: int, window_s: int = 86_400) -> Trace:
    """Follow the reported payments up to `until_ms`. All seeds must be of one currency; returns an empty trace for none.

    Only accounts that traced money reached are read, hop by hop, so that the cost follows the chain, not the graph.
    """
    if not seeds:
        return Trace((), (), "", 0, 0, 0, 0, 0, 0, until_ms)
    chase = _Chase(source, seeds, until_ms, window_s)
    chase.run()
    return chase.report()


class _Chase:
    def __init__(self, source: MoneySource, seeds: Sequence[Payment], until_ms: int, window_s: int) -> None:
        self.source, self.seeds, self.until_ms = source, tuple(seeds), until_ms
        # Newest money leaves first: a mule passes fresh money on and keeps its own. Of the reachable money of generated
        # gangs it finds 0.71, oldest first 0.64 (bench/casework.py at 50,000 transfers).
        self.params = MuleChainParams(
            seeds=(), window_s=window_s, max_hops=MAX_HOPS, max_retained_share=1.0, attribution="lifo"
        )
        self.from_ms = min(seed.at_ms for seed in seeds) - window_s * 1000
        self.excerpt = Excerpt((), seeds)
        self.read: set[str] = set()
        self.busy: set[str] = set()
        self.loss = sum(seed.amount_minor for seed in seeds)
        self.omitted: list[str] = []

    def run(self) -> None:
        """Read and follow until the money reaches no account that has not been read."""
        payers = {seed.source for seed in self.seeds}
        front = sorted({seed.target for seed in self.seeds} - payers)
        for _ in range(MAX_HOPS):
            if len(self.read) + len(front) > MAX_ACCOUNTS:
                self.omitted.append(f"the trace stopped at {MAX_ACCOUNTS:,} accounts")
                front = front[: MAX_ACCOUNTS - len(self.read)]
            self._read(front)
            self.picture, self.where = self._follow()
            least = max(1, int(self.loss * MIN_SHARE))
            names = self.picture.names(reached := np.flatnonzero(self.where.came >= least).tolist())
            fresh = [
                (-int(self.where.came[node]), id)
                for node, (label, id) in zip(reached, names, strict=True)
                if label == "Account" and id not in self.read and id not in payers
            ]
            front = [id for _, id in sorted(fresh)]
            if not front or len(self.read) >= MAX_ACCOUNTS:
                return

    def _read(self, accounts: Sequence[str]) -> None:
        holders = self.source.holders(accounts)
        through = [holder.id for holder in holders if holder.kind not in ("cash", "merchant")]
        payments = list(self.source.payments(through, self.from_ms, self.until_ms))
        counts: dict[str, int] = {}
        for payment in payments:
            for end in (payment.source, payment.target):
                counts[end] = counts.get(end, 0) + 1
        self.busy |= {id for id in through if counts.get(id, 0) > BUSY}
        self.excerpt.add(holders, payments)
        self.read |= set(accounts)

    def _follow(self) -> tuple[Money, Whereabouts]:
        picture = money(self.excerpt)  # type: ignore[arg-type]  # it has the scans money() uses
        marked = picture.rows_of(seed.id for seed in self.seeds)
        hub = np.zeros(picture.flow.n_nodes, np.bool_)
        for number in picture.table.number_of(sorted(self.busy)):
            if number >= 0:
                hub[int(number)] = True
        return picture, whereabouts(picture, marked, self.params, hub)

    def report(self) -> Trace:
        """Positions and sums."""
        picture, where = self.picture, self.where
        nodes = np.flatnonzero(where.came > 0).tolist()
        rows = where.arrival[nodes]
        names, events = picture.names(nodes), picture.events(rows)
        holders = {holder.id: holder for holder in self.excerpt.holders.values()}
        missing = [id for label, id in names if label == "Account" and id not in holders]
        holders |= {holder.id: holder for holder in self.source.holders(missing)} if missing else {}
        positions = [
            self._position(node, label, holders.get(id, Holder(id)), event)
            for node, (label, id), event in zip(nodes, names, events, strict=True)
        ]
        positions.sort(key=lambda item: (not item.stoppable, -item.expected_minor, -item.remaining_minor, item.account))
        resting = sum(item.remaining_minor for item in positions if item.stoppable)
        return Trace(
            tuple(positions), tuple(seed.id for seed in self.seeds), self.seeds[0].currency, self.loss, resting,
            sum(item.remaining_minor for item in positions if not item.stoppable),
            max((item.layer for item in positions), default=0), len(self.read), len(self.excerpt.payments),
            self.until_ms, tuple(self.omitted),
        )  # fmt: skip

    def _position(self, node: int, label: str, holder: Holder, event: str) -> Position:
        flow, where = self.picture.flow, self.where
        row = int(where.arrival[node])
        came, remaining = int(where.came[node]), int(where.came[node] - where.left[node])
        kind = "wallet" if label == "Wallet" else holder.kind
        cash = bool(flow.cash_exit[row]) or int(flow.kind[node]) in (fl.CASH, fl.WALLET)
        stoppable = label == "Account" and kind in STOPPABLE and not cash and holder.id not in self.busy
        stays = self._stays(self.until_ms - int(where.last_in_ms[node]))
        return Position(
            holder.id, holder.institution, holder.name, kind, int(where.hop[node]), came, remaining,
            int(remaining * stays) if stoppable else 0, round(stays, 4), event, int(flow.amount[row]),
            int(flow.at_ms[row]), int(where.last_in_ms[node]), stoppable,
        )  # fmt: skip

    def _stays(self, idle_ms: int) -> float:
        """Share of this trace's money that, having stayed `idle_ms`, stayed REACTION_MS longer; one resting case is added,
        so that money which outstayed all others counts as resting."""
        delays, weight = self.where.delays_ms, self.where.delay_money.astype(np.float64)
        total = float(weight.sum())
        if total <= 0:
            return 1.0
        one = total / max(len(delays), 1)
        longer = float(weight[delays > idle_ms].sum()) + one
        return (float(weight[delays > idle_ms + REACTION_MS].sum()) + one) / longer
