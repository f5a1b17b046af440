"""Key accounts: those that money which is passed on must go through, by their place in the network of such payments.

Shortest paths through an account (Freeman, "A Set of Measures of Centrality Based on Betweenness", 1977), PageRank (Brin and
Page 1998), cores and circles, of the network of passed-on payments only: places in the network of all payments are those of
shops. Colladon and Remondi, "Using social network analysis to prevent money laundering" (Expert Systems with Applications 67,
2017) rank the clients of a factoring house so. See docs/detection/key_account.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms._base import Algorithm, Found, Task
from algorithms._flow import Bools, Ints
from algorithms._pattern import Candidate, Floats, Scene, Text, amount, hours, report, scene, weigh
from algorithms._steps import StepParams, Steps, step_against, step_reasons, step_signs, steps
from algorithms.engines import local, network
from core.message import say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {
    "between": 0.35,
    "rank": 0.10,
    "core": 0.10,
    "circle": 0.05,
    "dedicated": 0.20,
    "swift": 0.10,
    "strangers": 0.10,
}
#: A place by itself is weak evidence: in honest trade and families somebody is in the middle, too.
_WEAK = 0.8
#: Full marks: paths through an account, and PageRank in multiples of what everybody has.
_MANY_PATHS, _MUCH_RANK = 100.0, 20.0


class KeyAccountParams(StepParams):
    """Parameters of key accounts."""

    window_s: int = Field(86_400, ge=0, description="Longest stay of passed-on money on an account")
    min_paths: float = Field(6, ge=0, description="Least number of shortest paths through the account")
    max_partners: int = Field(
        1_000, ge=2, description="An account that passes money on between more others is a business and is left out"
    )
    sources: int = Field(2_000, ge=1, description="Accounts that paths are followed from; of more, so many are drawn")
    seed: int = Field(7, ge=0, description="Seed of the drawing; the same seed draws the same")


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Of each node: shortest paths through it, PageRank, core number, and how many accounts money can come back through."""

    paths: Floats
    rank: Floats
    core: Ints
    circle: Ints
    drawn: bool


def find(task: Task, params: KeyAccountParams) -> list[Found]:
    """One finding per key account, most suspicious first. Cost: payments that pass money on x `sources` at most."""
    here = scene(task, params)
    task.progress(0.3, "matching payments out to payments in")
    some = steps(here, params)
    open_ = ~here.hub & (here.flow.kind != fl.CASH) & (here.flow.kind != fl.MERCHANT)
    some = some.only(open_[some.source] & open_[some.middle] & open_[some.sink])
    crowded = _crowded(here, some.rows, params.max_partners)
    some = some.only(~crowded[some.source] & ~crowded[some.middle] & ~crowded[some.sink])
    if not len(some):
        return []
    found = places(task, here, some.rows, params)
    made = [_candidate(here, part, found, params) for part in _parts(here, some, found.paths >= params.min_paths)]
    omitted = [say("paths were followed from {n} accounts that were drawn, not from all", n=params.sources)] if found.drawn else []  # fmt: skip
    if crowded.any():
        omitted.append(
            say(
                "{n} accounts with more than {most} partners were left out",
                n=int(crowded.sum()),
                most=params.max_partners,
            )
        )
    return report(here, made, params, partial(_words, here), omitted)


