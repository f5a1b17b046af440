"""Connected components: accounts joined by close ties in any number of steps, the suspicious groups as findings.

Weakly connected components (WCC). Over every payment a lively network is one component that holds nearly everybody, and a
gang is in it, because the people of the town pay it. So only close ties join: a thing that few accounts share, and money
that an account which passes its income on has sent on at once; busy accounts, cash points, shops and exchanges join nobody.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from algorithms._base import Algorithm, Found, Task
from algorithms._network import identity_pairs
from algorithms._omitted import left_out
from algorithms._projection import Int32, accounts, kept
from algorithms.community import CommunityParams, Picture, communities, picture_of
from algorithms.engines import local

#: Kinds of account where strangers' money meets: they join nobody.
MEETING = ("cash", "merchant", "exchange")


class ComponentParams(CommunityParams):
    """Parameters of components: those of communities that concern ties and score, and the size of what is reported."""

    ties: Literal["close", "all"] = Field(
        "close", description="close: shared things and money passed on at once; all: every payment and shared thing"
    )
    identity_cap: int = Field(6, ge=2, le=200, description="An identifier shared by more accounts ties nobody")
    min_size: int = Field(4, ge=2, description="Smallest component reported")
    min_score: float = Field(0.8, ge=0, le=1, description="Lowest score reported")
    max_share: float = Field(
        0.05, gt=0, le=1, description="A component with more than this share of accounts is society"
    )
    always_below: int = Field(200, ge=2, description="Components up to this size are never society")


def close_ties(task: Task, picture: Picture, params: ComponentParams) -> local.Edges:
    """Edges of equal weight: accounts that share a thing, and payer and payee of money passed on by who passes its income on."""
    table, kind = picture.table, accounts(task.store)["kind"]
    meeting = pc.is_in(kind, value_set=pa.array(MEETING)).to_numpy(zero_copy_only=False)
    apart = meeting | (picture.network.counterparties > params.hub_degree)
    passed = picture.figures.is_passing[table.src] & (picture.flow.sourced >= params.passed_share)
    passed &= ~apart[table.src] & ~apart[table.dst] & (table.src != table.dst)
    first, second, _ = identity_pairs(picture.identity, params.identity_cap)
    a, b = np.concatenate([table.src[passed], first]), np.concatenate([table.dst[passed], second])
    return local.collapse(table.n_accounts, a, b, np.ones(len(a)))


def membership(task: Task, picture: Picture, params: ComponentParams) -> Int32:
    """Component of each account by the task's engine, numbered by lowest account."""
    edges = picture.network.edges
    if params.ties == "close":
        chosen = (params.hub_degree, params.passed_share, params.identity_cap)
        edges = kept(
            task.store,
            f"close ties {chosen} {params.signs()} {params.window_s}",
            partial(close_ties, task, picture, params),
        )
    if task.engine == "gds":
        import algorithms.engines.gds as gds

        return gds.components(task.store, edges)
    return local.components(edges)


def find(task: Task, params: ComponentParams) -> list[Found]:
    """Small suspicious components, best first."""
    from algorithms._community_text import describe

    picture = picture_of(task, params)
    if not picture.table.n_accounts:
        return []
    task.progress(0.5, "components")
    result = communities(picture, membership(task, picture, params), params)
    largest = max(params.always_below, params.max_share * picture.table.n_accounts)
    wanted = np.flatnonzero(
        (result.size >= params.min_size) & (result.size <= largest) & (result.score >= params.min_score)
    )
    ranked = wanted[np.argsort(-result.score[wanted], kind="stable")][: params.max_findings]
    return describe(picture, result, ranked, params, left_out(len(wanted), params.max_findings), closed=True)


ALGORITHM = Algorithm("component", "2", "Closed groups cut off from the rest", ComponentParams, find, ("local", "gds"))
