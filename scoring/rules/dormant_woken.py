"""An account that lay still for months pays out (PBC Order 3 of 2016: long idle, then suddenly active)."""

from __future__ import annotations

from typing import Any

from core.message import Said, Span, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    idle_s: int = 7_776_000
    min_amount_minor: int = 500_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.payer_gap_s >= p.idle_s) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("{amount} from an account that lay still for {gap}", amount=fen(f.amount), gap=Span(f.payer_gap_s))


RULE = Rule("dormant_woken", "Dormant account woken", P, fires, explain)
