"""Who lives in the town: people, households, work, homes and the numbering of all accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loaders.town.dice import Ints, lognormal_fen, pick, popular, share, stream

PAYDAYS = (5, 10, 15, 20, 25)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each kind of account starts in the numbering; `fresh` begins the accounts that gangs opened."""

    payment: int
    merchant: int
    company: int
    utility: int
    charity: int
    cash: int
    exchange: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Town:
    """The ordinary population. Person `i` holds bank account `i`; -1 means none. Amounts in fen."""

    seed: int
    transfers: int
    people: int
    layout: Layout
    household: Ints
    age: Ints
    employer: Ints
    wage_minor: Ints
    landlord: Ints
    rent_minor: Ints
    pay_account: Ints
    pay_owner: Ints
    exchange_owner: Ints
    phone: Ints
    """Number of the phone each person uses; an elder may use a child's."""

    def size(self, kind: str) -> int:
        """How many accounts of a kind (`merchant`, `company`, `utility`, `charity`, `cash`, `exchange`) there are."""
        names = ("payment", "merchant", "company", "utility", "charity", "cash", "exchange", "fresh")
        return int(getattr(self.layout, names[names.index(kind) + 1]) - getattr(self.layout, kind))


def settle(transfers: int, seed: int) -> Town:
    """A town whose accounts number about a tenth of `transfers` (at least a few dozen)."""
    accounts = max(60, transfers // 10)
    sizes = {
        "merchant": max(4, int(accounts * 0.06)),
        "company": max(2, int(accounts * 0.012)),
        "utility": max(3, accounts // 20_000),
        "charity": max(1, accounts // 50_000),
        "cash": max(2, int(accounts * 0.002)),
        "exchange": max(1, int(accounts * 0.004)),
    }
    people = int((accounts * 0.985 - sum(sizes.values())) / 1.42)
    everyone = np.arange(people, dtype=np.int64)
    has_pay = share(everyone, 11 + seed) < 0.42
    pay_owner = np.flatnonzero(has_pay).astype(np.int64)
    pay_account = np.full(people, -1, dtype=np.int64)
    pay_account[pay_owner] = people + np.arange(len(pay_owner))
    bounds = np.cumsum([people, len(pay_owner), *sizes.values()])
    layout = Layout(*(int(bound) for bound in bounds))
    household, age = _families(people, seed)
    employer, wage = _work(people, age, sizes["company"], seed)
    landlord, rent = _homes(people, household, seed)
    buyers = stream(seed, "buyers").choice(people, sizes["exchange"], replace=False).astype(np.int64)
    return Town(
        seed, transfers, people, layout, household, age, employer, wage, landlord, rent,
        pay_account, pay_owner, buyers, _phones(people, household, age, seed),
    )  # fmt: skip


def _families(people: int, seed: int) -> tuple[Ints, Ints]:
    rng = stream(seed, "families")
    sizes = rng.choice([1, 2, 3, 4, 5], people, p=[0.22, 0.25, 0.28, 0.17, 0.08])
    household = np.repeat(np.arange(people), sizes)[:people].astype(np.int64)
    place = np.arange(people) - np.searchsorted(household, household)
    adult = rng.integers(22, 58, people)
    child = rng.integers(16, 24, people)
    elder = rng.integers(58, 86, people)
    age = np.where(place < 2, adult, np.where(place == 2, child, elder))
    return household, age.astype(np.int64)


def _work(people: int, age: Ints, companies: int, seed: int) -> tuple[Ints, Ints]:
    rng = stream(seed, "work")
    works = (rng.random(people) < 0.72) & (age >= 20) & (age < 62)
    employer = np.where(works, popular(rng, people, companies, 0.8), -1)
    wage = rounded_wage(lognormal_fen(rng, people, 6200, 0.45))
    return employer.astype(np.int64), wage


def rounded_wage(amounts: Ints) -> Ints:
    """Wages of at least 2,200 yuan; net pay is seldom a round sum, so fen stay."""
    return np.maximum(amounts, 220_000)


def _homes(people: int, household: Ints, seed: int) -> tuple[Ints, Ints]:
    rng = stream(seed, "homes")
    landlords = rng.choice(people, max(1, people // 30), replace=False)
    everyone = np.arange(people, dtype=np.int64)
    first = np.searchsorted(household, household) == everyone
    rents = first & (share(household, 21 + seed) < 0.38)
    landlord = np.where(rents, landlords[popular(rng, people, len(landlords), 0.4)], -1)
    landlord = np.where(landlord == everyone, -1, landlord).astype(np.int64)
    rent = (lognormal_fen(rng, people, 1900, 0.4) // 10_000 + 1) * 10_000
    return landlord, rent


def _phones(people: int, household: Ints, age: Ints, seed: int) -> Ints:
    everyone = np.arange(people, dtype=np.int64)
    head = np.searchsorted(household, household).astype(np.int64)
    shares = ((age >= 60) & (share(everyone, 31 + seed) < 0.3)) | ((age < 18) & (pick(everyone, 32 + seed, 4) == 0))
    return np.where(shares, head, everyone)


def shop_owners(town: Town) -> Ints:
    """The person behind each shop, who draws its takings and signs in for it."""
    return pick(np.arange(town.size("merchant"), dtype=np.int64), 72 + town.seed, town.people)


def neighbours(town: Town, rng: np.random.Generator, count: int) -> list[int]:
    """Different people of one neighbourhood."""
    span = min(town.people, max(30, count * 4))
    start = int(rng.integers(0, town.people))
    return [int((start + step) % town.people) for step in rng.choice(span, min(count, span - 1), replace=False)]
