"""A day's ordinary money: shops, friends, red packets, salaries, rent, bills, top-ups, cash and settlements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loaders.town import seasons, words
from loaders.town.bookings import Moves, moves
from loaders.town.census import PAYDAYS, Town, shop_owners
from loaders.town.dice import Ints, lognormal_fen, pick, popular, ranked, rounded, share, stream

#: Share of each free activity in the transfers that recurring payments leave over.
SHARES = {"shops": 0.63, "friends": 0.14, "packets": 0.06, "topups": 0.09, "cash": 0.03, "settlements": 0.05}
_WEIGHTS = {"shops": seasons.shop_weight, "packets": seasons.packet_weight}
_PACKET_FEN = np.array([666, 888, 1000, 2000, 5000, 5200, 6600, 8800, 10000, 16600, 18800, 20000])
_ROUND_FEN = np.array([5000, 10000, 20000, 30000, 50000, 100000, 200000])


@dataclass(frozen=True, slots=True)
class Routine:
    """What recurs: account pairs with amounts by day, and how many free transfers of each kind a day has."""

    recurring: dict[int, list[tuple[str, Ints]]]
    free: dict[str, Ints]


def plan_routine(town: Town, planned: int) -> Routine:
    """The routine of all days, such that with `planned` other transfers the town has exactly `town.transfers`."""
    everyone = np.arange(town.people, dtype=np.int64)
    payday = np.asarray(PAYDAYS)[pick(np.maximum(town.employer, 0), 41 + town.seed, len(PAYDAYS))]
    rent_day = 1 + pick(everyone, 42 + town.seed, 8)
    heads = np.flatnonzero(np.searchsorted(town.household, town.household) == everyone)
    bill_day = 1 + pick(heads, 43 + town.seed, 28)
    recurring: dict[int, list[tuple[str, Ints]]] = {}
    for day in range(seasons.DAYS):
        date = seasons.day_of_month(day)
        recurring[day] = [
            ("salaries", np.flatnonzero((town.employer >= 0) & (payday == date))),
            ("rents", np.flatnonzero((town.landlord >= 0) & (rent_day == date))),
            ("bills", heads[bill_day == date]),
        ]
    fixed = sum(len(rows) for parts in recurring.values() for _, rows in parts)
    left = town.transfers - planned - fixed
    if left < 0:
        raise ValueError(f"{town.transfers} transfers leave no room for ordinary life: ask for fewer gangs")
    per_kind = seasons.spread(left, np.array(list(SHARES.values())))
    free = {}
    for name, total in zip(SHARES, per_kind, strict=True):
        weight = _WEIGHTS.get(name, seasons.even_weight)
        free[name] = seasons.spread(int(total), np.array([weight(day) for day in range(seasons.DAYS)]))
    return Routine(recurring, free)


def ordinary_day(town: Town, routine: Routine, day: int) -> list[Moves]:
    """All ordinary transfers of one day, one part an activity."""
    parts = []
    for name, rows in routine.recurring[day]:
        if len(rows):
            parts.append(_RECURRING[name](town, day, rows))
    for name, counts in routine.free.items():
        if counts[day]:
            parts.append(_FREE[name](town, day, int(counts[day])))
    return parts


def _purse(town: Town, rng: np.random.Generator, people: Ints, chance: float) -> Ints:
    wallet = town.pay_account[people]
    return np.where((wallet >= 0) & (rng.random(len(people)) < chance), wallet, people)


def _friend(town: Town, rng: np.random.Generator, people: Ints, salt: int) -> Ints:
    """One of a person's five to six standing contacts: mostly family and neighbours, some anywhere."""
    which = people * 7 + rng.integers(0, 6, len(people))
    far = np.exp(share(which, salt + town.seed) * np.log(max(2.0, town.people / 2.2))).astype(np.int64)
    side = np.where(share(which, salt + 1 + town.seed) < 0.5, -far, far)
    other = (people + side) % town.people
    return np.where(other == people, (people + 1) % town.people, other)


