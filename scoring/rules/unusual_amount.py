"""Far more than the payer usually pays, to somebody never paid before."""

from __future__ import annotations

from typing import Any

from scoring.rules._base import Params, Rule, yuan


class P(Params):
    min_deviations: float = 2.5
    min_times_max: float = 1.5
    min_amount_minor: int = 500_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (
        (f.new_payee == 1)
        & (f.amount >= p.min_amount_minor)
        & (f.amount_z >= p.min_deviations)
        & (f.amount_over_max >= p.min_times_max)
    )


def explain(f: Any, p: P) -> str:
    """Why, in one sentence."""
    return f"{yuan(f.amount)} to a new payee: {f.amount_over_max:.1f} times the largest payment so far, {f.amount_z:.1f} deviations above the habit"


RULE = Rule("unusual_amount", "Far above the habit, to a new payee", P, fires, explain)
