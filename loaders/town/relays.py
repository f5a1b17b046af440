"""Honest money that is passed on at once, nearly whole: what makes quick pass-through no proof of a mule."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from loaders.town import seasons, words
from loaders.town.bookings import Bookings
from loaders.town.census import Town, neighbours

_TRANSFER = (words.TRANSFER, words.MEMO["转账"])
_GOODS = (words.TRANSFER, words.MEMO["货款"])


def _purse(town: Town, person: int) -> int:
    wallet = int(town.pay_account[person])
    return wallet if wallet >= 0 else person


def remittance(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """A worker sends money home; the parent draws it in cash within hours, sometimes in several goes."""
    worker, parent = neighbours(town, rng, 2)
    day, hour = int(rng.integers(0, seasons.DAYS)), rng.uniform(8, 19)
    amount = int(rng.integers(5, 160)) * 10_000
    book.add((worker, parent), amount, seasons.moment(day, hour), (words.TRANSFER, words.MEMO["生活费"]))
    machine = town.layout.cash + int(rng.integers(0, town.size("cash")))
    left, hour = int(amount * rng.uniform(0.8, 1.0)) // 10_000 * 10_000, hour + rng.uniform(0.1, 3.5)
    while left > 0:
        piece = min(left, 500_000)
        book.add((parent, machine), piece, seasons.moment(day, hour), (words.ATM, words.MEMO["取现"]))
        left, hour = left - piece, hour + rng.uniform(0.02, 0.05)


def dealer(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """A dealer in cars, scrap or produce: is paid, pays his supplier within hours, keeps 2 to 8 per cent; again and again."""
    trader, supplier, *buyers = neighbours(town, rng, int(rng.integers(4, 10)))
    if rng.random() < 0.4:
        supplier = town.layout.company + int(rng.integers(0, town.size("company")))
    for buyer in buyers:
        day, hour = int(rng.integers(0, seasons.DAYS)), rng.uniform(8, 18)
        price = int(rng.lognormal(np.log(6_000), 1.1)) * 100 + 30_000
        book.add((buyer, trader), price, seasons.moment(day, hour), _GOODS)
        paid = int(price * rng.uniform(0.92, 0.98)) // 1_000 * 1_000
        book.add((trader, supplier), paid, seasons.moment(day, hour + min(rng.lognormal(np.log(0.5), 0.8), 5)), _GOODS)


def letting_agent(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """An agent collects rents and pays them out to the owners the same day less commission, month after month."""
    agent, *others = neighbours(town, rng, int(rng.integers(9, 22)))
    owners, tenants = others[:3], others[3:]
    rents = [int(rng.integers(8, 45)) * 10_000 for _ in tenants]
    for day in range(int(rng.integers(0, 27)), seasons.DAYS, 30):
        for tenant, rent in zip(tenants, rents, strict=True):
            at = seasons.moment(day, rng.uniform(8, 15))
            book.add((tenant, agent), rent, at, (words.TRANSFER, words.MEMO["房租"]))
        for place, owner in enumerate(owners):
            due = int(sum(rents[place::3]) * rng.uniform(0.93, 0.97))
            book.add(
                (agent, owner), due, seasons.moment(day, rng.uniform(15.2, 20)), (words.TRANSFER, words.MEMO["房租"])
            )


def wallet_and_on(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """Money comes to a payment wallet, is moved to the own bank account for a small fee, and pays a third person."""
    payer, third = neighbours(town, rng, 2)
    owner = int(town.pay_owner[int(rng.integers(0, len(town.pay_owner)))])
    if owner in (payer, third):
        return
    day, hour = int(rng.integers(0, seasons.DAYS)), rng.uniform(7, 21)
    amount = int(rng.lognormal(np.log(900), 1.1)) * 100 + 10_000
    book.add((payer, _purse(town, owner)), amount, seasons.moment(day, hour), _TRANSFER)
    hour += rng.uniform(0.02, 1.2)
    drawn = int(amount * 0.999)
    book.add((_purse(town, owner), owner), drawn, seasons.moment(day, hour), _TRANSFER)
    if rng.random() < 0.6:
        sent = int(drawn * rng.uniform(0.85, 1.0))
        codes = (words.TRANSFER, words.MEMO["还款"])
        book.add((owner, third), sent, seasons.moment(day, hour + rng.uniform(0.05, 1.5)), codes)


def family_relay(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """A sum handed down a family in two to four hops within a day, to a school, a hospital or a shop."""
    family = neighbours(town, rng, int(rng.integers(3, 5)))
    day, hour = int(rng.integers(0, seasons.DAYS)), rng.uniform(8, 16)
    amount = int(rng.integers(10, 400)) * 10_000
    for giver, taker in pairwise(family):
        book.add((giver, taker), amount, seasons.moment(day, hour), (words.TRANSFER, words.MEMO["生活费"]))
        hour += min(rng.lognormal(np.log(0.4), 0.9), 2.5)
        amount = int(amount * rng.uniform(0.95, 1.0)) // 100 * 100
    shop = town.layout.merchant + int(rng.integers(0, town.size("merchant")))
    book.add((family[-1], shop), amount, seasons.moment(day, hour), (words.PAYMENT, words.MEMO["消费"]))


def salary_to_spouse(town: Town, book: Bookings, rng: np.random.Generator) -> None:
    """A bonus or fee comes in and most of it goes to the spouse or a savings account within the hour or two."""
    person, spouse = neighbours(town, rng, 2)
    firm = town.layout.company + int(rng.integers(0, town.size("company")))
    day, hour = int(rng.integers(0, seasons.DAYS)), rng.uniform(9, 18)
    amount = int(rng.lognormal(np.log(5_000), 0.7) * 100) + 20_000
    book.add((firm, person), amount, seasons.moment(day, hour), (words.PAYROLL, words.MEMO["佣金"]))
    sent = int(amount * rng.uniform(0.7, 1.0)) // 10_000 * 10_000
    book.add((person, spouse), sent, seasons.moment(day, hour + rng.uniform(0.05, 2.5)), _TRANSFER)
