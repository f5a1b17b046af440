"""What a gang does: finds victims, takes their payments in rounds, launders each round, and covers its tracks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.clock import DAY_MS, HOUR_MS
from loaders.town import words
from loaders.town.bookings import Bookings
from loaders.town.census import Town
from loaders.town.customs import CoinTrades
from loaders.town.dice import stream
from loaders.town.gangs import Gang, Underworld
from loaders.town.laundering import Chain, Launderer
from loaders.town.seasons import END_MS, START_MS

_MINUTE = 60_000
#: No chain starts in the last days, so that its money can get out before the calendar ends.
_LATEST_MS = END_MS - 12 * DAY_MS


@dataclass(frozen=True, slots=True)
class Report:
    """A victim's report to the police: the payments named (numbers in the bookings) and when it was made."""

    victim: int
    payments: tuple[int, ...]
    at_ms: int


@dataclass(slots=True)
class Crimes:
    """Everything the gangs did beside the transfers themselves."""

    chains: list[Chain] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    approaches: list[tuple[int, int, int]] = field(default_factory=list)
    """(gang, victim, epoch ms of the first payment): what calls and texts lead up to."""


def commit_crimes(town: Town, world: Underworld, book: Bookings, coins: CoinTrades) -> Crimes:
    """Plan every gang's transfers into `book` and `coins`; returns chains, reports and approaches."""
    crimes, taken = Crimes(), {person for gang in world.gangs for person in gang.rented}
    for gang in world.gangs:
        rng = stream(town.seed, "scheme", gang.number)
        launderer = Launderer(book, coins, (town.layout.cash, town.size("cash")), rng)
        scheme = _Scheme(town, gang, launderer, crimes, rng, taken)
        scheme.run()
    return crimes


