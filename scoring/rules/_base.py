"""What a rule is: a condition over features that works on one transfer and on a whole history alike.

`fires` uses comparisons with `&` and `|` only, so that the same line serves numbers (a live transfer) and columns
(a back-test). `explain` says why in one sentence; `evidence` names the earlier transfers it rests on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.money import show
from core.registry import catalog as find
from scoring.state import Past, State
from scoring.transfer import Transfer


class Params(BaseModel):
    """A rule's thresholds. Money in fen of the reporting currency (`*_minor`), times in seconds (`*_s`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def no_evidence(_state: State, _transfer: Transfer, _params: Any) -> list[Past]:
    """For rules whose reason is in the transfer itself."""
    return []


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule type. `network` says whether it asks what only the network knows."""

    name: str
    title: str
    params: type[Params]
    fires: Callable[[Any, Any], Any]
    explain: Callable[[Any, Any], str]
    evidence: Callable[[State, Transfer, Any], list[Past]] = no_evidence
    network: bool = False


@cache
def catalog() -> dict[str, Rule]:
    """All rule types by name."""
    from scoring import rules

    return find(rules, "RULE")


def yuan(amount_minor: float) -> str:
    """Fen for a sentence: `12,000.00 CNY`."""
    return show(round(amount_minor), "CNY")


def span(seconds: float) -> str:
    """Seconds for a sentence: `45 s`, `12 min`, `3 h`, `120 days`."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
