"""Mule chains: money followed payment by payment from victims through layers of accounts to where it ends.

Each outflow of an account is taken as paid from what came in during the last `window_s`, oldest money first. First in
first out is the rule courts apply to mixed accounts (Clayton's Case, 1816; for coins: Anderson, Shumailov and Ahmed,
"Making Bitcoin Legal", 2018) and gives at most one link more than there are payments, so that nothing explodes. Poison
and haircut (pro rata) tainting (Moeser, Boehme and Breuker, "Towards Risk Scoring of Bitcoin Transactions", 2014) mark
ever more of the network without end. `attribution="lifo"` takes the newest money first. See docs/detection/mule_chain.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from algorithms import _chain_search as chains
from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._base import Algorithm, Found, Params, Task
from algorithms._chain_rows import Report, wanted
from algorithms._flow import Bools, Rules
from algorithms._money import Money, money
from algorithms._omitted import left_out
from core.errors import NotFound

_MS = 1000


class Seed(Params):
    """A reported account (all it paid between two times) or a reported transfer."""

    id: str = Field(min_length=1, description="Account id or transfer id")
    from_ms: int | None = Field(None, description="Only payments from this time on, epoch ms UTC")
    until_ms: int | None = Field(None, description="Only payments up to this time, epoch ms UTC")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value


class MuleChainParams(Params):
    """Parameters; times in seconds, amounts in minor units, shares from 0 to 1."""

    seeds: tuple[Seed, ...] = Field((), description="Reported accounts or transfers; empty: look for chains everywhere")
    max_hops: int = Field(8, ge=1, le=64, description="Longest chain, in transfers")
    min_layers: int = Field(
        2, ge=1, description="Unseeded: report from this many layers on (one less if it ends in cash or coin)"
    )
    window_s: int = Field(
        86_400, ge=0, description="Longest time money stays on an account before it counts as settled"
    )
    max_retained_share: float | None = Field(
        None, ge=0, le=1,
        description="Largest share an account keeps and still passes money through; default 0.3 unseeded, 1 from seeds",
    )  # fmt: skip
    min_explained_share: float = Field(
        0.6, ge=0, le=1, description="Smallest share of a payment that money of the window covers, else it is own money"
    )
    attribution: Literal["fifo", "lifo"] = Field("fifo", description="Which money leaves first: oldest or newest")
    allow_equal_times: bool = Field(True, description="Money may go on at the very time it came in (whole-day data)")
    min_amount_minor: int = Field(0, ge=0, description="Unseeded: leave out chains of less money than this")
    merge_within_s: int = Field(3 * 86_400, ge=0, description="Chains through one account this close are one finding")
    hub_partners: int = Field(100, ge=2, description="Payers or payees that make a busy account a hub ...")
    hub_days: float = Field(30, ge=0, description="... when it has been active for at least so many days")
    min_score: float = Field(0.0, ge=0, le=1, description="Leave out findings below this score")
    limit: int = Field(1_000, ge=1, description="Most suspicious findings to report; details say how many there were")

    def rules(self) -> Rules:
        """How money is followed, in the units of the kernels."""
        retained = self.max_retained_share if self.max_retained_share is not None else (1.0 if self.seeds else 0.3)
        return Rules(
            self.window_s * _MS, retained, self.min_explained_share, self.allow_equal_times,
            self.attribution == "lifo", self.max_hops,
        )  # fmt: skip


def find(task: Task, params: MuleChainParams) -> list[Found]:
    """Chain networks, most suspicious first. Raises NotFound for a seed that is neither an account nor a transfer."""
    task.progress(0.0, "reading money movements")
    return find_in(money(task.store), params, task)


def find_in(picture: Money, params: MuleChainParams, task: Task | None = None) -> list[Found]:
    """The same over money already projected."""
    progress = task.progress if task else (lambda _share, _what: None)
    flow, rules = picture.flow, params.rules()
    if not len(flow):
        return []
    seeds = seed_rows(picture, params) if params.seeds else None
    progress(0.4, "following money")
    hub = fl.hubs(flow, params.hub_partners, int(params.hub_days * 86_400 * _MS))
    found = chains.search(flow, rules, hub, params.merge_within_s * _MS, seeds)
    scores = chains.scores(flow, found, rules)
    keep = scores.score >= params.min_score
    if seeds is None:
        keep &= wanted(scores, params.min_layers, scores.signs["exit"] > 0.5)
        keep &= scores.money_in >= params.min_amount_minor
    ranked = np.flatnonzero(keep)
    ranked = ranked[np.lexsort((ranked, -scores.money_in[ranked], -scores.score[ranked]))]
    progress(0.7, f"describing {min(len(ranked), params.limit)} of {len(ranked)} chain networks")
    return _rows(picture, found, scores, ranked, params.limit)


def _rows(picture: Money, found: chains.Search, scores: chains.Scores, ranked: Any, limit: int) -> list[Found]:
    picture = replace(picture, flow=found.flow, origin=picture.origin[found.rows])
    traced, links = found.traced, found.links
    parts = (links.start, links.by_lot, links.pays, traced.carried)
    paths = kernel.count_paths(traced.money > 0, parts, links.order)
    report = Report(picture, found, scores, paths, _delays(picture, found))
    start, order = kernel.group(np.where(found.group < 0, found.n_groups, found.group), found.n_groups + 1)
    rows = [report.found(int(g), order[start[g] : start[g + 1]]) for g in ranked[:limit].tolist()]
    if rows:
        rows[-1].details["omitted"].extend(left_out(len(ranked), limit))
    return rows


def _delays(picture: Money, found: chains.Search) -> np.ndarray[Any, Any]:
    at, links, carried = picture.flow.at_ms, found.links, found.traced.carried.astype(np.float64)
    waited = np.bincount(links.pays, weights=carried * (at[links.pays] - at[links.lot]), minlength=len(at))
    weight = np.bincount(links.pays, weights=carried, minlength=len(at))
    delays: np.ndarray[Any, Any] = np.divide(waited, weight, out=np.full(len(at), np.nan), where=weight > 0)
    return delays


def seed_rows(picture: Money, params: MuleChainParams) -> Bools:
    """Marks the transfers the seeds name. Raises NotFound with the first id that names nothing."""
    flow, marked = picture.flow, np.zeros(len(picture.flow), np.bool_)
    numbers = picture.table.number_of(seed.id for seed in params.seeds)
    others = [seed.id for seed, number in zip(params.seeds, numbers, strict=True) if number < 0]
    events = picture.rows_of(others) if others else marked.copy()
    known = set(picture.events(np.flatnonzero(events)))
    for seed, number in zip(params.seeds, numbers.tolist(), strict=True):
        if number < 0 and seed.id not in known:
            raise NotFound(f"seed {seed.id!r} is neither an account nor a transfer in the store")
        if number >= 0:
            low = seed.from_ms if seed.from_ms is not None else np.iinfo(np.int64).min
            high = seed.until_ms if seed.until_ms is not None else np.iinfo(np.int64).max
            marked |= (flow.src == number) & (flow.at_ms >= low) & (flow.at_ms <= high)
    return marked | events


ALGORITHM = Algorithm("mule_chain", "1.0", "Mule chains", MuleChainParams, find)
