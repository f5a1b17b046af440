"""How a scripted bank answers: rules by bank and account, for drills on the real pages and for trying an integration out.

A script is JSON: `{"rules": [{"account": "622*", "answer": "frozen_part", "share": 0.4, "after_s": 30}, ...], "returns": "paid"}`.
The first rule that fits an order and has times left is used; an order that fits none is answered by the book where the bank
keeps one (cases/simulated_bank.py), else frozen in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import Field

from cases import bank_files
from cases.bank_files import Told

Word = Annotated[str, Field(min_length=1, max_length=200)]
Said = Literal["acknowledged", "frozen", "frozen_part", "refused", "gone", "book", "silent"]
#: What the bank does to a message at the door; see usecases/simulated_bank.py.
Fault = Literal["ok", "503", "400", "broken_after", "broken_before"]


class ScriptedHop(Told):
    """Where the bank says that the money went; the moment is a minute after it came in unless given."""

    bank: Word
    account: Word
    holder: Word
    amount_minor: Annotated[int, Field(ge=1, le=10**18)]
    transfer_id: str = Field("", max_length=128)
    at_ms: Annotated[int, Field(ge=0)] | None = None


class Step(Told):
    """One answer, `after_s` seconds after the order came. `share` is what part of the order a bank freezes."""

    answer: Said
    after_s: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    reason: str = Field("refused by the script", min_length=1, max_length=2_000)
    next_hops: Annotated[list[ScriptedHop], Field(max_length=50)] = Field(default_factory=list)


class Rule(Step):
    """Which orders it is for (`*` stands for anything), how often, what happens at the door, and what is said later on."""

    bank: Word = "*"
    account: Word = "*"
    times: Annotated[int, Field(ge=1)] | None = None
    fault: Fault = "ok"
    answer: Said = "book"
    then: Annotated[list[Step], Field(max_length=10)] = Field(default_factory=list)


class Script(Told):
    """The rules in their order, and whether returns are paid."""

    rules: Annotated[list[Rule], Field(max_length=1_000)] = Field(default_factory=list)
    returns: Literal["paid", "silent"] = "paid"


@dataclass(frozen=True, slots=True)
class Planned:
    """Something the bank will say `after_ms` milliseconds after the order came."""

    after_ms: int
    step: Step


class Reading:
    """A script being played: it remembers how often each rule was used. Not thread-safe."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._used = [0] * len(script.rules)

    def rule(self, bank: str, account: str) -> Rule:
        """The rule for an order to this account; a use of it is counted."""
        for at, rule in enumerate(self.script.rules):
            free = rule.times is None or self._used[at] < rule.times
            if free and fnmatchcase(bank, rule.bank) and fnmatchcase(account, rule.account):
                self._used[at] += 1
                return rule
        return Rule()


def parse(text: str) -> Script:
    """A script from its JSON. Raises BadInput naming the field and what was expected."""
    return bank_files.read("script", Script, text)


def plan(rule: Rule) -> list[Planned]:
    """What a bank says to an order under this rule, in the order of its moments."""
    steps: list[Step] = [rule, *rule.then]
    return sorted(
        (Planned(int(step.after_s * 1000), step) for step in steps if step.answer != "silent"),
        key=lambda one: one.after_ms,
    )


def answer(step: Step, order: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    """The message of one step about an order, as a bank sends it. An order over one unit cannot be frozen in part: it is frozen."""
    amount, said = int(order["amount_minor"]), step.answer
    if said == "book" or (said == "frozen_part" and amount < 2):
        said = "frozen"
    message: dict[str, Any] = {
        "kind": "stop_answer", "order_id": order["order_id"], "answer": said, "account": order["account"],
        "holder": order["holder"], "at_ms": now_ms, "next_hops": _hops(step, order),
    }  # fmt: skip
    if said == "refused":
        message["reason"] = step.reason
    if said in ("frozen", "frozen_part"):
        part = amount if said == "frozen" else min(amount - 1, max(1, int(amount * step.share)))
        message |= {"frozen_minor": part, "stop_at_ms": now_ms}
    return message


def _hops(step: Step, order: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"transfer_id": hop.transfer_id or f"{order['order_id']}/{place}", "bank": hop.bank, "account": hop.account,
         "holder": hop.holder, "amount_minor": hop.amount_minor,
         "at_ms": int(order["transfer_at_ms"]) + 60_000 if hop.at_ms is None else hop.at_ms}
        for place, hop in enumerate(step.next_hops, 1)
    ]  # fmt: skip
