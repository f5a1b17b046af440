"""Find chains: where passed-on money starts, how far it goes, which chains belong together, and how suspicious they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._flow import Bools, Flow, Ints, Links, Rules, Traced

Floats = NDArray[np.float64]

#: What each sign adds to the score. Set by judgement, not fitted to any labels; see docs/detection/mule_chain.md.
WEIGHTS = {"dedicated": 0.25, "swift": 0.20, "deep": 0.20, "exit": 0.15, "small_cut": 0.10, "strangers": 0.10}
#: The score of one payer's money through one account is taken times this.
THIN = 0.75
#: A payee known for longer than this is no stranger.
_KNOWN_MS = 21 * 86_400_000


@dataclass(frozen=True, slots=True)
class Search:
    """Chains of a flow, over the part of it that passes money on or is reported.

    `flow` are these movements, `rows` where they stand in the whole; all else counts by place in `flow`. `group` is the
    chain network of each movement (-1: none), `stop` nodes money is not followed through.
    """

    flow: Flow
    rows: Ints
    links: Links
    traced: Traced
    group: Ints
    n_groups: int
    stop: Bools
    hub: Bools


@dataclass(frozen=True, slots=True)
class Scores:
    """One value per group: each sign from 0 to 1, their weighted sum, and sums the rows are made from."""

    score: Floats
    signs: dict[str, Floats]
    depth: Ints
    money_in: Floats
    median_delay_ms: Floats
    merchant_share: Floats


def search(flow: Flow, rules: Rules, hub: Bools, merge_ms: int, seeds: Bools | None = None) -> Search:
    """Trace from `seeds` (by transfer), or from every head: a passed-on inflow that no passed-on money paid for.

    Wages and settlements of hubs are no heads. Chains are one group when money of one joins the other, or when the
    same account passes on money of both within `merge_ms`. Cost is about linear in transfers.
    """
    stop = hub | np.isin(flow.kind, (fl.CASH, fl.WALLET))
    if seeds is not None:
        stop = stop.copy()
        stop[flow.src[seeds]] = True
    given = np.flatnonzero(seeds) if seeds is not None else np.zeros(0, np.int64)
    lot, pays, money = fl.attributed(flow, rules, stop)
    # One movement in ten passes money on: all that follows is about these alone.
    rows, lot, pays = kernel.narrowed(len(flow), lot, pays, given)
    part = flow.part(rows)
    links = fl.linked(part, rules, lot, pays, money)
    passing = links.only(links.retained[links.lot] <= rules.max_retained)
    fed = np.zeros(len(part), np.bool_)
    fed[passing.pays] = True
    heads = np.diff(passing.start).astype(np.bool_) & ~fed & ~hub[part.src] if seeds is None else seeds[rows]
    traced = fl.follow(part, passing, np.where(heads, part.amount, 0), rules.max_hops)
    used = traced.carried > 0
    passing, traced = passing.only(used), replace(traced, carried=traced.carried[used])
    group, n_groups = _groups(part, passing, traced, merge_ms)
    return Search(part, rows, passing, traced, group, n_groups, stop, hub)


def _groups(flow: Flow, links: Links, traced: Traced, merge_ms: int) -> tuple[Ints, int]:
    parent = np.arange(len(flow), dtype=np.int64)
    kernel.join(parent, links.lot, links.pays)
    lots = np.flatnonzero(traced.gone > 0)
    purse, _ = fl.purse_keys(flow, flow.dst)
    lots = lots[np.argsort(purse[lots], kind="stable")]
    near = (purse[lots][1:] == purse[lots][:-1]) & (flow.at_ms[lots][1:] - flow.at_ms[lots][:-1] <= merge_ms)
    kernel.join(parent, lots[:-1][near], lots[1:][near])
    group = np.full(len(flow), -1, np.int64)
    reached = traced.money > 0
    roots, number = np.unique(parent[reached], return_inverse=True)
    group[reached] = number
    return group, len(roots)


def scores(whole: Flow, found: Search, rules: Rules) -> Scores:
    """Signs and score of every group at once (formulas in docs/detection/mule_chain.md); `whole` is what was searched."""
    n, flow, group, traced, links = found.n_groups, found.flow, found.group, found.traced, found.links
    rows = np.flatnonzero(group >= 0)
    lots = rows[traced.gone[rows] > 0]
    heads = rows[traced.hop[rows] == 0]
    money_in = _sum(group[heads], traced.money[heads], n)
    depth = np.zeros(n, np.int64)
    # Changing money into coin on one's own exchange account is where a chain ends, no layer of it.
    inner = rows[flow.kind[flow.dst[rows]] != fl.WALLET]
    np.maximum.at(depth, group[inner], traced.hop[inner])
    delays = (flow.at_ms[links.pays] - flow.at_ms[links.lot]).astype(np.float64)
    delay = _median(group[links.lot], delays, n)
    signs = {
        "dedicated": _dedication(whole, flow, group, lots, n),
        "swift": 1.0 - np.minimum(1.0, delay / max(rules.window_ms, 1)) ** 0.5,
        "deep": np.minimum(1.0, depth / 4.0),
        "exit": _exit_share(flow, found, rows, n),
        "small_cut": 1.0 - _ratio(_sum(group[lots], (traced.money - traced.gone)[lots], n),
                                  _sum(group[lots], traced.money[lots], n)),
        "strangers": _ratio(_sum(group[heads], traced.money[heads] * strange(whole, found.rows[heads]), n), money_in),
    }  # fmt: skip
    ends = rows[(traced.gone[rows] == 0)]
    exits = np.isin(flow.kind[flow.dst[ends]], (fl.CASH, fl.WALLET, fl.EXCHANGE))
    shops = ends[(flow.kind[flow.dst[ends]] == fl.MERCHANT) | (found.hub[flow.dst[ends]] & ~exits)]
    merchant = _ratio(_sum(group[shops], traced.money[shops], n), money_in)
    total = sum(weight * signs[name] for name, weight in WEIGHTS.items()) * (1.0 - 0.5 * np.minimum(1.0, merchant))
    total *= np.where(_thin(flow, group, heads, depth), THIN, 1.0)
    return Scores(np.clip(total, 0.0, 1.0), signs, depth, money_in, delay, merchant)


def _thin(flow: Flow, group: Ints, heads: Ints, depth: Ints) -> Bools:
    """Groups of one payer and one layer: a family's remittance or an errand looks the same."""
    pairs = np.unique(group[heads] * flow.n_nodes + flow.src[heads]) // flow.n_nodes
    thin: Bools = (np.bincount(pairs, minlength=len(depth)) == 1) & (depth <= 1)
    return thin


