"""Cycles: money that comes back to where it left, through different accounts, in order of time, with small cuts.

Depth-first search from each first payment inside a window, bounded in steps. The problem and the window are those of
2SCENT (Kumar and Calders, "2SCENT: An Efficient Algorithm to Enumerate All Simple Temporal Cycles", VLDB 2018) and of the
Graph Feature Preprocessor (Blanusa et al., 2024); the amount tolerance prunes the search far more than their
reachability lists would here. See docs/detection/cycle.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from algorithms import _cycle_kernel as kernel
from algorithms import _flow as fl
from algorithms._base import Algorithm, Found, Member, Params, Task
from algorithms._flow import Bools, Flow, Ints
from algorithms._flow_kernel import group
from algorithms._money import Money, money
from algorithms.engines.local import collapse
from algorithms.engines.network import core_numbers
from core.clock import DAY_MS
from core.message import Amount, say

#: What each sign adds to the score. Set by judgement, not fitted to any labels; see docs/detection/cycle.md.
WEIGHTS = {"kept_whole": 0.30, "swift": 0.25, "long": 0.20, "dedicated": 0.25}


class CycleParams(Params):
    """Parameters; times in seconds, shares from 0 to 1."""

    min_hops: int = Field(3, ge=2, description="Shortest cycle, in transfers (2 is money sent back)")
    max_hops: int = Field(8, ge=2, le=16, description="Longest cycle, in transfers")
    window_s: int = Field(3 * 86_400, ge=0, description="From the first payment to the last")
    max_drop_share: float = Field(0.7, ge=0, le=1, description="Largest cut from one payment to the next")
    max_rise_share: float = Field(1.0, ge=0, le=10, description="Largest growth from one payment to the next")
    allow_equal_times: bool = Field(True, description="A payment may follow at the very time of the one before")
    in_time_order: bool = Field(True, description="Off: only the window counts, for data whose times carry no order")
    steps_per_start: int = Field(20_000, ge=1, description="Search steps from one first payment before it is cut short")
    max_cycles: int = Field(200_000, ge=1, description="Stop collecting after so many cycles")
    hub_partners: int = Field(100, ge=2, description="Partners that make a long active account a hub ...")
    hub_days: float = Field(30, ge=0, description="... when it has been active for at least so many days")
    min_score: float = Field(0.0, ge=0, le=1, description="Leave out findings below this score")
    limit: int = Field(1_000, ge=1, description="Most suspicious findings to report")

    @model_validator(mode="after")
    def _bounds(self) -> CycleParams:
        if self.max_hops < self.min_hops:
            raise ValueError(f"max_hops {self.max_hops} is less than min_hops {self.min_hops}")
        return self


@dataclass(slots=True, eq=False)
class Ring:
    """One ring of accounts in one currency: the cycle that loses least, and every row of all its cycles."""

    best: Ints
    rows: set[int]
    cycles: int
    score: float = 0.0
    signs: dict[str, float] | None = None


def find(task: Task, params: CycleParams) -> list[Found]:
    """One finding per ring of accounts and currency, most suspicious first."""
    task.progress(0.0, "reading money movements")
    picture = money(task.store)
    flow = picture.flow
    if not len(flow):
        return []
    found, cut = search(flow, params)
    hub = fl.hubs(flow, params.hub_partners, int(params.hub_days * DAY_MS))
    _score(flow, found, hub, params)
    kept = [ring for ring in found if ring.score >= params.min_score]
    kept.sort(key=lambda ring: (-ring.score, -int(flow.amount[ring.best[0]]), ring.best.tolist()))
    omitted: list[str] = [say("{n} first payments were searched only in part", n=cut)] if cut else []
    if len(kept) > params.limit:
        omitted.append(say("{n} less suspicious rings were left out by the limit", n=len(kept) - params.limit))
    return [_found(picture, ring, hub, omitted) for ring in kept[: params.limit]]


def search(flow: Flow, params: CycleParams) -> tuple[list[Ring], int]:
    """Rings of accounts that money went round, and how many first payments were searched only in part.

    Payments alike in all (ends, currency, amount, time) are searched as one and given back together.
    """
    alike = np.lexsort((flow.at_ms, flow.amount, flow.currency, flow.dst, flow.src))
    columns = (flow.src, flow.dst, flow.amount, flow.at_ms, flow.currency)
    new = np.ones(len(flow), np.bool_)
    new[1:] = np.any([column[alike][1:] != column[alike][:-1] for column in columns], axis=0)
    bundle = np.empty(len(flow), np.int64)
    bundle[alike] = np.cumsum(new) - 1
    bundle_start, bundle_rows = group(bundle, int(bundle.max()) + 1)
    single = np.zeros(len(flow), np.bool_)
    single[bundle_rows[bundle_start[:-1]]] = True
    useful = np.flatnonzero(single & (flow.src != flow.dst))
    if params.min_hops > 2:
        useful = useful[_on_rings(flow, useful)]
    start, order = group(flow.src[useful], flow.n_nodes)
    limits = (
        params.min_hops, params.max_hops, params.window_s * 1000, int(params.allow_equal_times),
        params.steps_per_start, params.max_cycles, int(params.in_time_order),
    )  # fmt: skip
    rows, lengths, cut = kernel.cycles(
        start, useful[order], columns, limits, (params.max_drop_share, params.max_rise_share)
    )
    rings: dict[tuple[int, ...], Ring] = {}
    ways: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
    for cycle in np.split(rows, np.cumsum(lengths)[:-1]) if len(lengths) else []:
        nodes = flow.src[cycle].tolist()
        turn = nodes.index(min(nodes))
        key = (int(flow.currency[cycle[0]]), *nodes[turn:], *nodes[:turn])
        ring = rings.setdefault(key, Ring(cycle, set(), 0))
        ways.setdefault(key, set()).add(tuple(sorted(cycle.tolist())))
        ring.cycles = len(ways[key])
        if _kept(flow, cycle) > _kept(flow, ring.best):
            ring.best = cycle
        for row in cycle.tolist():
            at = bundle[row]
            ring.rows.update(bundle_rows[bundle_start[at] : bundle_start[at + 1]].tolist())
    return list(rings.values()), int(cut)


def _on_rings(flow: Flow, rows: Ints) -> Bools:
    """Marks rows between accounts that can lie on a ring of three or more: each has two partners who have two, and so on.

    A shop's customers have no other partner: without this each would be searched through the shop. Linear in transfers.
    """
    ends = (flow.src[rows].astype(np.int32), flow.dst[rows].astype(np.int32))
    core = core_numbers(collapse(flow.n_nodes, *ends, np.ones(len(rows))))
    return (core[ends[0]] >= 2) & (core[ends[1]] >= 2)


def _kept(flow: Flow, cycle: Ints) -> float:
    """Share of the first payment that came back with the last; of a payment of nothing, nothing."""
    return float(flow.amount[cycle[-1]]) / max(1.0, float(flow.amount[cycle[0]]))


def _score(flow: Flow, rings: list[Ring], hub: Bools, params: CycleParams) -> None:
    turnover = np.bincount(flow.src, weights=flow.amount.astype(np.float64), minlength=flow.n_nodes)
    for ring in rings:
        cycle, rows = ring.best, np.fromiter(ring.rows, np.int64)
        nodes = flow.src[cycle]
        duration = float(np.ptp(flow.at_ms[cycle]))
        within = float(flow.amount[rows].sum())
        ring.signs = {
            "kept_whole": min(1.0, _kept(flow, cycle)) ** 2,
            "swift": 1.0 - min(1.0, duration / max(params.window_s * 1000, 1)),
            "long": min(1.0, (len(cycle) - 1) / 4),
            "dedicated": within / max(float(turnover[nodes].sum()), 1.0),
        }
        busy = float(hub[nodes].mean())
        shops = float((flow.kind[nodes] == fl.MERCHANT).mean())
        total = sum(weight * ring.signs[name] for name, weight in WEIGHTS.items())
        ring.score = min(1.0, total) * (1.0 - 0.7 * max(busy, shops))


def _found(picture: Money, ring: Ring, hub: Bools, omitted: list[str]) -> Found:
    flow, cycle, signs = picture.flow, ring.best, ring.signs or {}
    nodes = flow.src[cycle].tolist()
    names = picture.names(nodes)
    rows = np.array(sorted(ring.rows), np.int64)
    currency = picture.currencies[int(flow.currency[cycle[0]])]
    first, last = int(flow.amount[cycle[0]]), int(flow.amount[cycle[-1]])
    hours = float(np.ptp(flow.at_ms[cycle])) / 3_600_000
    left, back = Amount(first, currency), Amount(last, currency)
    reasons: list[str] = [
        say("{left} left and {back} came back through {n} other accounts", left=left, back=back, n=len(nodes) - 1),
        say("it took {hours:,.1f} hours", hours=hours),
    ]
    if signs["dedicated"] > 0.3:
        reasons.append(
            say("{share:.0%} of all these accounts ever paid went round this ring", share=signs["dedicated"])
        )
    if ring.cycles > 1:
        reasons.append(say("money can be followed round it in {n} ways", n=ring.cycles))
    return Found(
        title=say("{money} round {n} accounts in {hours:,.1f} hours", money=left, n=len(nodes), hours=hours),
        score=round(ring.score, 4),
        members=tuple(
            Member(*name, "cycle_member", place, round(ring.score, 4), say("paid {money} to the next", money=Amount(int(flow.amount[row]), currency)))
            for place, (name, row) in enumerate(zip(names, cycle, strict=True))
        ),
        reasons=tuple(reasons),
        against=tuple(_against(flow, nodes, hub, signs)),
        evidence_ids=picture.events(rows),
        amount_minor=first,
        currency=currency,
        starts_ms=int(flow.at_ms[rows[0]]),
        ends_ms=int(flow.at_ms[rows[-1]]),
        details={
            "hops": _hops(picture, cycle), "returned_share": round(_kept(flow, cycle), 4), "ways": ring.cycles,
            "signs": {name: round(value, 4) for name, value in signs.items()}, "omitted": omitted,
        },
    )  # fmt: skip


def _hops(picture: Money, cycle: Ints) -> list[dict[str, Any]]:
    flow = picture.flow
    return [
        {"id": name, "amount_minor": int(flow.amount[row]), "at_ms": int(flow.at_ms[row])}
        for name, row in zip(picture.events(cycle), cycle.tolist(), strict=True)
    ]


def _against(flow: Flow, nodes: list[int], hub: Bools, signs: dict[str, float]) -> list[str]:
    lines: list[str] = []
    if busy := int(hub[nodes].sum()):
        lines.append(
            say(
                "{n} of {total} accounts have very many partners over a long time: rings through them are common",
                n=busy,
                total=len(nodes),
            )
        )
    if shops := int((flow.kind[nodes] == fl.MERCHANT).sum()):
        lines.append(say("{n} of {total} accounts are merchants'", n=shops, total=len(nodes)))
    if signs["dedicated"] < 0.05:
        lines.append(say("the ring is a very small part of what these accounts pay: it may be chance"))
    return lines


ALGORITHM = Algorithm("cycle", "1.0", "Cycles", CycleParams, find)
