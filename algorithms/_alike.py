"""Pairs of accounts that share evidence: what kinds they share, damped for things shared by many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algorithms import _flow as fl
from algorithms._flow_kernel import join
from algorithms._identity import IdentityTable
from algorithms._pattern import Scene
from core.clock import DAY_MS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Kinds of evidence, and the most that one kind can say alone: names repeat, addresses are shared by a house.
KINDS = ("device", "phone", "ip", "name", "payee", "payer", "days")
MOST = np.array([0.6, 0.5, 0.25, 0.35, 0.4, 0.3, 0.35])
_IDENTIFIERS = {"Device": 0, "Phone": 1, "IP": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of accounts `a` < `b` and, by kind (column), how strongly they share it, 0 to MOST."""

    a: Ints
    b: Ints
    by_kind: Floats

    def __len__(self) -> int:
        return len(self.a)

    @property
    def likeness(self) -> Floats:
        """0 to 1: the kinds joined as independent evidence (noisy-or)."""
        joined: Floats = 1.0 - np.prod(1.0 - self.by_kind, axis=1)
        return joined

    @property
    def kinds(self) -> Ints:
        """How many kinds each pair shares."""
        count: Ints = (self.by_kind > 0.02).sum(axis=1)
        return count

    def only(self, keep: Bools | Ints) -> Pairs:
        """The same with a part of the pairs: marks, or positions."""
        return Pairs(self.a[keep], self.b[keep], self.by_kind[keep])


def alike(here: Scene, identity: IdentityTable, names: Ints, holder: Ints, caps: tuple[int, int]) -> Pairs:
    """Pairs of different holders that share a device, phone, address, name, payee or payer, and how their days agree.

    `names` numbers each account's name (-1: none). `caps`: an identifier (a partner) of more accounts ties nobody. The
    weight of one shared thing is 1 / log2(its accounts), after Adamic and Adar (2003). Cost: things x cap squared.
    """
    identifiers, partners = caps
    n, found = here.money.table.n_accounts, []
    for label, kind in _IDENTIFIERS.items():
        if label in identity.kinds:
            rows = identity.identifier_kind[identity.identifier] == identity.kinds.index(label)
            things, accounts = identity.identifier[rows].astype(np.int64), identity.account[rows].astype(np.int64)
            found.append((kind, *_tied(things, accounts, holder, identifiers)))
    named = np.flatnonzero(names >= 0)
    found.append((3, *_tied(names[named], named, holder, identifiers)))
    flow = here.flow
    closed = here.hub | (flow.kind != fl.OTHER)
    plain = (flow.src != flow.dst) & (flow.src < n) & (flow.dst < n)
    for kind, own, other in ((4, flow.src, flow.dst), (5, flow.dst, flow.src)):
        rows = plain & ~closed[own] & ~closed[other]
        both = np.unique(other[rows] * n + own[rows])
        found.append((kind, *_tied(both // n, both % n, holder, partners)))
    return _with_days(here, _joined(found, n))


def _tied(thing: Ints, account: Ints, holder: Ints, cap: int) -> tuple[Ints, Ints, Floats]:
    """Every two accounts of different holders that share a thing, and its weight; the heavier things are left out."""
    order = np.lexsort((account, thing))
    thing, account = thing[order], account[order]
    _, start, size = np.unique(thing, return_index=True, return_counts=True)
    firsts, seconds, weights = [], [], []
    for degree in range(2, cap + 1):
        chosen = start[size == degree]
        if not len(chosen):
            continue
        groups = account[chosen[:, None] + np.arange(degree)]
        left, right = np.triu_indices(degree, 1)
        a, b = groups[:, left].ravel(), groups[:, right].ravel()
        apart = (holder[a] != holder[b]) & (a != b)
        firsts.append(a[apart])
        seconds.append(b[apart])
        weights.append(np.full(int(apart.sum()), 1.0 / np.log2(degree)))
    if not firsts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    return np.concatenate(firsts), np.concatenate(seconds), np.concatenate(weights)


def _joined(found: list[tuple[int, Ints, Ints, Floats]], n: int) -> Pairs:
    low = np.concatenate([np.minimum(a, b) for _, a, b, _ in found])
    high = np.concatenate([np.maximum(a, b) for _, a, b, _ in found])
    kind = np.concatenate([np.full(len(a), code) for code, a, _, _ in found])
    weight = np.concatenate([w for *_, w in found])
    pair, place = np.unique(low * n + high, return_inverse=True)
    sums = np.bincount(place * len(KINDS) + kind, weights=weight, minlength=len(pair) * len(KINDS))
    return Pairs(pair // max(n, 1), pair % max(n, 1), MOST * (1.0 - np.exp(-sums.reshape(-1, len(KINDS)))))


def _with_days(here: Scene, pairs: Pairs) -> Pairs:
    """Adds how far the two are active on the same days (Jaccard), less for accounts that are active on most days."""
    if not len(pairs):
        return pairs
    flow = here.flow
    day = (flow.at_ms - flow.at_ms[0]) // DAY_MS
    days = int(day[-1]) + 1
    who, place = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
    number = np.full(flow.n_nodes, -1, np.int64)
    number[who] = np.arange(len(who))
    active = np.zeros((len(who), (days + 7) // 8), np.uint8)
    for ends in (flow.src, flow.dst):
        rows = number[ends] >= 0
        np.bitwise_or.at(active, (number[ends[rows]], day[rows] // 8), (1 << (day[rows] % 8)).astype(np.uint8))
    one, two = active[place[: len(pairs)]], active[place[len(pairs) :]]
    both = np.bitwise_count(one & two).sum(axis=1, dtype=np.int64)
    either = np.bitwise_count(one | two).sum(axis=1, dtype=np.int64)
    agree = np.where(both >= 3, both / np.maximum(either, 1) * (1.0 - either / max(days, 1)), 0.0)
    by_kind = pairs.by_kind.copy()
    by_kind[:, KINDS.index("days")] = MOST[KINDS.index("days")] * agree
    return Pairs(pairs.a, pairs.b, by_kind)


def groups(pairs: Pairs, n_accounts: int) -> list[Pairs]:
    """The pairs by connected group, in order of the group's first account."""
    if not len(pairs):
        return []
    parent = np.arange(n_accounts, dtype=np.int64)
    join(parent, pairs.a, pairs.b)
    order = np.argsort(parent[pairs.a], kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(parent[pairs.a[order]])) + 1)
    return [pairs.only(part.astype(np.int64)) for part in parts]
