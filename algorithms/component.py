"""Connected components: accounts joined by any chain of money or shared identity, the unusual ones as findings.

Weakly connected components (WCC) over the same network as communities, so the same hubs are cut. In a large network
one component holds nearly everybody; small closed ones, cut off from ordinary life, are what is worth a look.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from algorithms._base import Algorithm, Found, Task
from algorithms._projection import Int32
from algorithms.community import CommunityParams, Picture, communities, picture_of
from algorithms.engines import local


class ComponentParams(CommunityParams):
    """Parameters of components: those of communities that concern ties and score, and the size of what is reported."""

    min_size: int = Field(4, ge=2, description="Smallest component reported")
    max_share: float = Field(
        0.05, gt=0, le=1, description="A component with more than this share of accounts is society"
    )
    always_below: int = Field(200, ge=2, description="Components up to this size are never society")


def membership(task: Task, picture: Picture) -> Int32:
    """Component of each account by the task's engine, numbered by lowest account."""
    if task.engine == "gds":
        import algorithms.engines.gds as gds

        return gds.components(task.store, picture.network.edges)
    return local.components(picture.network.edges)


def find(task: Task, params: ComponentParams) -> list[Found]:
    """Small suspicious components, best first."""
    from algorithms._community_text import describe

    picture = picture_of(task, params)
    if not picture.table.n_accounts:
        return []
    task.progress(0.5, "components")
    result = communities(picture, membership(task, picture), params)
    largest = max(params.always_below, params.max_share * picture.table.n_accounts)
    wanted = np.flatnonzero(
        (result.size >= params.min_size) & (result.size <= largest) & (result.score >= params.min_score)
    )
    ranked = wanted[np.argsort(-result.score[wanted], kind="stable")][: params.max_findings]
    return describe(picture, result, ranked, params, closed=True)


ALGORITHM = Algorithm("component", "1", "Closed groups cut off from the rest", ComponentParams, find, ("local", "gds"))