def _shops(town: Town, day: int, count: int) -> Moves:
    rng = stream(town.seed, "shops", day)
    people = rng.integers(0, town.people, count)
    merchants = town.size("merchant")
    favourite = ranked(share(people * 5 + rng.integers(0, 4, count), 51 + town.seed), merchants, 0.6)
    local = (people * merchants // town.people + rng.integers(-3, 4, count)) % merchants
    kind = rng.random(count)
    shop = np.where(kind < 0.4, popular(rng, count, merchants, 0.9), np.where(kind < 0.8, favourite, local))
    amount = rounded(rng, lognormal_fen(rng, count, 36, 1.05), 100, 0.45)
    sender = _purse(town, rng, people, 0.75)
    channel = np.where(sender == people, words.POS, words.PAYMENT)
    return moves(
        sender, town.layout.merchant + shop, amount, seasons.at(rng, day, count, "shop"), channel, words.MEMO["消费"]
    )


def _friends(town: Town, day: int, count: int) -> Moves:
    rng = stream(town.seed, "friends", day)
    people = rng.integers(0, town.people, count)
    other = _friend(town, rng, people, 61)
    free_sum = lognormal_fen(rng, count, 180, 1.2)
    amount = np.where(rng.random(count) < 0.6, _ROUND_FEN[popular(rng, count, len(_ROUND_FEN), 0.6)], free_sum)
    chances = np.array(list(words.FRIENDS_MEMOS.values()))
    memo = rng.choice([words.MEMO[text] for text in words.FRIENDS_MEMOS], count, p=chances / chances.sum())
    at = seasons.at(rng, day, count, "social")
    return moves(_purse(town, rng, people, 0.5), _purse(town, rng, other, 0.4), amount, at, words.TRANSFER, memo)


def _packets(town: Town, day: int, count: int) -> Moves:
    rng = stream(town.seed, "packets", day)
    people = rng.integers(0, town.people, count)
    other = _friend(town, rng, people, 61)
    amount = _PACKET_FEN[rng.integers(0, len(_PACKET_FEN), count)]
    memo = np.where(rng.random(count) < 0.3, words.MEMO["新年快乐"], words.MEMO["红包"])
    at = seasons.at(rng, day, count, "gift")
    return moves(_purse(town, rng, people, 0.9), _purse(town, rng, other, 0.9), amount, at, words.PAYMENT, memo)


def _topups(town: Town, day: int, count: int) -> Moves:
    rng = stream(town.seed, "topups", day)
    owner = town.pay_owner[rng.integers(0, len(town.pay_owner), count)]
    amount = rounded(rng, lognormal_fen(rng, count, 220, 0.7), 10_000, 0.8)
    at = seasons.at(rng, day, count, "social")
    return moves(owner, town.pay_account[owner], amount, at, words.TRANSFER, words.MEMO["充值"])


def _cash(town: Town, day: int, count: int) -> Moves:
    rng = stream(town.seed, "cash", day)
    people = rng.integers(0, town.people, count)
    machines = town.size("cash")
    near = (people * machines // town.people + rng.integers(0, 2, count)) % machines
    amount = np.clip(rounded(rng, lognormal_fen(rng, count, 800, 0.8), 10_000, 1.0), 10_000, 500_000)
    at = seasons.at(rng, day, count, "shop")
    return moves(people, town.layout.cash + near, amount, at, words.ATM, words.MEMO["取现"])


def _settlements(town: Town, day: int, count: int) -> Moves:
    """Shops pay suppliers, or their owner draws the takings: honest pass-through, hours after the customers paid."""
    rng = stream(town.seed, "settlements", day)
    merchants, companies = town.size("merchant"), town.size("company")
    shop = popular(rng, count, merchants)
    supplier = town.layout.company + pick(shop * 3 + rng.integers(0, 2, count), 71 + town.seed, companies)
    owner = shop_owners(town)[shop]
    draws = rng.random(count) < 0.45
    amount = rounded(rng, lognormal_fen(rng, count, 420, 0.9), 1_000, 0.5)
    memo = np.where(draws, words.MEMO["结算"], words.MEMO["货款"])
    at = seasons.at(rng, day, count, "office")
    return moves(town.layout.merchant + shop, np.where(draws, owner, supplier), amount, at, words.TRANSFER, memo)


def _salaries(town: Town, day: int, people: Ints) -> Moves:
    rng = stream(town.seed, "salaries", day)
    varied = town.wage_minor[people] * rng.normal(1.0, 0.04, len(people)).clip(0.85, 1.3)
    moment = seasons.at(rng, day, town.size("company"), "payroll")[town.employer[people]]
    at = moment + rng.integers(0, 900_000, len(people))
    sender = town.layout.company + town.employer[people]
    return moves(sender, people, varied.astype(np.int64), at, words.PAYROLL, words.MEMO["工资"])


def _rents(town: Town, day: int, people: Ints) -> Moves:
    rng = stream(town.seed, "rents", day)
    at = seasons.at(rng, day, len(people), "social")
    return moves(people, town.landlord[people], town.rent_minor[people], at, words.TRANSFER, words.MEMO["房租"])


def _bills(town: Town, day: int, people: Ints) -> Moves:
    rng = stream(town.seed, "bills", day)
    which = rng.integers(0, town.size("utility"), len(people))
    codes = np.array([words.MEMO[m] for m in ("电费", "水费", "燃气费", "宽带费", "物业费")])
    amount = lognormal_fen(rng, len(people), 130, 0.5)
    at = seasons.at(rng, day, len(people), "social")
    sender = _purse(town, rng, people, 0.6)
    return moves(sender, town.layout.utility + which, amount, at, words.PAYMENT, codes[which % len(codes)])


_RECURRING = {"salaries": _salaries, "rents": _rents, "bills": _bills}
_FREE = {
    "shops": _shops, "friends": _friends, "packets": _packets, "topups": _topups, "cash": _cash,
    "settlements": _settlements,
}  # fmt: skip
