"""The payee stands on a list: illegal accounts, accounts under a stop-payment order, or a watch list."""

from __future__ import annotations

from typing import Any

from core.message import Said, say
from scoring.rules._base import Params, Rule


class P(Params):
    lists: int = 1


def fires(f: Any, p: P) -> Any:
    """Whether the rule fires, for one transfer or a history."""
    return f.payee_lists >= p.lists


def explain(f: Any, p: P) -> Said:
    """Why, in one sentence."""
    return say("the payee is on a list of accounts that are not to be paid")


RULE = Rule("listed_payee", "Payee on a list", P, fires, explain)
