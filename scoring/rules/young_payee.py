"""A young account takes in large sums from people who have not paid it before."""

from __future__ import annotations

from typing import Any

from core.message import Said, Span, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    young_s: int = 1_209_600
    min_in_24h_minor: int = 3_000_000
    min_amount_minor: int = 1_000_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    young = (f.payee_age_s <= p.young_s) & (f.new_payee == 1) & (f.amount >= p.min_amount_minor)
    return young & (f.payee_in_24h_sum + f.amount >= p.min_in_24h_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "{sum} within a day into an account first seen {age} ago",
        sum=fen(f.payee_in_24h_sum + f.amount), age=Span(max(f.payee_age_s, 0)),
    )  # fmt: skip


RULE = Rule(
    "young_payee",
    "Large sums into a young account",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, _p: state.past_in(transfer.payee, transfer.at_ms, 86_400),
)
