"""Away from the home region or on a device the account has not used: 10,000 CNY a transfer, 50,000 CNY a day."""

from __future__ import annotations

from typing import Any

from scoring.rules._base import Params, Rule, yuan


class P(Params):
    single_minor: int = 1_000_000
    daily_minor: int = 5_000_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    over = (f.amount > p.single_minor) | (f.day_sum > p.daily_minor)
    return ((f.away == 1) | (f.new_device == 1)) & over


def explain(f: Any, p: P) -> str:
    """Why, in one sentence."""
    where = "away from the home region" if f.away == 1 else "on a device not used before"
    return f"{yuan(f.amount)} now, {yuan(f.day_sum)} today, {where} (limits {yuan(p.single_minor)} and {yuan(p.daily_minor)})"


RULE = Rule(
    "away_limit",
    "Away from home or on a new device, over the limit",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, _p: state.past_out(transfer.payer, transfer.at_ms, 86_400),
)
