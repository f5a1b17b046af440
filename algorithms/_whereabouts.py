"""Where reported money is now: how much of it came to each account, how much went on, and how long it tends to stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms import _flow as fl
from algorithms._flow import Bools, Ints
from algorithms._money import Money
from algorithms.mule_chain import MuleChainParams


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Reported money by node of the flow; amounts in minor units.

    `arrival` is the flow row of the largest traced payment in (-1: none), `hop` the fewest transfers from the victim,
    `delays_ms` and `delay_money` say how long which money stayed before it went on.
    """

    came: Ints
    left: Ints
    hop: Ints
    arrival: Ints
    last_in_ms: Ints
    delays_ms: Ints
    delay_money: Ints


def whereabouts(picture: Money, seeds: Bools, params: MuleChainParams, hub: Bools) -> Whereabouts:
    """Follow the money of the `seeds` (by flow row) to where it is at the end of the flow.

    Cash points, wallets, hubs and the reported payers pass nothing on. Attribution as in mule_chain (first in, first
    out within the window). Cost is linear in the flow.
    """
    flow, rules = picture.flow, params.rules()
    stop = hub | np.isin(flow.kind, (fl.CASH, fl.WALLET))
    stop[flow.src[seeds]] = True
    links = fl.link(flow, rules, stop)
    traced = fl.follow(flow, links, np.where(seeds, flow.amount, 0), rules.max_hops)
    n = flow.n_nodes
    rows = np.flatnonzero(traced.money > 0)
    came, left = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.add.at(came, flow.dst[rows], traced.money[rows])
    np.add.at(left, flow.dst[rows], traced.gone[rows])
    hop = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(hop, flow.dst[rows], traced.hop[rows] + 1)
    last = np.zeros(n, np.int64)
    np.maximum.at(last, flow.dst[rows], flow.at_ms[rows])
    arrival = np.full(n, -1, np.int64)
    small_first = rows[np.argsort(traced.money[rows], kind="stable")]
    arrival[flow.dst[small_first]] = small_first  # the last write is the largest
    used = traced.carried > 0
    delays = (flow.at_ms[links.pays] - flow.at_ms[links.lot])[used]
    return Whereabouts(came, left, hop, arrival, last, delays, traced.carried[used])
