"""The generated case of a drill: a victim, layers of mules, cash machines; and what the trace sees of its payments."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cases.simulated_bank import BankAccount, Move, SimulatedBank
from graph.excerpt import Holder, Payment

MINUTE = 60_000
BANKS = ("icbc", "ccb", "abc", "boc")
_NAMES = (
    "王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊", "赵强", "黄丽", "周杰", "吴霞",
    "徐军", "孙艳", "朱勇", "马超", "胡梅", "郭涛", "何平", "高峰", "林娜", "罗刚",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookMoney:
    """Payments of the drill that have happened by now."""

    bank: SimulatedBank

    def payments(self, accounts: Sequence[str], from_ms: int, to_ms: int) -> Iterable[Payment]:
        """See MoneySource."""
        wanted = set(accounts)
        for move in self.bank.done:
            if {move.source, move.target} & wanted and from_ms <= move.at_ms <= to_ms:
                yield Payment(move.id, move.source, move.target, move.amount_minor, "CNY", move.at_ms, move.channel)

    def holders(self, accounts: Iterable[str]) -> list[Holder]:
        """See MoneySource."""
        found = [self.bank.accounts[id] for id in accounts if id in self.bank.accounts]
        return [Holder(item.number, item.kind, item.bank, item.holder) for item in found]


def scenario(dice: random.Random, start: int) -> tuple[SimulatedBank, BankAccount, list[Move]]:
    """A victim, three to four layers of mules, cash machines; part of the money has moved, part moves in the next hours."""
    names = dice.sample(_NAMES, len(_NAMES))
    numbers = iter(f"D-{dice.randrange(10**9, 10**10)}" for _ in range(40))

    def make(kind: str = "bank") -> BankAccount:
        return BankAccount(next(numbers), dice.choice(BANKS), names.pop() if names else "某某", 0, kind)

    victim, cash = make(), make("cash")
    layers = [[make() for _ in range(dice.choice((1, 2)) if depth else 1)] for depth in range(dice.choice((3, 4)))]
    ids = iter(f"DT{number:04d}" for number in range(1, 500))
    loss = dice.randrange(40_000, 600_000) * 100
    parts = [loss // 3, loss - loss // 3]
    victim.balance_minor = loss
    paid = [
        Move(next(ids), victim.number, layers[0][0].number, part, start - (40 - 3 * at) * MINUTE)
        for at, part in enumerate(parts)
    ]
    moves, at = list(paid), start - 30 * MINUTE
    holding = {layers[0][0].number: loss}
    for before, after in pairwise(layers):
        at += dice.randrange(8, 25) * MINUTE
        for source in before:
            passed = int(holding.pop(source.number, 0) * dice.uniform(0.7, 0.98))
            for place, target in enumerate(after):
                amount = passed // len(after)
                moves.append(Move(next(ids), source.number, target.number, amount, at + place * MINUTE))
                holding[target.number] = holding.get(target.number, 0) + amount
    for source in layers[-1]:
        drawn = int(holding.get(source.number, 0) * 0.9) // 4
        for turn in range(4):
            moves.append(Move(next(ids), source.number, cash.number, drawn, at + (20 + 15 * turn) * MINUTE, "atm"))
    accounts = [victim, cash, *(account for layer in layers for account in layer)]
    return SimulatedBank(accounts, moves), victim, paid
