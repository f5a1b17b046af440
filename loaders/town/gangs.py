"""Gangs as organisations: who leads, which accounts stand in which layer, which phones, devices and addresses they share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.clock import DAY_MS
from loaders.town.census import Town
from loaders.town.dice import stream
from loaders.town.seasons import START_MS
from loaders.town.typologies import MANNERS, TYPOLOGIES, Difficulty, Manner, Typology

#: Days after a gang's start when used-up accounts hand over to their successors.
HANDOVER_DAYS = 8


@dataclass(frozen=True, slots=True)
class FreshAccount:
    """An account opened for the gang, held by a newcomer (`person` counts on from the town's people)."""

    kind: str
    person: int
    gang: int
    opened_at_ms: int


@dataclass(slots=True)
class Gang:
    """One gang. Accounts and people are numbers; phones, devices and addresses number the gangs' own things."""

    number: int
    typology: Typology
    manner: Manner
    start_day: int
    budget: int
    layers: list[list[int]] = field(default_factory=list)
    cash_outs: list[int] = field(default_factory=list)
    exchangers: list[int] = field(default_factory=list)
    controller: int = -1
    recruiters: list[int] = field(default_factory=list)
    rented: set[int] = field(default_factory=set)
    victims: set[int] = field(default_factory=set)
    phones: list[int] = field(default_factory=list)
    """Calling phones of the gang; the first is the controller's."""
    devices: list[int] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    domain: int = -1
    successors: dict[int, int] = field(default_factory=dict)
    """First-layer account -> the one that takes its place `HANDOVER_DAYS` after the start, when it is used up."""
    burners: list[int] = field(default_factory=list)
    """Handsets that one SIM of the gang is moved through."""

    def working(self, account: int, at_ms: int) -> int:
        """The account that does this one's work at a time."""
        gone = at_ms >= START_MS + (self.start_day + HANDOVER_DAYS) * DAY_MS
        return self.successors.get(account, account) if gone else account

    @property
    def accounts(self) -> list[int]:
        """Every account the gang works with, each once, in order of layer."""
        rows = [number for layer in self.layers for number in layer]
        return list(
            dict.fromkeys(
                [*rows, *self.cash_outs, *self.exchangers, *self.recruiters, self.controller, *self.successors.values()]
            )
        )


@dataclass(slots=True)
class Underworld:
    """All gangs and what they own beside the town."""

    gangs: list[Gang] = field(default_factory=list)
    fresh: list[FreshAccount] = field(default_factory=list)
    people: int = 0
    phones: int = 0
    devices: list[str] = field(default_factory=list)
    """Kind of each device."""
    addresses: list[str] = field(default_factory=list)
    """Kind of each internet address."""


def default_gangs(transfers: int, difficulty: Difficulty) -> int:
    """One gang for about 125 fraudulent transfers; at least two from 5,000 transfers on."""
    return max(2 if transfers >= 5_000 else 1, round(transfers * MANNERS[difficulty].fraud_share / 125))


def found_gangs(town: Town, count: int, difficulty: Difficulty) -> Underworld:
    """`count` gangs, typologies in turn from a seeded start, sizes unequal (log-normal)."""
    rng = stream(town.seed, "gangs")
    manner, names = MANNERS[difficulty], list(TYPOLOGIES)
    offset = int(rng.integers(0, len(names)))
    sizes = rng.lognormal(0, 0.5, count)
    budgets = np.maximum(sizes / sizes.sum() * town.transfers * manner.fraud_share, 8)
    world = Underworld()
    taken: set[int] = set()
    for number in range(count):
        typology = TYPOLOGIES[names[(offset + number) % len(names)]]
        latest = 20 if typology.spacing_h[1] > 50 else 55
        gang = Gang(number, typology, manner, int(rng.integers(4, latest)), int(budgets[number]))
        _recruit(town, world, gang, taken, stream(town.seed, "gang", number))
        world.gangs.append(gang)
    for gang in world.gangs:
        _succeed(town, world, gang, stream(town.seed, "successors", gang.number))
    return world


def _succeed(town: Town, world: Underworld, gang: Gang, rng: np.random.Generator) -> None:
    """What wears out: a first-layer account that is replaced in time, and handsets for a SIM on the move."""
    if gang.budget < 40:
        return
    fronts = [
        number
        for number in gang.layers[0]
        if number < town.layout.fresh or world.fresh[number - town.layout.fresh].kind == "bank"
    ]
    for account in fronts[:1] if rng.random() < 0.7 else []:
        gang.successors[account] = town.layout.fresh + _open(world, gang, "bank", rng)
    if rng.random() < 0.4:
        gang.burners = [len(world.devices) + step for step in range(int(rng.integers(5, 9)))]
        world.devices += ["phone"] * len(gang.burners)


def _recruit(town: Town, world: Underworld, gang: Gang, taken: set[int], rng: np.random.Generator) -> None:
    """Fill the layers and the other posts with accounts."""
    small, large = gang.budget < 40, gang.budget > 400
    depth = int(rng.integers(gang.typology.layers[0], gang.typology.layers[1] + 1))
    depth = min(depth, 3) if small else depth
    for place in range(depth):
        middle = 0 < place < depth - 1
        width = 1 if small else int(rng.integers(2, 5)) if middle else int(rng.integers(1, 4))
        gang.layers.append([_mule(town, world, gang, taken, rng) for _ in range(width * (2 if large else 1))])
    gang.cash_outs = [_mule(town, world, gang, taken, rng) for _ in range(2 if small else int(rng.integers(3, 7)))]
    if rng.random() < gang.typology.crypto:
        opened = [_open(world, gang, "exchange", rng) for _ in range(int(rng.integers(1, 3)))]
        gang.exchangers = [number + town.layout.fresh for number in opened]
    gang.controller = town.layout.fresh + _open(world, gang, "bank", rng)
    gang.recruiters = [town.layout.fresh + _open(world, gang, "payment", rng) for _ in range(1 if small else 2)]
    if rng.random() < gang.manner.front or gang.typology.name == "shopping":
        gang.rented.discard(gang.layers[0][0])
        gang.layers[0][0] = town.layout.fresh + _open(world, gang, "merchant", rng)
    _equip(world, gang, rng)


def _equip(world: Underworld, gang: Gang, rng: np.random.Generator) -> None:
    """Phones, a GoIP box and handsets, internet addresses, and the web page if the typology has one."""
    small = gang.budget < 40
    gang.phones = [world.phones + step for step in range(2 if small else int(rng.integers(3, 9)))]
    world.phones += len(gang.phones)
    for kinds, owned, pool in (
        (("goip", "phone", "phone"), gang.devices, world.devices),
        (("vpn", "home", "hosting"), gang.addresses, world.addresses),
    ):
        for kind in kinds[: 2 if small else 3]:
            owned.append(len(pool))
            pool.append(kind)
    gang.domain = gang.number if gang.typology.link else -1


def _mule(town: Town, world: Underworld, gang: Gang, taken: set[int], rng: np.random.Generator) -> int:
    """A real person's own account (rented out), or a fresh one."""
    if rng.random() < gang.manner.rented and len(taken) < town.people // 4:
        for _ in range(50):
            person = int(rng.integers(0, town.people))
            if person not in taken and town.age[person] < 45:
                taken.add(person)
                gang.rented.add(person)
                return person
    return town.layout.fresh + _open(world, gang, "bank", rng)


def _open(world: Underworld, gang: Gang, kind: str, rng: np.random.Generator) -> int:
    """Opens a fresh account; now and then for the newcomer who opened the one before (a set of cards sold together)."""
    previous = world.fresh[-1] if world.fresh else None
    again = previous is not None and previous.gang == gang.number and rng.random() < 0.25
    person = previous.person if again and previous is not None else world.people
    world.people += 0 if again else 1
    opened = START_MS + (gang.start_day - int(rng.integers(3, 90))) * DAY_MS + int(rng.integers(0, DAY_MS))
    world.fresh.append(FreshAccount(kind, person, gang.number, opened))
    return len(world.fresh) - 1
