"""The flow of one chain: victims' money through layers of mules, split, merged, sent in circles, and taken out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.clock import DAY_MS, HOUR_MS
from loaders.town import words
from loaders.town.bookings import Bookings
from loaders.town.customs import CoinTrades, coin_minor
from loaders.town.gangs import Gang
from loaders.town.seasons import END_MS, START_MS

_MINUTE = 60_000
#: A bank pays out at most 20,000 yuan a day for one card at cash machines, 5,000 at a time.
ATM_DAILY_FEN, ATM_SINGLE_FEN = 2_000_000, 500_000
_TRANSFER_LIMIT_FEN = 50_000_000


@dataclass(slots=True)
class Chain:
    """One chain being laundered: where the money stands, and who had which role at which layer."""

    number: int
    gang: Gang
    members: dict[int, tuple[str, int]] = field(default_factory=dict)
    holdings: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Account -> (amount in fen, when the last of it arrived)."""

    def join(self, account: int, role: str, layer: int) -> None:
        """The account's first role in the chain stays; only a stronger ending replaces it."""
        if account not in self.members or role in ("cash_out", "exchanger", "controller"):
            self.members[account] = (role, self.members.get(account, (role, layer))[1])


@dataclass(slots=True)
class Launderer:
    """Books the transfers of chains and remembers each card's withdrawals a day."""

    book: Bookings
    coins: CoinTrades
    machines: tuple[int, int]
    """First cash machine's account number and how many there are."""
    rng: np.random.Generator
    drawn: dict[tuple[int, int], int] = field(default_factory=dict)

    def launder(self, chain: Chain) -> None:
        """Carry the holdings of layer 1 through all layers and out. Every hop keeps at most the gang's cut."""
        depth = len(chain.gang.layers)
        for layer in range(2, depth + 1):
            pool = chain.gang.layers[layer - 1]
            last = layer == depth
            receivers = self._some(pool, 1 if last else 3)
            role = "collector" if last and depth > 1 else "mule"
            arrived: dict[int, tuple[int, int]] = {}
            for sender, holding in chain.holdings.items():
                for account, amount, at in self._pass_on(chain, sender, holding, receivers, layer):
                    held = arrived.get(account, (0, 0))
                    arrived[account] = (held[0] + amount, max(held[1], at))
                    chain.join(account, role, layer)
            if 2 < layer < depth and self.rng.random() < 0.25:
                arrived = self._circle(chain, arrived, layer)
            chain.holdings = arrived
        self._leave(chain, depth + 1)

    def _some(self, pool: list[int], most: int) -> list[int]:
        count = min(len(pool), int(self.rng.integers(1, most + 1)))
        return [pool[int(place)] for place in self.rng.choice(len(pool), count, replace=False)]

    def _delay(self, gang: Gang) -> int:
        minutes = float(self.rng.lognormal(np.log(gang.manner.delay_min), gang.manner.delay_sigma))
        return int(min(max(minutes, 0.7), 2_880) * _MINUTE)

    def _cut(self, gang: Gang, amount: int) -> int:
        """What is sent on of an amount."""
        return amount - int(amount * self.rng.uniform(*gang.manner.cut))

    def _pieces(self, gang: Gang, total: int, count: int) -> list[int]:
        """`total` in unequal parts that add up exactly; some are round sums, as people type them."""
        count = max(1, min(count, total // 5_000))
        weights = self.rng.dirichlet(np.full(count, 4.0))
        parts = [int(total * weight) for weight in weights[:-1]]
        for place, part in enumerate(parts):
            step = 100_000 if part > 2_000_000 else 10_000
            if self.rng.random() < gang.manner.round_sums and part > 2 * step:
                parts[place] = part // step * step
        return [*(part for part in parts if part > 0), total - sum(part for part in parts if part > 0)]

    def _pass_on(
        self, chain: Chain, sender: int, holding: tuple[int, int], receivers: list[int], layer: int
    ) -> list[tuple[int, int, int]]:
        """Send a holding on to the receivers in pieces; returns (receiver, amount, at) of each."""
        amount, ready = holding
        targets = [account for account in receivers if account != sender] or receivers
        total = self._cut(chain.gang, amount)
        least = -(-total // _TRANSFER_LIMIT_FEN)
        pieces = self._pieces(chain.gang, total, max(len(targets), int(least)))
        at, sent = ready + self._delay(chain.gang), []
        role = "collecting" if layer == len(chain.gang.layers) else "layering"
        for place, piece in enumerate(pieces):
            target = targets[place % len(targets)]
            if self._book(chain, (sender, target), piece, at, (words.TRANSFER, None), (role, layer)):
                sent.append((target, piece, at))
            at += int(self.rng.uniform(0.3, 6) * _MINUTE)
        return sent

    def _circle(self, chain: Chain, arrived: dict[int, tuple[int, int]], layer: int) -> dict[int, tuple[int, int]]:
        """Send one holding back to an account of an earlier layer, which will pass it on again: a cycle."""
        earlier = [account for account, (_, place) in chain.members.items() if 0 < place < layer - 1]
        account = next(iter(arrived))
        if not earlier or account in earlier:
            return arrived
        back = earlier[int(self.rng.integers(0, len(earlier)))]
        amount, ready = arrived[account]
        total, at = self._cut(chain.gang, amount), ready + self._delay(chain.gang)
        if not self._book(chain, (account, back), total, at, (words.TRANSFER, None), ("cycle", layer + 1)):
            return arrived
        del arrived[account]
        held = arrived.get(back, (0, 0))
        arrived[back] = (held[0] + total, max(held[1], at))
        return arrived

    def _leave(self, chain: Chain, layer: int) -> None:
        """Take the money out: cash machines up to their limits, coin for large sums, the rest to the controller or at rest."""
        gang = chain.gang
        for sender, (amount, ready) in list(chain.holdings.items()):
            total, at = self._cut(gang, amount), ready + self._delay(gang)
            if total > 300_000 and self.rng.random() < 0.15:
                total -= int(total * self.rng.uniform(0.2, 0.6))  # left lying on the collector for later
            coin = total if total > 6_000_000 else total // 2
            to_coin = coin if gang.exchangers and (coin > 100_000 or self.rng.random() < 0.5) else 0
            to_cash = min(total - to_coin, 2 * ATM_DAILY_FEN * len(gang.cash_outs))
            if to_coin:
                self._to_exchange(chain, sender, to_coin, at, layer)
            if to_cash >= 10_000:
                self._to_cash(chain, sender, to_cash, at + 2 * _MINUTE, layer)
            rest = total - to_coin - to_cash
            if rest > 2_000_000:
                ends = (sender, gang.controller)
                if self._book(chain, ends, rest, at + 5 * _MINUTE, (words.TRANSFER, None), ("resting", layer)):
                    chain.join(gang.controller, "controller", layer)

    def _to_cash(self, chain: Chain, sender: int, total: int, at: int, layer: int) -> None:
        """Split over enough cash-out cards, each of which draws round sums at one or two machines near by."""
        gang = chain.gang
        needed = -(-total // ATM_DAILY_FEN)
        count = min(len(gang.cash_outs), max(int(needed), int(self.rng.integers(1, 3))))
        start = int(self.rng.integers(0, len(gang.cash_outs)))
        cards = [gang.cash_outs[(start + step) % len(gang.cash_outs)] for step in range(count)]
        for place, piece in enumerate(self._pieces(gang, total, count)):
            card, moment = cards[place % count], at + int(self.rng.uniform(0, 9) * _MINUTE)
            if not self._book(chain, (sender, card), piece, moment, (words.TRANSFER, None), ("layering", layer)):
                return
            chain.join(card, "cash_out", layer)
            self._draw(chain, card, self._cut(gang, piece), moment + self._delay(gang), layer + 1)

    def _draw(self, chain: Chain, card: int, total: int, at: int, layer: int) -> None:
        """Withdraw in hundreds of yuan, within the day's limit, going on next morning when it is reached."""
        left = total // 10_000 * 10_000
        first, count = self.machines
        machine = first + int(self.rng.integers(0, count))
        while left > 0:
            day = (at - START_MS) // DAY_MS
            room = ATM_DAILY_FEN - self.drawn.get((card, day), 0)
            if room <= 0:
                at = START_MS + (day + 1) * DAY_MS + int(self.rng.uniform(0.1, 10) * HOUR_MS)
                continue
            piece = min(left, room, ATM_SINGLE_FEN if self.rng.random() < 0.6 else 300_000)
            if not self._book(chain, (card, machine), piece, at, (words.ATM, "取现"), ("cash_out", layer)):
                return
            self.drawn[card, day] = self.drawn.get((card, day), 0) + piece
            left -= piece
            at += int(self.rng.uniform(0.7, 2.5) * _MINUTE)

    def _to_exchange(self, chain: Chain, sender: int, total: int, at: int, layer: int) -> None:
        """Fiat to coin at an exchange account, hops through wallets and a mixer, sometimes back to fiat elsewhere."""
        gang, number = chain.gang, chain.number
        account = gang.exchangers[int(self.rng.integers(0, len(gang.exchangers)))]
        if not self._book(chain, (sender, account), total, at, (words.TRANSFER, "买币"), ("to_exchange", layer)):
            return
        chain.join(account, "exchanger", layer)
        sold, at = self._cut(gang, total), at + self._delay(gang)
        if at >= END_MS:
            return
        coin, wallet, last = coin_minor(sold), self.coins.wallet("private", gang=gang.number), layer + 1
        self.coins.trades.append((account, wallet, True, sold, coin, at, gang.number, number, last))
        for step in range(int(self.rng.integers(1, 5))):
            at, coin = at + self._delay(gang), coin - int(coin * self.rng.uniform(0.001, 0.01))
            if at >= END_MS:
                return
            target, last = self._next_wallet(gang, step), last + 1
            self.coins.hops.append((wallet, target, coin, at, gang.number, number, last))
            wallet = target
        if len(gang.exchangers) > 1 and self.rng.random() < 0.5 and at + DAY_MS < END_MS:
            back = next(item for item in gang.exchangers if item != account)
            amount, at = int(coin * 7.25 / 10_000), at + self._delay(gang)
            self.coins.trades.append((back, wallet, False, amount, coin, at, gang.number, number, last + 1))
            chain.join(back, "exchanger", last + 1)
            self._to_cash(chain, back, min(self._cut(gang, amount), ATM_DAILY_FEN), at + self._delay(gang), last + 2)

    def _next_wallet(self, gang: Gang, step: int) -> int:
        return self.coins.mixer(self.rng) if step == 1 else self.coins.wallet("private", gang=gang.number)

    def _book(
        self,
        chain: Chain,
        ends: tuple[int, int],
        amount: int,
        at: int,
        means: tuple[int, str | None],
        truth: tuple[str, int],
    ) -> bool:
        """Book one transfer of the chain; False, and nothing booked, when it would fall after the calendar's end."""
        if at >= END_MS or amount <= 0:
            return False
        role, layer = truth
        memo = means[1]
        if memo is None:
            memo = words.MULE_MEMOS[int(self.rng.integers(0, len(words.MULE_MEMOS)))]
        self.book.add(ends, amount, at, (means[0], words.MEMO[memo]), (chain.gang.number, chain.number, role, layer))
        return True
