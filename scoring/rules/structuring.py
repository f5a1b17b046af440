"""Round amounts kept just under a reporting threshold, again and again (FATF: structuring)."""

from __future__ import annotations

from typing import Any

from core.message import Said, Span, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    low_minor: int = 4_000_000
    high_minor: int = 5_000_000
    round_unit_minor: int = 100_000
    window_s: int = 259_200
    min_count: int = 3


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return f.structured_n >= p.min_count


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "{n:.0f} round amounts from {low} to under {high} within {window}, {sum} together",
        n=f.structured_n, low=fen(p.low_minor), high=fen(p.high_minor), window=Span(p.window_s), sum=fen(f.structured_sum),
    )  # fmt: skip


RULE = Rule(
    "structuring",
    "Round amounts under a reporting threshold",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, p: state.past_out(transfer.payer, transfer.at_ms, p.window_s),
)
