"""Many large transfers in a short time (PBC Order 3 of 2016, art. 11: large sums paid out within a short period).

`large_minor` and `window_s` are what the counting uses, so that the window is exact while the last 16 transfers hold it.
"""

from __future__ import annotations

from typing import Any

from core.message import Said, Span, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    large_minor: int = 5_000_000
    window_s: int = 3_600
    min_count: int = 3
    min_sum_minor: int = 20_000_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.large_n >= p.min_count) & (f.large_sum >= p.min_sum_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "{n:.0f} transfers of {large} or more within {window}, {sum} together",
        n=f.large_n, large=fen(p.large_minor), window=Span(p.window_s), sum=fen(f.large_sum),
    )  # fmt: skip


RULE = Rule(
    "large_burst",
    "Many large transfers in a short time",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, p: state.past_out(transfer.payer, transfer.at_ms, p.window_s),
)
