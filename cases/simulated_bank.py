"""A bank for tests and drills: keeps accounts and their payments, checks an order by the rule, stops what is there.

By 银发〔2016〕86号 it compares holder, account, amount and time and does not stop on a mismatch; a stop lasts 48 hours from
its moment; an account is stopped at most twice. Stopped money does not move: later payments that need it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.freeze import STOP_MS, STOPS_PER_ACCOUNT

#: The time of the payment may be told this far off.
TIME_TOLERANCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Move:
    """A payment that will happen at `at_ms`, if the payer then has the money free."""

    id: str
    source: str
    target: str
    amount_minor: int
    at_ms: int
    channel: str = "transfer"


@dataclass(slots=True)
class BankAccount:
    """One account of the book. Accounts of kind cash or wallet take money and never give it back."""

    number: str
    bank: str
    holder: str
    balance_minor: int = 0
    kind: str = "bank"
    stops: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By order: money stopped and until when."""

    def stopped(self, now_ms: int) -> int:
        """Money that must not move now."""
        return sum(amount for amount, until in self.stops.values() if until > now_ms)


class SimulatedBank:
    """All banks of a scenario. `advance` lets payments happen; `answer` takes an order. Not thread-safe."""

    def __init__(self, accounts: Iterable[BankAccount], moves: Iterable[Move]) -> None:
        self.accounts = {account.number: account for account in accounts}
        self.coming = sorted(moves, key=lambda move: (move.at_ms, move.id))
        self.done: list[Move] = []
        self.failed: list[Move] = []
        self.answers: dict[str, dict[str, Any]] = {}

    def advance(self, now_ms: int) -> None:
        """Let all payments up to `now_ms` happen; one whose money is stopped or missing fails."""
        while self.coming and self.coming[0].at_ms <= now_ms:
            move = self.coming.pop(0)
            payer = self.accounts[move.source]
            if payer.balance_minor - payer.stopped(move.at_ms) < move.amount_minor:
                self.failed.append(move)
                continue
            payer.balance_minor -= move.amount_minor
            self.accounts[move.target].balance_minor += move.amount_minor
            self.done.append(move)

    def answer(self, bank: str, order: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        """The bank's answer to an order; the same order again gets the same answer and changes nothing."""
        key = str(order["order_id"])
        if key not in self.answers:
            self.advance(now_ms)
            self.answers[key] = {
                "kind": "stop_answer", "order_id": key, "account": order["account"], "holder": order["holder"],
                "at_ms": now_ms, **self._judge(bank, order, now_ms),
            }  # fmt: skip
        return self.answers[key]

    def _judge(self, bank: str, order: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        account = self.accounts.get(str(order["account"]))
        mismatch = self._mismatch(account, bank, order)
        if account is None or mismatch:
            return {"answer": "refused", "reason": mismatch}
        wanted = int(order["amount_minor"])
        free = account.balance_minor - account.stopped(now_ms)
        stopped = max(min(free, wanted), 0)
        hops = self._hops(account.number, int(order["transfer_at_ms"])) if stopped < wanted else []
        if not stopped:
            return {"answer": "gone", "next_hops": hops}
        account.stops[str(order["order_id"])] = (stopped, now_ms + STOP_MS)
        answer = "frozen" if stopped == wanted else "frozen_part"
        return {"answer": answer, "frozen_minor": stopped, "stop_at_ms": now_ms, "next_hops": hops}

    def _mismatch(self, account: BankAccount | None, bank: str, order: Mapping[str, Any]) -> str:
        if account is None or account.bank != bank:
            return "there is no such account here"
        if account.holder != order["holder"]:
            return "the holder's name does not match"
        at, amount = int(order["transfer_at_ms"]), int(order["amount_minor"])
        came = [move for move in self.done if move.target == account.number]
        if not any(abs(move.at_ms - at) <= TIME_TOLERANCE_MS for move in came):
            return "no payment came in at the time given"
        if sum(move.amount_minor for move in came if move.at_ms >= at - TIME_TOLERANCE_MS) < amount:
            return "less came in than the amount given"
        if len(account.stops) >= STOPS_PER_ACCOUNT:
            return "the account has had its two stops"
        return ""

    def _hops(self, number: str, from_ms: int) -> list[dict[str, Any]]:
        out = [move for move in self.done if move.source == number and move.at_ms >= from_ms]
        hops = []
        for move in out:
            target = self.accounts[move.target]
            if target.kind not in ("cash", "wallet"):
                hops.append({"transfer_id": move.id, "bank": target.bank, "account": target.number, "holder": target.holder,
                             "amount_minor": move.amount_minor, "at_ms": move.at_ms})  # fmt: skip
        return hops

    def give_back(self, order_id: str, account: str, amount_minor: int) -> bool:
        """Pay stopped money out for a return; False when so much is not stopped."""
        holder = self.accounts.get(account)
        stopped, until = holder.stops.get(order_id, (0, 0)) if holder else (0, 0)
        if holder is None or stopped < amount_minor:
            return False
        holder.stops[order_id] = (stopped - amount_minor, until)
        holder.balance_minor -= amount_minor
        return True

    def let_go(self, order_id: str, account: str) -> None:
        """End a stop."""
        if account in self.accounts and order_id in self.accounts[account].stops:
            self.accounts[account].stops[order_id] = (0, 0)
