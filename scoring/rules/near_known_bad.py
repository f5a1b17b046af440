"""The payee is a known-bad account, or has dealt with one within a few steps; hubs hand nothing on."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    max_distance: int = 1
    min_amount_minor: int = 100_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.payee_bad <= p.max_distance) & (f.new_payee == 1) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    if f.payee_bad == 0:
        return say("the payee is a known-bad account")
    return say("the payee is {n:.0f} step(s) from a known-bad account", n=f.payee_bad)


RULE = Rule(
    "near_known_bad",
    "Payee close to known-bad accounts",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, _p: state.past_in(transfer.payee, transfer.at_ms, 7 * 86_400),
    network=True,
)
