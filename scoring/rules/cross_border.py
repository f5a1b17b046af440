"""A transfer that leaves the country, from an amount on."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    min_amount_minor: int = 500_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.cross_border == 1) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("{amount} leave the country", amount=fen(f.amount))


RULE = Rule("cross_border", "Cross-border transfer", P, fires, explain)
