"""Far more than the payer usually pays, to somebody never paid before."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule, fen


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


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "{amount} to a new payee: {times:.1f} times the largest payment so far, {deviations:.1f} deviations above the habit",
        amount=fen(f.amount), times=f.amount_over_max, deviations=f.amount_z,
    )  # fmt: skip


RULE = Rule("unusual_amount", "Far above the habit, to a new payee", P, fires, explain)