def _dedication(whole: Flow, flow: Flow, group: Ints, lots: Ints, n: int) -> Floats:
    """How much of all that the group's passing accounts ever received is money they passed on."""
    n_nodes = flow.n_nodes
    passing = np.zeros(n_nodes, np.bool_)
    passing[flow.dst[lots]] = True
    received = kernel.total_of(whole.dst, whole.amount, passing)
    through = _sum(flow.dst[lots], flow.amount[lots], n_nodes)
    pairs = np.unique(group[lots] * n_nodes + flow.dst[lots])
    share = _ratio(through, received)[pairs % n_nodes]
    return _ratio(_sum(pairs // n_nodes, share, n), np.bincount(pairs // n_nodes, minlength=n).astype(np.float64))


def _exit_share(flow: Flow, found: Search, rows: Ints, n: int) -> Floats:
    """Share of the end money that went out as cash or to an exchange."""
    ends = rows[found.traced.gone[rows] == 0]
    end_money = found.traced.money[ends]
    out = np.isin(flow.kind[flow.dst[ends]], (fl.CASH, fl.WALLET, fl.EXCHANGE)) | flow.cash_exit[ends]
    return _ratio(_sum(found.group[ends], end_money * out, n), _sum(found.group[ends], end_money, n))


def strangers(flow: Flow) -> Bools:
    """Marks payments whose payer had not known the payee for weeks."""
    first = kernel.first_of_pair(*kernel.group(flow.src, flow.n_nodes), flow.dst, flow.n_nodes)
    strange: Bools = flow.at_ms - flow.at_ms[first] < _KNOWN_MS
    return strange


def strange(flow: Flow, rows: Ints) -> Bools:
    """`strangers` of some rows (ascending): only what their payers paid is looked at."""
    payers = np.zeros(flow.n_nodes, np.bool_)
    payers[flow.src[rows]] = True
    number = np.cumsum(payers) - 1
    paid = kernel.rows_of(flow.src, payers)
    start, order = kernel.group(number[flow.src[paid]], int(number[-1]) + 1 if len(number) else 0)
    first = kernel.first_of_pair(start, order, flow.dst[paid], flow.n_nodes)
    here = np.searchsorted(paid, rows)
    found: Bools = flow.at_ms[rows] - flow.at_ms[paid[first[here]]] < _KNOWN_MS
    return found


def _sum(keys: Ints, values: NDArray[np.generic], n: int) -> Floats:
    return np.bincount(keys, weights=values.astype(np.float64), minlength=n).astype(np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _median(keys: Ints, values: Floats, n: int) -> Floats:
    order = np.lexsort((values, keys))
    count = np.bincount(keys, minlength=n)
    start = np.cumsum(count) - count
    middle = np.zeros(n)
    has = count > 0
    middle[has] = values[order][start[has] + (count[has] - 1) // 2]
    return middle