def _crowded(here: Scene, rows: Ints, most: int) -> Bools:
    """Nodes with more partners than `most` in the network of these payments: following paths through them would have no end."""
    n = here.flow.n_nodes
    pairs = np.unique(here.flow.src[rows] * n + here.flow.dst[rows])
    partners = np.bincount(pairs // max(n, 1), minlength=n) + np.bincount(pairs % max(n, 1), minlength=n)
    crowded: Bools = partners > most
    return crowded


def places(task: Task, here: Scene, rows: Ints, params: KeyAccountParams) -> Places:
    """Each node's place in the network of these payments, by the task's engine."""
    flow = here.flow
    of = network.arcs(flow.n_nodes, flow.src[rows].astype(np.int32), flow.dst[rows].astype(np.int32))
    edges = local.collapse(of.n, of.src, of.dst, of.weight)

    def heard(share: float) -> None:
        task.progress(0.4 + 0.4 * share, "following shortest paths")

    if task.engine == "gds":
        import algorithms.engines.gds_network as gds

        store = task.store
        paths, rank = gds.betweenness(store, of, sources=params.sources, seed=params.seed), gds.page_rank(store, of)
        core, strong = gds.core_numbers(store, edges), gds.strong_components(store, of)
    else:
        paths = network.betweenness(of, sources=params.sources, seed=params.seed, heard=heard)
        rank, core, strong = network.page_rank(of), network.core_numbers(edges), network.strong_components(of)
    size = np.bincount(strong)[strong]
    drawn = len(np.unique(of.src)) > params.sources
    return Places(np.round(paths, 3), np.round(rank, 3), core.astype(np.int64), np.where(size > 1, size, 0), drawn)


def _parts(here: Scene, some: Steps, key: Bools) -> list[Steps]:
    """The steps through each key account, in the currency with most of them (the first of equals)."""
    some = some.only(key[some.middle])
    purse = here.purse(some.middle, some.currency)
    order = np.lexsort((some.currency, some.middle))
    _, first, count = np.unique(purse[order], return_index=True, return_counts=True)
    best: dict[int, tuple[int, int]] = {}
    for start, many in zip(first.tolist(), count.tolist(), strict=True):
        node = int(some.middle[order[start]])
        if node not in best or many > best[node][1]:
            best[node] = (start, many)
    return [some.only(np.sort(order[start : start + many])) for start, many in best.values()]


def _candidate(here: Scene, some: Steps, found: Places, params: KeyAccountParams) -> Candidate:
    node = int(some.middle[0])
    paths, rank = float(found.paths[node]), float(found.rank[node])
    signs = step_signs(here, some, params.window_s * 1000)
    signs |= {
        "between": float(np.log1p(paths) / np.log1p(_MANY_PATHS)),
        "rank": float(np.log(max(rank / 0.15, 1.0)) / np.log(_MUCH_RANK)),
        "core": (int(found.core[node]) - 1) / 2, "circle": float(found.circle[node] > 0),
    }  # fmt: skip
    payers, payees = np.unique(some.source), np.unique(some.sink)
    role = "collector" if len(payers) > 2 * len(payees) else "distributor" if len(payees) > 2 * len(payers) else "mule"
    figures = {
        "paths": paths, "page_rank": rank, "core": int(found.core[node]), "circle": int(found.circle[node]),
        "payers": len(payers), "payees": len(payees), "steps": some,
    }  # fmt: skip
    # Whoever mostly lives an ordinary life beside it keeps half of the score.
    score = _WEAK * weigh(signs, WEIGHTS) * (0.5 + 0.5 * min(1.0, signs["dedicated"]))
    lots = int(here.flow.amount[np.unique(some.lot)].sum())
    return Candidate(some.rows, int(some.currency[0]), lots, score, signs, {role: [node]}, figures)


def _words(here: Scene, candidate: Candidate) -> Text:
    some: Steps = candidate.figures.pop("steps")
    ((role, (node,)),) = candidate.nodes.items()
    figures, money = candidate.figures, amount(here, candidate)
    paths = say("{n:,.0f} shortest ways of passed-on money go through it", n=figures["paths"])
    reasons = [
        paths,
        say(
            "{payers} accounts' money went on to {payees} accounts", payers=figures["payers"], payees=figures["payees"]
        ),
        *step_reasons(here, some, dict(candidate.signs)),
    ]
    if figures["core"] > 1:
        reasons.append(say("it is in a part of the network where everybody deals with {n} others", n=figures["core"]))
    if figures["circle"]:
        reasons.append(say("money can come back to it through {n} accounts", n=figures["circle"]))
    against = step_against(here, some, dict(candidate.signs), [node])
    against.append(
        say("a place in the network says who is in the middle, not why: agents and families pass money on too")
    )
    return Text(
        say("{money} through one account between {payers} payers and {payees} payees within {hours:,.1f} hours",
            money=money, payers=figures["payers"], payees=figures["payees"], hours=hours(here, candidate.rows)),
        reasons, against, {role: 1}, reason=lambda _role, _node: paths,
    )  # fmt: skip


ALGORITHM = Algorithm(
    "key_account", "1.0", "Key accounts that passed-on money goes through", KeyAccountParams, find, ("local", "gds")
)
