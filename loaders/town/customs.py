"""Honest customs that look like crime: weddings, savings clubs, group buying, subcontractors, house purchases, coin buyers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from core.clock import DAY_MS
from loaders.town import relays, seasons, words
from loaders.town.bookings import Bookings
from loaders.town.census import Town, neighbours
from loaders.town.dice import stream

_GIFTS = np.array([20000, 50000, 60000, 66600, 80000, 88800, 100000, 100000, 120000, 200000])
_MINUTE = 60_000


@dataclass(slots=True)
class CoinTrades:
    """Fiat against coin, and coin moves, planned one by one. `gang` -1 marks an honest one.

    `trades`: (account, wallet, buys coin, amount in fen, coin amount, at ms, gang, chain, layer);
    `hops`: (wallet from, wallet to, coin amount, at ms, gang, chain, layer); `wallets`: (kind, owner person or -1, gang).
    """

    trades: list[tuple[int, int, bool, int, int, int, int, int, int]] = field(default_factory=list)
    hops: list[tuple[int, int, int, int, int, int, int]] = field(default_factory=list)
    wallets: list[tuple[str, int, int]] = field(default_factory=list)
    mixers: list[int] = field(default_factory=list)

    def wallet(self, kind: str, owner: int = -1, gang: int = -1) -> int:
        """A new wallet's number."""
        self.wallets.append((kind, owner, gang))
        return len(self.wallets) - 1

    def mixer(self, rng: np.random.Generator) -> int:
        """One of three mixing services that everyone's coin goes through."""
        while len(self.mixers) < 3:
            self.mixers.append(self.wallet("mixer"))
        return self.mixers[int(rng.integers(0, 3))]


def coin_minor(amount_minor: int) -> int:
    """USDT in millionths for an amount in fen, at a fixed 7.25 yuan."""
    return int(amount_minor * 10_000 / 7.25)


def plan_customs(town: Town, book: Bookings, coins: CoinTrades) -> None:
    """Plan honest customs worth about five in a hundred of all transfers (none in the very smallest towns)."""
    rng = stream(town.seed, "customs")
    room = int(town.transfers * 0.05)
    chances = np.array(list(_CUSTOMS.values()))
    start = len(book)
    while town.people >= 40 and len(book) - start < room:
        custom = list(_CUSTOMS)[int(rng.choice(len(_CUSTOMS), p=chances / chances.sum()))]
        custom(town, book, rng)
    for number, owner in enumerate(town.exchange_owner):
        _coin_buyer(town, book, coins, rng, (number, int(owner)))


