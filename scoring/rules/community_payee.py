"""The payee belongs to a suspected community."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    min_score: float = 0.6
    min_amount_minor: int = 100_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.payee_community >= p.min_score) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("the payee belongs to a suspected community (score {score:.2f})", score=f.payee_community)


RULE = Rule("community_payee", "Payee in a suspected community", P, fires, explain, network=True)
