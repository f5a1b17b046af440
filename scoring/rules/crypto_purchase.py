"""Coin bought for more than 100,000 CNY at once or in a day, or money swapped into coin and back again and again: ask who it is."""

from __future__ import annotations

from typing import Any

from core.message import Said, Span, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    single_minor: int = 10_000_000
    daily_minor: int = 20_000_000
    swap_window_s: int = 86_400
    max_swaps: int = 4


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.crypto == 1) & (
        (f.amount > p.single_minor) | (f.crypto_day_sum > p.daily_minor) | (f.crypto_swaps > p.max_swaps)
    )


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "coin for {amount}, {today} today, {n:.0f} swaps within {window}",
        amount=fen(f.amount), today=fen(f.crypto_day_sum), n=f.crypto_swaps, window=Span(p.swap_window_s),
    )  # fmt: skip


RULE = Rule(
    "crypto_purchase",
    "Large or frequent crypto purchases",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, p: state.past_out(transfer.payer, transfer.at_ms, p.swap_window_s),
)
