"""What a rule is: a condition over features that works on one transfer and on a whole history alike.

`fires` uses comparisons with `&` and `|` only, so that the same line serves numbers (a live transfer) and columns
(a back-test). `explain` says why in one sentence that can be read in another language; `evidence` names the earlier transfers it rests on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.message import Amount, Said
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
    explain: Callable[[Any, Any], Said]
    evidence: Callable[[State, Transfer, Any], list[Past]] = no_evidence
    network: bool = False


@cache
def catalog() -> dict[str, Rule]:
    """All rule types by name."""
    from scoring import rules

    return find(rules, "RULE")


def fen(amount_minor: float) -> Amount:
    """Fen of the reporting currency for a sentence: `12,000.00 CNY`."""
    return Amount(round(amount_minor), "CNY")
