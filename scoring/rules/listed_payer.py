"""The payer, the device or the address stands on a list."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    lists: int = 1


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return f.payer_lists >= p.lists


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("the payer, its device or its address is on a list")


RULE = Rule("listed_payer", "Payer, device or address on a list", P, fires, explain)