def _wedding(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    host, *guests = neighbours(town, rng, int(rng.integers(12, 60)))
    day = int(rng.integers(3, seasons.DAYS - 2))
    total = 0
    for guest in guests:
        gift = int(rng.choice(_GIFTS))
        total += gift
        book.add((guest, host), gift, seasons.moment(day, rng.uniform(9, 19)), (words.TRANSFER, words.MEMO["份子钱"]))
    hotel = town.layout.merchant + int(rng.integers(0, town.size("merchant")))
    codes = (words.TRANSFER, words.MEMO["消费"])
    book.add((host, hotel), int(total * rng.uniform(0.5, 0.95)), seasons.moment(day, rng.uniform(19.2, 22)), codes)


def _savings_club(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """A rotating savings club: each round everyone pays that round's winner, so money truly runs in circles."""
    members = neighbours(town, rng, int(rng.integers(4, 9)))
    stake, first = int(rng.integers(5, 60)) * 10_000, int(rng.integers(0, 12))
    for turn, winner in enumerate(members):
        day = first + turn * 10
        if day >= seasons.DAYS:
            return
        for payer in members:
            if payer != winner:
                at = seasons.moment(day, rng.uniform(10, 22))
                book.add((payer, winner), stake, at, (words.TRANSFER, words.MEMO["会钱"]))


def _group_purchase(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """A neighbour collects for all and pays the shop within hours, keeping almost nothing."""
    leader, *buyers = neighbours(town, rng, int(rng.integers(6, 22)))
    day, hour = int(rng.integers(0, seasons.DAYS)), rng.uniform(9, 17)
    price, total = int(rng.integers(15, 180)) * 100, 0
    for buyer in buyers:
        paid = price * int(rng.integers(1, 4))
        total += paid
        book.add(
            (buyer, leader), paid, seasons.moment(day, hour + rng.uniform(0, 3)), (words.TRANSFER, words.MEMO["团购款"])
        )
    shop = town.layout.merchant + int(rng.integers(0, town.size("merchant")))
    codes = (words.PAYMENT, words.MEMO["团购款"])
    book.add(
        (leader, shop), int(total * rng.uniform(0.94, 1.0)), seasons.moment(day, hour + rng.uniform(3.1, 6)), codes
    )


def _subcontractor(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """A firm pays a foreman who pays his workers within hours and keeps a few per cent."""
    foreman, *workers = neighbours(town, rng, int(rng.integers(6, 20)))
    firm = town.layout.company + int(rng.integers(0, town.size("company")))
    day, pay = int(rng.integers(0, seasons.DAYS)), [int(rng.integers(15, 70)) * 10_000 for _ in workers]
    codes = (words.TRANSFER, words.MEMO["工程款"])
    book.add((firm, foreman), int(sum(pay) * rng.uniform(1.02, 1.08)), seasons.moment(day, rng.uniform(9, 11)), codes)
    for worker, wage in zip(workers, pay, strict=True):
        codes = (words.TRANSFER, words.MEMO["工资"])
        book.add((foreman, worker), wage, seasons.moment(day, rng.uniform(11.2, 17)), codes)


def _house_purchase(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    buyer, *kin = neighbours(town, rng, int(rng.integers(4, 9)))
    day, total = int(rng.integers(0, seasons.DAYS)), 0
    for relative in kin:
        lent = int(rng.integers(2, 30)) * 1_000_000
        total += lent
        book.add(
            (relative, buyer), lent, seasons.moment(day, rng.uniform(8.5, 13)), (words.TRANSFER, words.MEMO["借款"])
        )
    developer = town.layout.company + int(rng.integers(0, town.size("company")))
    codes = (words.WIRE, words.MEMO["首付款"])
    book.add((buyer, developer), int(total * rng.uniform(0.97, 1.0)), seasons.moment(day, rng.uniform(13.2, 17)), codes)


def _charity_drive(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    charity = town.layout.charity + int(rng.integers(0, town.size("charity")))
    day = int(rng.integers(0, seasons.DAYS))
    for donor in neighbours(town, rng, int(rng.integers(15, 70))):
        gift = int(rng.choice([1000, 2000, 5000, 10000, 20000, 50000]))
        book.add((donor, charity), gift, seasons.moment(day, rng.uniform(8, 23)), (words.PAYMENT, words.MEMO["捐款"]))


def _trade_circle(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """Three firms that truly trade with one another: a cycle over days, with different sums."""
    count = town.size("merchant")
    firms = [town.layout.merchant + int(pick) for pick in rng.choice(count, min(3, count), replace=False)]
    day, hour = int(rng.integers(0, seasons.DAYS - 12)), 10.0
    for here, there in zip(firms, [*firms[1:], firms[0]], strict=True):
        amount = int(rng.integers(20, 400)) * 10_000 + int(rng.integers(0, 100)) * 100
        book.add((here, there), amount, seasons.moment(day, hour), (words.TRANSFER, words.MEMO["货款"]))
        day, hour = day + int(rng.integers(1, 5)), rng.uniform(9, 17)


def _coin_buyer(
    town: Town, book: Bookings, coins: CoinTrades, rng: np.random.Generator, buyer: tuple[int, int]
) -> None:
    number, owner = buyer
    account, wallet = town.layout.exchange + number, coins.wallet("private", owner)
    for _ in range(int(rng.integers(1, 4))):
        day, hour = int(rng.integers(0, seasons.DAYS - 1)), rng.uniform(9, 22)
        amount = int(rng.integers(1, 50)) * 20_000
        at = seasons.moment(day, hour)
        book.add((owner, account), amount, at, (words.TRANSFER, words.MEMO["买币"]))
        traded = at + int(rng.uniform(2, 90) * _MINUTE)
        coin = coin_minor(amount)
        coins.trades.append((account, wallet, True, amount, coin, traded, -1, -1, -1))
        later = traded + int(rng.uniform(0.1, 12) * DAY_MS)
        fate = rng.random()
        if later >= seasons.END_MS - DAY_MS:
            continue
        if fate < 0.25:
            coins.hops.append((wallet, coins.wallet("private", owner), coin, later, -1, -1, -1))
        elif fate < 0.5:
            back = int(amount * rng.uniform(0.9, 1.1))
            coins.trades.append((account, wallet, False, back, coin, later, -1, -1, -1))
            book.add((account, owner), back, later + 30 * _MINUTE, (words.TRANSFER, words.MEMO["结算"]))


#: How often each custom is held, relative to the others; relays are small and many.
_CUSTOMS: dict[Callable[[Town, Bookings, np.random.Generator], None], float] = {
    _wedding: 3, _savings_club: 2, _group_purchase: 8, _subcontractor: 3, _house_purchase: 2, _charity_drive: 1,
    _trade_circle: 3, relays.remittance: 16, relays.dealer: 6, relays.letting_agent: 2, relays.wallet_and_on: 14,
    relays.family_relay: 10, relays.salary_to_spouse: 12,
}  # fmt: skip
