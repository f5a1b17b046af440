"""What the role scorecard looks at: one row of figures an account, from money, time, shared things and calls.

Amounts are in median payments of their currency ("units"), so that currencies are never added. Everything is read from
the projections of the run; no finding of another algorithm is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from algorithms import _flow as fl
from algorithms._accounts import passes_on
from algorithms._base import Task
from algorithms._contacts import contacts, lines
from algorithms._flow import Rules, follow, link
from algorithms._holders import first_use, holders
from algorithms._identity import identities
from algorithms._pattern import PatternParams, Scene, scene
from algorithms._projection import accounts
from algorithms.shared_device import SharedDeviceParams, ties
from algorithms.sim_farm import sim_uses
from core.clock import DAY_MS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: Money is followed for two days: careful gangs let it rest for hours.
WINDOW_S, SWIFT_S = 48 * 3600, 3600
NAMES = (
    "received_units", "sent_units", "passed_share", "swift_share", "cash_share", "coin_share", "is_exchange", "is_merchant",
    "is_firm", "is_hub", "payers", "payees", "transfers", "fresh_days", "life_days", "busy_days_share", "traced_in_share", "depth",
    "paid_passers_share", "largest_to_passer", "strange_payers_share", "passers_in", "passers_out", "kept_from_passers",
    "small_to_passers", "round_to_passers", "shared_holders", "shared_passers", "sims_on_device", "unknown_call", "from_victims",
    "paid_back",
)  # fmt: skip

#: Figures of the second look: what an account has to do with those that the first look says take part.
NEIGHBOURS = (
    "best_new_payee",
    "new_payee_units",
    "paid_suspects_share",
    "best_payer",
    "suspect_payers",
    "new_honest_payers",
)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """`values[i, j]` is figure NAMES[j] of account i; `layer` the depth in the money's way (0: none); `thin` marks little evidence."""

    values: Floats
    layer: Floats
    thin: Bools

    def column(self, name: str) -> Floats:
        """One figure of all accounts."""
        found: Floats = self.values[:, NAMES.index(name)]
        return found


def features(task: Task) -> Features:
    """Figures of every account, in order of account number. Cost is linear in transfers, calls and ties."""
    here = scene(task, PatternParams())
    n = here.money.table.n_accounts
    made: dict[str, Floats] = {}
    if not len(here.flow) or not n:
        return Features(np.zeros((n, len(NAMES))), np.zeros(n), np.ones(n, np.bool_))
    units = _units(here)
    passing = _passing(here)
    layer = _money(here, units, passing, made)
    _time(here, task, made)
    _passers(here, units, passing, made)
    _things(task, here, passing, made)
    _calls(task, here, made)
    values = np.stack([np.nan_to_num(made[name]) for name in NAMES], axis=1)
    thin = (made["transfers"] < 3) & (made["shared_holders"] < 3)
    return Features(values, layer, thin)


