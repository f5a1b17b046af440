"""Money that came in minutes ago goes on almost whole (FATF: rapid movement of funds, account kept near zero)."""

from __future__ import annotations

from typing import Any

from core.message import Said, Span, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    window_s: int = 7_200
    max_wait_s: int = 3_600
    min_ratio: float = 0.4
    max_ratio: float = 1.15
    min_in_minor: int = 500_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    soon = (f.pass_s >= 0) & (f.pass_s <= p.max_wait_s) & (f.pass_in_sum >= p.min_in_minor)
    return soon & (f.pass_ratio >= p.min_ratio) & (f.pass_ratio <= p.max_ratio)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "{share:.0%} of {received} received within {window} goes on, {wait} after the last of it came in",
        share=f.pass_ratio, received=fen(f.pass_in_sum), window=Span(p.window_s), wait=Span(f.pass_s),
    )  # fmt: skip


RULE = Rule(
    "pass_through",
    "Pass-through within minutes",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, p: state.past_in(transfer.payer, transfer.at_ms, p.window_s),
)
