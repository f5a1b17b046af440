"""Detection gives the payee a high risk score."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    min_score: float = 0.8
    min_amount_minor: int = 100_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.payee_risk >= p.min_score) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("the payee has a risk score of {score:.2f}", score=f.payee_risk)


RULE = Rule("risky_payee", "Payee with a high risk score", P, fires, explain, network=True)
