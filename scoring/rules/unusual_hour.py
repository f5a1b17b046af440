"""At an hour at which the payer hardly ever pays, to a new payee."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    max_share: float = 0.02
    min_amount_minor: int = 500_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.hour_share >= 0) & (f.hour_share <= p.max_share) & (f.new_payee == 1) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "{amount} to a new payee at {hour:.0f} o'clock, when {share:.0%} of the payer's payments fall",
        amount=fen(f.amount), hour=f.hour, share=f.hour_share,
    )  # fmt: skip


RULE = Rule("unusual_hour", "At an hour the payer never pays", P, fires, explain)