def with_neighbours(task: Task, values: Floats, part: Floats) -> Floats:
    """`values` with a column for each of NEIGHBOURS; `part` is each account's first probability of taking part."""
    here = scene(task, PatternParams())
    flow, n = here.flow, len(part)
    if not len(flow):
        return np.hstack([values, np.zeros((n, len(NEIGHBOURS)))])
    rows = np.flatnonzero((flow.src != flow.dst) & (flow.src < n) & (flow.dst < n))
    src, dst, units = flow.src[rows], flow.dst[rows], _units(here)[rows]
    new = here.strange[rows] & (units >= 0.3)
    best_payee, best_payer = np.zeros(n), np.zeros(n)
    np.maximum.at(best_payee, src[new], part[dst[new]])
    np.maximum.at(best_payer, dst, part[src])
    to_new = np.zeros(n)
    np.maximum.at(to_new, src[new], (units * part[dst])[new])
    sent = _sum(n, src, units)
    pairs = np.unique(src * np.int64(n) + dst)
    new_pairs = np.unique((src * np.int64(n) + dst)[new])
    columns = (
        best_payee, to_new, _share(_sum(n, src, units * part[dst]), sent), best_payer,
        _sum(n, pairs % n, part[pairs // n]), _sum(n, new_pairs % n, 1.0 - part[new_pairs // n]),
    )  # fmt: skip
    return np.hstack([values, np.stack(columns, axis=1)])


def _units(here: Scene) -> Floats:
    """Each flow row's amount in medians of its currency."""
    flow, units = here.flow, np.zeros(len(here.flow))
    for code in np.unique(flow.currency).tolist():
        rows = flow.currency == code
        units[rows] = flow.amount[rows] / max(1.0, float(np.median(flow.amount[rows])))
    return units


def _passing(here: Scene) -> Bools:
    table, n = here.money.table, here.money.table.n_accounts
    passing = passes_on(table, window_s=WINDOW_S, share=0.7, min_units=8.0)
    plain: Bools = passing & ~here.hub[:n] & (here.flow.kind[:n] != fl.CASH)
    return plain


def _sum(n: int, keys: Ints, weights: Floats | None = None) -> Floats:
    return np.bincount(keys, weights=weights, minlength=n)[:n].astype(np.float64)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _money(here: Scene, units: Floats, passing: Bools, made: dict[str, Floats]) -> Floats:
    """Sums, shares passed on, cash, coin, and how deep in the money's way an account stands. Returns the layer."""
    flow, n = here.flow, here.money.table.n_accounts
    moved = flow.src != flow.dst
    came, went = _sum(n, flow.dst[moved], units[moved]), _sum(n, flow.src[moved], units[moved])
    made["received_units"], made["sent_units"] = came, went
    stop = here.hub | (flow.kind == fl.CASH) | (flow.kind == fl.WALLET) | (flow.kind == fl.MERCHANT)
    links = link(flow, Rules(WINDOW_S * 1000, 1.0, 0.5, True, True, 12), stop)
    gap = flow.at_ms[links.pays] - flow.at_ms[links.lot]
    money_units = links.money * units[links.lot] / np.maximum(flow.amount[links.lot], 1)
    made["passed_share"] = np.minimum(1.0, _share(_sum(n, flow.dst[links.lot], money_units), came))
    swift = gap <= SWIFT_S * 1000
    made["swift_share"] = np.minimum(1.0, _share(_sum(n, flow.dst[links.lot[swift]], money_units[swift]), came))
    cash = flow.cash_exit | (flow.kind[flow.dst] == fl.CASH)
    coin = flow.kind[flow.dst] == fl.WALLET
    made["cash_share"] = _share(_sum(n, flow.src[cash], units[cash]), went)
    made["coin_share"] = _share(_sum(n, flow.src[coin], units[coin]), went)
    made["is_exchange"], made["is_merchant"] = (
        (flow.kind[:n] == kind).astype(np.float64) for kind in (fl.EXCHANGE, fl.MERCHANT)
    )
    made["is_hub"] = here.hub[:n].astype(np.float64)
    marked = np.append(passing, np.zeros(flow.n_nodes - n, np.bool_))
    # The way starts where an account that does not pass money on pays one that does.
    seeds = np.where(marked[flow.dst] & ~marked[flow.src] & moved, flow.amount, 0)
    traced = follow(flow, links, seeds, 12)
    reached = traced.money > 0
    weight = traced.money * units / np.maximum(flow.amount, 1)
    arrived = _sum(n, flow.dst[reached], weight[reached])
    depth = _share(_sum(n, flow.dst[reached], (weight * (traced.hop + 1))[reached]), arrived)
    made["traced_in_share"], made["depth"] = np.minimum(1.0, _share(arrived, came)), depth
    return np.where(passing | (made["traced_in_share"] > 0.3), depth, 0.0)


def _time(here: Scene, task: Task, made: dict[str, Floats]) -> None:
    """How many and how long: partners, transfers, age at first use, life, days of activity, strangers."""
    flow, n = here.flow, here.money.table.n_accounts
    moved = np.flatnonzero(flow.src != flow.dst)
    pairs = np.unique(flow.src[moved] * flow.n_nodes + flow.dst[moved])
    made["payees"], made["payers"] = _sum(n, pairs // flow.n_nodes), _sum(n, pairs % flow.n_nodes)
    both = np.concatenate([flow.src[moved], flow.dst[moved]])
    made["transfers"] = _sum(n, both)
    days = np.unique(both * 100_000 + np.tile((flow.at_ms[moved] - flow.at_ms[0]) // DAY_MS, 2))
    active = _sum(n, days // 100_000)
    table = here.money.table
    first = first_use(n, table.src, table.dst, table.at_ms)
    last = np.zeros(n, np.int64)
    for ends in (table.src, table.dst):
        seen = np.zeros(n, np.int64)
        seen[ends] = table.at_ms
        last = np.maximum(last, seen)
    used = first < np.iinfo(np.int64).max
    life = np.where(used, (last - np.where(used, first, 0)) / DAY_MS, 0.0)
    opened = accounts(task.store)["opened_at_ms"].fill_null(-1).to_numpy()
    made["fresh_days"] = np.where(used & (opened > 0), np.maximum(0, (first - opened) / DAY_MS), 5_000.0)
    made["life_days"] = life
    made["busy_days_share"] = active / (np.floor(life) + 1)
    incoming = moved[flow.dst[moved] < n]
    made["strange_payers_share"] = _share(
        _sum(n, flow.dst[incoming], here.strange[incoming].astype(np.float64)), _sum(n, flow.dst[incoming])
    )


def _passers(here: Scene, units: Floats, passing: Bools, made: dict[str, Floats]) -> None:
    """Dealings with accounts that pass money on: what victims, collectors, recruiters and controllers have in common."""
    flow, n = here.flow, here.money.table.n_accounts
    marked = np.append(passing, np.zeros(flow.n_nodes - n, np.bool_))
    moved = flow.src != flow.dst
    out, into = moved & marked[flow.dst], moved & marked[flow.src]
    made["paid_passers_share"] = _share(_sum(n, flow.src[out], units[out]), made["sent_units"])
    largest = np.zeros(flow.n_nodes)
    np.maximum.at(largest, flow.src[out], units[out])
    made["largest_to_passer"] = largest[:n]
    for name, rows, own, other in (("passers_out", out, flow.src, flow.dst), ("passers_in", into, flow.dst, flow.src)):
        pairs = np.unique(own[rows] * flow.n_nodes + other[rows])
        made[name] = _sum(n, pairs // flow.n_nodes)
    got = _sum(n, flow.dst[into], units[into])
    made["kept_from_passers"] = _share(got, made["received_units"]) * np.clip(
        1 - _share(made["sent_units"], made["received_units"]), 0, 1
    )
    small, round_sum = out & (units < 0.1), out & (flow.amount % 10_000 == 0) & (units < 30)
    for name, rows in (("small_to_passers", small), ("round_to_passers", round_sum)):
        pairs = np.unique(flow.src[rows] * flow.n_nodes + flow.dst[rows])
        made[name] = _sum(n, pairs // flow.n_nodes)
    # Money from accounts that otherwise send little to passers: first layer beside deeper ones.
    plain = moved & marked[flow.dst] & ~marked[flow.src]
    made["from_victims"] = _share(_sum(n, flow.dst[plain], units[plain]), made["received_units"])
    forward = np.unique(flow.src[moved] * flow.n_nodes + flow.dst[moved])
    back = np.unique(flow.dst[moved] * flow.n_nodes + flow.src[moved])
    both = np.intersect1d(forward, back)
    made["paid_back"] = _share(_sum(n, both // flow.n_nodes), made["payees"])


def _things(task: Task, here: Scene, passing: Bools, made: dict[str, Floats]) -> None:
    """Devices, phones and addresses shared with other holders, damped, and how many of them pass money on."""
    identity, n = identities(task.store), here.money.table.n_accounts
    tie, shared_by = ties(task.store, identity, holders(identity, n), SharedDeviceParams(min_holders=2))
    rows = tie[identity.identifier] >= 0.3 if len(identity.identifier) else np.zeros(0, np.bool_)
    thing, account = identity.identifier[rows], identity.account[rows]
    most = np.zeros(n)
    np.maximum.at(most, account, shared_by[thing].astype(np.float64))
    made["shared_holders"] = most
    crowd = np.bincount(thing, weights=passing[account].astype(np.float64), minlength=len(tie) or 1)
    others = np.zeros(n)
    np.maximum.at(others, account, crowd[thing] - passing[account])
    made["shared_passers"] = others
    firm = np.zeros(n)
    owners = [i for i, kind in enumerate(identity.kinds) if kind == "Organization"]
    of_firm = np.isin(identity.identifier_kind[identity.identifier], owners) if len(identity.identifier) else rows
    firm[identity.account[of_firm]] = 1.0
    made["is_firm"] = firm


def _calls(task: Task, here: Scene, made: dict[str, Floats]) -> None:
    """Own phones in devices with many SIMs, and long calls from numbers that never get called back."""
    n, answers, talk, uses = here.money.table.n_accounts, lines(task.store), contacts(task.store), sim_uses(task.store)
    made["sims_on_device"], made["unknown_call"] = np.zeros(n), np.zeros(n)
    if not len(answers.phone):
        return
    if len(uses.phone):
        sims = np.bincount(uses.device)[uses.device].astype(np.float64)
        by_phone = np.zeros(len(uses.phone_ids))
        np.maximum.at(by_phone, uses.phone, sims)
        place = pc.fill_null(pc.index_in(answers.phone_ids, value_set=uses.phone_ids), -1).to_numpy()
        here_sims = np.where(place >= 0, by_phone[place], 0.0)
        np.maximum.at(made["sims_on_device"], answers.account, here_sims[answers.phone])
    if not len(talk):
        return
    number = talk.number_of(answers.phone_ids)
    pair = talk.src.astype(np.int64) * talk.n_phones + talk.dst
    unknown = talk.is_call & ~np.isin(pair, talk.dst.astype(np.int64) * talk.n_phones + talk.src)
    longest = np.zeros(talk.n_phones)
    np.maximum.at(longest, talk.dst[unknown], talk.length_s[unknown].astype(np.float64))
    np.maximum.at(made["unknown_call"], answers.account, np.where(number >= 0, longest[number], 0.0)[answers.phone])
