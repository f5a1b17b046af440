"""Many different payers within an hour or a day to an account that is young or passes the money on."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    min_payers_1h: int = 4
    min_payers_24h: int = 8
    young_s: int = 2_592_000
    min_pass_ratio: float = 0.7


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    many = (f.fan_in_1h >= p.min_payers_1h) | (f.fan_in_24h >= p.min_payers_24h)
    return many & (((f.payee_age_s >= 0) & (f.payee_age_s <= p.young_s)) | (f.payee_pass_ratio >= p.min_pass_ratio))


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say(
        "{hour:.0f} payers within an hour, {day:.0f} within a day; the payee has passed on {share:.0%}",
        hour=f.fan_in_1h, day=f.fan_in_24h, share=max(f.payee_pass_ratio, 0),
    )  # fmt: skip


RULE = Rule(
    "fan_in_burst",
    "Many payers in a short time",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, _p: state.past_in(transfer.payee, transfer.at_ms, 86_400),
)
