"""Away from the home region or on a device the account has not used: 10,000 CNY a transfer, 50,000 CNY a day."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule, fen


class P(Params):
    single_minor: int = 1_000_000
    daily_minor: int = 5_000_000


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    over = (f.amount > p.single_minor) | (f.day_sum > p.daily_minor)
    return ((f.away == 1) | (f.new_device == 1)) & over


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    where = say("away from the home region") if f.away == 1 else say("on a device not used before")
    return say(
        "{amount} now, {today} today, {where} (limits {single} and {daily})",
        amount=fen(f.amount), today=fen(f.day_sum), where=where, single=fen(p.single_minor), daily=fen(p.daily_minor),
    )  # fmt: skip


RULE = Rule(
    "away_limit",
    "Away from home or on a new device, over the limit",
    P,
    fires,
    explain,
    evidence=lambda state, transfer, _p: state.past_out(transfer.payer, transfer.at_ms, 86_400),
)