@dataclass(slots=True)
class _Scheme:
    town: Town
    gang: Gang
    launderer: Launderer
    crimes: Crimes
    rng: np.random.Generator
    taken: set[int]
    paid: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Victim -> (booking, epoch ms) of the payments."""

    def run(self) -> None:
        book = self.launderer.book
        first = len(book)
        self._test_payments()
        while True:
            self._take_batch()
            if len(book) - first >= self.gang.budget or len(self.taken) > self.town.people * 0.8:
                break
        self._commissions()
        self._cover()
        self._reports()

    def _take_batch(self) -> None:
        """A few victims go through the rounds together; each round is one chain."""
        kind = self.gang.typology
        victims = self._victims(int(self.rng.integers(kind.batch[0], kind.batch[1] + 1)))
        rounds = int(self.rng.integers(kind.payments[0], kind.payments[1] + 1))
        skipped = max(0, rounds - max(1, self.gang.budget // 14))
        day = self.gang.start_day + int(self.rng.integers(0, 12))
        moment = START_MS + day * DAY_MS + int(self.rng.uniform(8.5, 18) * HOUR_MS)
        base = {v: float(self.rng.lognormal(np.log(kind.median_yuan), kind.sigma)) for v in victims}
        for victim in victims:
            self.crimes.approaches.append((self.gang.number, victim, moment))
        for turn in range(skipped, rounds):
            if moment > _LATEST_MS:
                return
            amounts = {v: self._amount(base[v] * kind.growth**turn * self.rng.uniform(0.85, 1.2)) for v in victims}
            self._take_round(amounts, moment)
            if turn < kind.paybacks:
                for victim, amount in amounts.items():
                    self._payback(victim, amount, moment)
            moment += int(self.rng.uniform(*kind.spacing_h) * HOUR_MS)

    def _victims(self, count: int) -> list[int]:
        found: list[int] = []
        for _ in range(count * 40):
            person = int(self.rng.integers(0, self.town.people))
            if person not in self.taken and self.town.age[person] >= 18:
                self.taken.add(person)
                found.append(person)
            if len(found) == count:
                break
        self.gang.victims.update(found)
        return found

    def _amount(self, yuan: float) -> int:
        yuan = min(max(yuan, 120.0), 3_000_000.0)
        step = 1_000 if yuan > 5_000 else 100 if yuan > 1_000 else 1
        return int(max(yuan // step * step, 120) * 100) if self.rng.random() < 0.8 else int(yuan * 100)

    def _take_round(self, amounts: dict[int, int], moment: int) -> None:
        """The victims pay one first-layer account within the hour (one large sum may go to two); then it is laundered."""
        gang, book = self.gang, self.launderer.book
        chain = Chain(len(self.crimes.chains), gang)
        self.crimes.chains.append(chain)
        fronts = [gang.layers[0][int(place)] for place in self.rng.permutation(len(gang.layers[0]))[:2]]
        fronts = [gang.working(account, moment) for account in fronts]
        gather_h = 5.0 if gang.typology.batch[1] > 4 else 0.8
        for victim, amount in amounts.items():
            parts = [amount] if amount < 8_000_000 or len(fronts) < 2 else [amount // 2, amount - amount // 2]
            chain.join(victim, "victim", 0)
            for account, part in zip(fronts, parts, strict=False):
                at = moment + int(self.rng.uniform(0, gather_h) * HOUR_MS)
                memo = gang.typology.memo if self.rng.random() < 0.35 else "转账" if self.rng.random() < 0.5 else ""
                codes = (words.TRANSFER, words.MEMO[memo])
                truth = (gang.number, chain.number, "victim_payment", 1)
                self.paid.setdefault(victim, []).append((book.add((victim, account), part, at, codes, truth), at))
                held = chain.holdings.get(account, (0, 0))
                chain.holdings[account] = (held[0] + part, max(held[1], at))
                chain.join(account, "mule", 1)
        self.launderer.launder(chain)

    def _payback(self, victim: int, amount: int, moment: int) -> None:
        at = moment + int(self.rng.uniform(6, 9) * HOUR_MS)
        codes = (words.TRANSFER, words.MEMO["返利"])
        source = self.gang.recruiters[0]
        truth = (self.gang.number, -1, "payback", -1)
        self.launderer.book.add((source, victim), int(amount * self.rng.uniform(1.05, 1.3)), at, codes, truth)

    def _test_payments(self) -> None:
        """A few fen to a few yuan to the first accounts, to see that they still work."""
        gang, truth = self.gang, (self.gang.number, -1, "test", -1)
        for account in [*gang.layers[0][:2], *gang.cash_outs[:1]]:
            at = START_MS + gang.start_day * DAY_MS - int(self.rng.uniform(2, 30) * HOUR_MS)
            amount = int(self.rng.choice([1, 10, 100, 500, 1000]))
            ends = (gang.recruiters[0], account)
            self.launderer.book.add(ends, amount, at, (words.TRANSFER, words.MEMO["转账"]), truth)

    def _commissions(self) -> None:
        """Recruiters pay the people whose accounts they rented."""
        truth = (self.gang.number, -1, "commission", -1)
        for account in sorted(self.gang.rented):
            if self.rng.random() < 0.5:
                at = START_MS + int((self.gang.start_day + self.rng.uniform(5, 18)) * DAY_MS)
                source = self.gang.recruiters[int(self.rng.integers(0, len(self.gang.recruiters)))]
                amount = int(self.rng.integers(3, 20)) * 10_000
                self.launderer.book.add((source, account), amount, at, (words.TRANSFER, words.MEMO["佣金"]), truth)

    def _cover(self) -> None:
        """Fresh accounts shop and get small sums like anyone; a shop front has customers. These are ordinary transfers."""
        gang, town, book = self.gang, self.town, self.launderer.book
        merchants = town.size("merchant")
        for account in gang.accounts:
            if account < town.layout.fresh:
                continue
            front = account in gang.layers[0] and gang.manner.front > 0
            count = int(self.rng.integers(gang.manner.cover[0], gang.manner.cover[1] + 1)) * (2 if front else 1)
            for _ in range(min(count, max(1, gang.budget // 10))):
                at = START_MS + int((gang.start_day + self.rng.uniform(-3, 22)) * DAY_MS)
                other = int(self.rng.integers(0, town.people))
                amount = int(self.rng.lognormal(np.log(60), 1.0) * 100) + 100
                if front or self.rng.random() < 0.35:
                    book.add((other, account), amount, at, (words.PAYMENT, words.MEMO["消费" if front else "转账"]))
                else:
                    shop = town.layout.merchant + int(self.rng.integers(0, merchants))
                    book.add((account, shop), amount, at, (words.PAYMENT, words.MEMO["消费"]))

    def _reports(self) -> None:
        """Some victims go to the police, hours to days after the last payment; of every gang at least one does."""
        for place, (victim, payments) in enumerate(sorted(self.paid.items())):
            if place == 0 or self.rng.random() < self.gang.manner.reported:
                delay = int(self.rng.lognormal(np.log(14), 1.1) * HOUR_MS) + 20 * _MINUTE
                last = max(at for _, at in payments)
                self.crimes.reports.append(Report(victim, tuple(number for number, _ in payments), last + delay))
