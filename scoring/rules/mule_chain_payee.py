"""The payee is a member of a mule chain that detection found and nobody has refuted."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    min_score: float = 0.5
    min_amount_minor: int = 10_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.payee_chain >= p.min_score) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("the payee is in a suspected mule chain (score {score:.2f})", score=f.payee_chain)


RULE = Rule(
    "mule_chain_payee",
    "Payee in a mule chain",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, _p: state.past_in(transfer.payee, transfer.at_ms, 86_400),
    network=True,
)
