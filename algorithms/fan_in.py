"""Fan-in: one account is paid by unusually many different accounts within a short time, as a collector is.

The pattern is that of the AMLSim and AMLworld typologies (Altman et al., "Realistic Synthetic Financial Transactions for
Anti-Money Laundering Models", 2023). Honest accounts with many payers are held against it: see docs/detection/fan_in.md.
"""

from __future__ import annotations

from algorithms._base import Algorithm, Found, Task
from algorithms._fan import FanParams, Words, find_bursts
from algorithms._money import money
from core.message import say

WORDS = Words(True, "collector", "payer", say("accounts paid it"), say("went out again"))


class FanInParams(FanParams):
    """Parameters of fan-in."""


def find(task: Task, params: FanInParams) -> list[Found]:
    """The busiest burst of payers of each account and currency, most suspicious first."""
    return find_bursts(money(task.store), params, WORDS)


ALGORITHM = Algorithm("fan_in", "1.0", "Fan-in", FanInParams, find)
