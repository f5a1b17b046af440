"""One account pays many different payees within an hour: a distributor."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    min_payees_1h: int = 5
    min_sum_minor: int = 2_000_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return (f.fan_out_1h >= p.min_payees_1h) & (f.out_1h_sum >= p.min_sum_minor)


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("{n:.0f} payees within an hour, {sum} together", n=f.fan_out_1h, sum=fen(f.out_1h_sum))


RULE = Rule(
    "fan_out_burst",
    "Many payees in a short time",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, _p: state.past_out(transfer.payer, transfer.at_ms, 3_600),
)
