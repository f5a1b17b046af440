"""Money passed on once: which payment out of an account passes on which payment into it; the piece of every layering pattern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._fan import best_windows
from algorithms._flow import Bools, Ints, Rules
from algorithms._pattern import PatternParams, Scene
from core.message import say


class StepParams(PatternParams):
    """Parameters of patterns made of passed-on money."""

    max_retained_share: float = Field(0.3, ge=0, le=1, description="Largest share that stays behind on an account")
    min_explained_share: float = Field(
        0.6, ge=0, le=1, description="Smallest share of a payment that money of the window covers, else it is own money"
    )
    allow_equal_times: bool = Field(True, description="Money may go on at the very time it came in (whole-day data)")


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Step k: payment `lot[k]` came into `middle[k]` from `source[k]`; payment `pays[k]` passes `money[k]` of it to `sink[k]`.

    In order of the time money came in. No end is its own neighbour; `middle` is no hub, cash point or wallet.
    """

    lot: Ints
    pays: Ints
    money: Ints
    source: Ints
    middle: Ints
    sink: Ints
    currency: Ints
    at_ms: Ints

    def __len__(self) -> int:
        return len(self.lot)

    def only(self, keep: Bools | Ints) -> Steps:
        """The same with a part of the steps."""
        return Steps(*(getattr(self, name)[keep] for name in self.__slots__))

    @property
    def rows(self) -> Ints:
        """Flow rows of all payments of these steps, ascending."""
        return np.unique(np.concatenate([self.lot, self.pays]))


def steps(scene: Scene, params: StepParams) -> Steps:
    """All steps within the window, newest money first, of pools that kept little. Fewer than inflows and outflows together.

    A step counts when it carries half of the payment in or half of the payment out: crumbs are chance.
    """
    flow = scene.flow
    rules = Rules(
        params.window_s * 1000, params.max_retained_share, params.min_explained_share, params.allow_equal_times, True, 0
    )
    links = fl.link(flow, rules, scene.hub | np.isin(flow.kind, (fl.CASH, fl.WALLET)))
    lot, pays, money = links.lot, links.pays, links.money
    keep = links.retained[lot] <= params.max_retained_share
    keep &= (2 * money >= flow.amount[lot]) | (2 * money >= flow.amount[pays])
    order = np.lexsort((pays, lot))
    order = order[keep[order]]
    lot, pays, money = lot[order], pays[order], money[order]
    return Steps(
        lot, pays, money, flow.src[lot], flow.dst[lot], flow.dst[pays], flow.currency[lot], flow.at_ms[lot]
    )  # fmt: skip


def best_groups(some: Steps, keys: Ints, members: Ints, window_ms: int, least: int) -> list[Ints]:
    """For each key, places of its steps in the window with most different members, where those are at least `least`."""
    if not len(some):
        return []
    _, dense = np.unique(keys, return_inverse=True)
    n_keys = int(dense.max()) + 1
    start, order = kernel.group(dense.astype(np.int64), n_keys)
    best, first, last = best_windows(start, order, members, some.at_ms, window_ms)
    return [order[first[key] : last[key] + 1] for key in np.flatnonzero(best >= least).tolist()]


def stay_ms(scene: Scene, some: Steps) -> float:
    """Median time money stayed on a middle account."""
    return float(np.median(scene.flow.at_ms[some.pays] - some.at_ms)) if len(some) else 0.0


def step_signs(scene: Scene, some: Steps, window_ms: int) -> dict[str, float]:
    """Signs of passed-on money: dedicated (share of all the middles ever received), whole (share passed on), swift, strangers."""
    flow = scene.flow
    lots, money = np.unique(some.lot), float(some.money.sum())
    came = float(flow.amount[lots].sum())
    purses = np.unique(scene.purse(some.middle, some.currency))
    return {
        "dedicated": came / max(float(scene.received[purses].sum()), 1.0),
        "whole": money / max(came, 1.0),
        "swift": 1.0 - (min(1.0, stay_ms(scene, some) / max(window_ms, 1))) ** 0.5,
        "strangers": float(scene.strange[some.rows].mean()),
    }


def step_reasons(scene: Scene, some: Steps, signs: dict[str, float]) -> list[str]:
    """Sentences for signs that stand out."""
    minutes = stay_ms(scene, some) / 60_000
    lines: list[str] = [say("half of the money stayed {n:,.0f} minutes or less on the accounts between", n=minutes)]
    if signs["whole"] > 0.9:
        lines.append(say("the accounts between kept only {share:.1%}", share=1 - signs["whole"]))
    if signs["dedicated"] > 0.5:
        lines.append(say("{share:.0%} of all they ever received was passed on like this", share=signs["dedicated"]))
    if signs["strangers"] > 0.9:
        lines.append(say("almost none of them had dealt with each other before"))
    return lines


def step_against(scene: Scene, some: Steps, signs: dict[str, float], nodes: list[int]) -> list[str]:
    """Sentences that speak against: busy accounts, old acquaintance, a small part of what the accounts do."""
    lines = scene.busy_lines(nodes) + scene.known_lines(some.rows)
    if signs["dedicated"] < 0.2:
        lines.append(
            say("the accounts between mostly do other things: little of what they receive is passed on like this")
        )
    if signs["whole"] < 0.8:
        lines.append(say("{share:.0%} of the money stayed on the way", share=1 - signs["whole"]))
    return lines
