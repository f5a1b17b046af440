"""Money by layer as bars: widths in percent of the largest, for a drawing made on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.queries.flow import LayerFlow

#: Drawn wider than its share, so that a small sum beside a large one can still be seen.
MIN_PERCENT = 0.6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the flow it stands for and its length, 0 to 100."""

    flow: LayerFlow
    percent: float


def money_bars(flows: Sequence[LayerFlow]) -> list[Bar]:
    """One bar a flow, scaled within its currency: sums of different currencies are not comparable."""
    largest: dict[str, int] = {}
    for flow in flows:
        largest[flow.currency] = max(largest.get(flow.currency, 0), flow.amount_minor)
    return [
        Bar(flow, max(round(100 * flow.amount_minor / largest[flow.currency], 2), MIN_PERCENT))
        if largest[flow.currency]
        else Bar(flow, MIN_PERCENT)
        for flow in flows
    ]
