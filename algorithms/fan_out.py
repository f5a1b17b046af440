"""Fan-out: one account pays unusually many different accounts within a short time, as when money is spread over mules.

The mirror image of fan_in, with the same figures; regular payees (wages) are held against it. See docs/detection/fan_out.md.
"""

from __future__ import annotations

from algorithms._base import Algorithm, Found, Task
from algorithms._fan import FanParams, Words, find_bursts
from algorithms._money import money
from core.message import say

WORDS = Words(False, "distributor", "payee", say("accounts were paid by it"), say("had come in"))


class FanOutParams(FanParams):
    """Parameters of fan-out."""


def find(task: Task, params: FanOutParams) -> list[Found]:
    """The busiest burst of payees of each account and currency, most suspicious first."""
    return find_bursts(money(task.store), params, WORDS)


ALGORITHM = Algorithm("fan_out", "1.0", "Fan-out", FanOutParams, find)
