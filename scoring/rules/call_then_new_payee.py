"""The payer was on the phone for long with an unknown number and now pays somebody for the first time (fake police, loan fee)."""

from __future__ import annotations

from typing import Any

from core.message import Said, Span, say
from scoring.rules._base import Params, Rule


class P(Params):
    call_within_s: int = 7_200
    min_call_s: int = 600
    min_amount_minor: int = 100_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    called = (f.call_gap_s >= 0) & (f.call_gap_s <= p.call_within_s) & (f.call_s >= p.min_call_s)
    return called & (f.new_payee == 1) & (f.amount >= p.min_amount_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "first payment to this payee, {gap} after a call of {call} with an unknown number",
        gap=Span(f.call_gap_s), call=Span(f.call_s),
    )  # fmt: skip


RULE = Rule("call_then_new_payee", "First payment to a new payee after an unknown long call", P, fires, explain)
