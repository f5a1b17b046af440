"""Who owns, registered, signed in where: the identity relationships, honest sharing and the gangs' sharing alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from core.clock import DAY_MS
from loaders.town.census import Town, neighbours, shop_owners
from loaders.town.customs import CoinTrades
from loaders.town.dice import Ints, pick, share, stream
from loaders.town.gangs import Underworld
from loaders.town.nodes import FIRST_COMPANY, institutions
from loaders.town.numbering import SERVICE_NUMBERS, Counts, Ids
from loaders.town.seasons import DAYS, START_MS

Pair = tuple[str, str, str]


def links(
    town: Town, world: Underworld, coins: CoinTrades, counts: Counts, ids: Ids
) -> Iterator[tuple[Pair, pl.DataFrame]]:
    """Every state relationship as ((from label, type, to label), frame); each pair of ends once."""
    people = np.arange(town.people + world.people, dtype=np.int64)
    holders, accounts = _holders(town, world)
    yield ("Person", "OWNS", "Account"), _since(town, ids.person, holders, ids.account, accounts)
    layout = town.layout
    shops = np.arange(town.size("merchant"), dtype=np.int64)
    yield ("Merchant", "OWNS", "Account"), _since(town, ids.merchant, shops, ids.account, layout.merchant + shops)
    firms = np.arange(layout.cash - layout.company, dtype=np.int64)
    yield (
        ("Organization", "OWNS", "Account"),
        _since(town, ids.organization, FIRST_COMPANY + firms, ids.account, layout.company + firms),
    )
    phones = phones_of(town, counts, people)
    own = (people >= town.people) | (phones == people)
    yield ("Person", "OWNS", "Phone"), _since(town, ids.person, people[own], ids.phone, phones[own])
    boards = np.arange(town.size("company"), dtype=np.int64)
    yield (
        ("Organization", "OWNS", "Phone"),
        _since(town, ids.organization, FIRST_COMPANY + boards, ids.phone, counts.hub_phones + SERVICE_NUMBERS + boards),
    )
    private = [(owner, number) for number, (_, owner, _) in enumerate(coins.wallets) if owner >= 0]
    table = np.array(private, dtype=np.int64).reshape(-1, 2)
    yield ("Person", "OWNS", "Wallet"), _since(town, ids.person, table[:, 0], ids.wallet, table[:, 1])
    _, institution = institutions(town, world)
    everything = np.arange(len(institution), dtype=np.int64)
    yield ("Account", "HELD_AT", "Organization"), _pairs(ids.account, everything, ids.organization, institution)
    yield from _registered(town, world, counts, ids, (holders, accounts))
    yield from _sign_ins(town, world, counts, ids, (holders, accounts))


def phones_of(town: Town, counts: Counts, people: Ints) -> Ints:
    """The phone each person uses; newcomers have their own."""
    local = town.phone[np.minimum(people, town.people - 1)]
    return np.where(people < town.people, local, counts.newcomer_phones + people - town.people)


def _holders(town: Town, world: Underworld) -> tuple[Ints, Ints]:
    people = np.arange(town.people, dtype=np.int64)
    layout = town.layout
    fresh = np.array([town.people + account.person for account in world.fresh], dtype=np.int64)
    holder = np.concatenate([people, town.pay_owner, town.exchange_owner, fresh])
    account = np.concatenate([
        people, layout.payment + np.arange(len(town.pay_owner)), layout.exchange + np.arange(len(town.exchange_owner)),
        layout.fresh + np.arange(len(fresh)),
    ])  # fmt: skip
    return holder, account


def _pairs(starts: pl.Series, start: Ints, ends: pl.Series, end: Ints) -> pl.DataFrame:
    if not len(start):
        return pl.DataFrame(schema={"from_id": pl.String, "to_id": pl.String})
    return pl.DataFrame({"from_id": starts.gather(start), "to_id": ends.gather(end)})


def _since(town: Town, starts: pl.Series, start: Ints, ends: pl.Series, end: Ints) -> pl.DataFrame:
    days = stream(town.seed, "since", len(start)).integers(5, 2500, len(start))
    return _pairs(starts, start, ends, end).with_columns(since_ms=pl.Series(START_MS - days * DAY_MS, dtype=pl.Int64))


def _seen(town: Town, ends: tuple[pl.Series, Ints, pl.Series, Ints], what: str) -> pl.DataFrame:
    """First and last seen within the calendar, and how often; duplicates of a pair are dropped."""
    frame = _pairs(*ends).unique(maintain_order=True)
    rng, count = stream(town.seed, "seen", what), frame.height
    first = START_MS + (rng.beta(0.6, 3, count) * DAYS * 0.8 * DAY_MS).astype(np.int64)
    last = first + ((START_MS + DAYS * DAY_MS - 1 - first) * rng.beta(3, 0.7, count)).astype(np.int64)
    return frame.with_columns(
        first_seen_ms=pl.Series(first, dtype=pl.Int64), last_seen_ms=pl.Series(last, dtype=pl.Int64),
        count=pl.Series(rng.geometric(0.03, count), dtype=pl.Int64),
    )  # fmt: skip


def _registered(
    town: Town, world: Underworld, counts: Counts, ids: Ids, held: tuple[Ints, Ints]
) -> Iterator[tuple[Pair, pl.DataFrame]]:
    """Accounts and handles by phone; a gang's fresh accounts partly by the gang's own numbers."""
    holders, accounts = held
    phone = phones_of(town, counts, holders)
    gang_of = {town.layout.fresh + number: account.gang for number, account in enumerate(world.fresh)}
    rng = stream(town.seed, "registered")
    for place in np.flatnonzero(accounts >= town.layout.fresh):
        gang = world.gangs[gang_of[int(accounts[place])]]
        if rng.random() < gang.manner.sharing * 0.5:
            phone[place] = counts.gang_phones + gang.phones[int(rng.integers(0, len(gang.phones)))]
    shops, contact = _shop_contacts(town, counts)
    start, end = _columns([(accounts, phone), (shops, contact)])
    yield ("Account", "REGISTERED_WITH", "Phone"), _since(town, ids.account, start, ids.phone, end)
    leaders = np.array([counts.gang_phones + gang.phones[0] for gang in world.gangs], dtype=np.int64)
    own = np.arange(len(ids.handle) - len(leaders), dtype=np.int64) * 16 % town.people
    phones = np.concatenate([leaders, phones_of(town, counts, own)])
    handles = np.arange(len(ids.handle), dtype=np.int64)
    yield ("Handle", "REGISTERED_WITH", "Phone"), _since(town, ids.handle, handles, ids.phone, phones)
    yield ("Person", "OWNS", "Handle"), _since(town, ids.person, own, ids.handle, handles[len(leaders) :])


def _shop_contacts(town: Town, counts: Counts) -> tuple[Ints, Ints]:
    """(account, phone) of shops: the owner's phone, or that of an agency which registers some dozens of them."""
    shops = np.arange(town.size("merchant"), dtype=np.int64)
    agency = counts.hub_phones + SERVICE_NUMBERS + shops // 200 % town.size("company")
    by_agency = share(shops, 151 + town.seed) < 0.18
    return town.layout.merchant + shops, np.where(by_agency, agency, town.phone[shop_owners(town)])


def _sign_ins(
    town: Town, world: Underworld, counts: Counts, ids: Ids, held: tuple[Ints, Ints]
) -> Iterator[tuple[Pair, pl.DataFrame]]:
    holders, accounts = held
    seed, total = town.seed, town.people + world.people
    people = np.arange(total, dtype=np.int64)
    head = np.searchsorted(town.household, town.household).astype(np.int64)
    elder = np.concatenate(
        [(town.age >= 60) & (share(people[: town.people], 121 + seed) < 0.35), np.zeros(world.people, dtype=bool)]
    )
    heads = np.concatenate([head, np.arange(town.people, total)])
    device = np.where(elder, heads, people)
    cafe = share(accounts, 122 + seed) < 0.015
    internet_cafe = counts.public_devices + pick(accounts, 123 + seed, counts.gang_devices - counts.public_devices)
    pairs = [(accounts, device[holders]), (accounts[cafe], internet_cafe[cafe])]
    shops = town.layout.merchant + np.arange(town.size("merchant"), dtype=np.int64)
    pairs.append((shops, device[shop_owners(town)]))
    shared = _gang_sign_ins(town, world)
    pairs.append((shared[0], counts.gang_devices + shared[1]))
    start, end = _columns(pairs)
    yield ("Account", "USED_DEVICE", "Device"), _seen(town, (ids.account, start, ids.device, end), "account-device")
    start, end = _columns([(phones_of(town, counts, people), device), _gang_sims(counts, world), _test_handsets(town)])
    yield ("Phone", "USED_DEVICE", "Device"), _seen(town, (ids.phone, start, ids.device, end), "phone-device")
    start, end = _columns([*_addresses(town, counts, held), (shared[0], counts.gang_addresses + shared[2])])
    yield ("Account", "CONNECTED_FROM", "IP"), _seen(town, (ids.account, start, ids.ip, end), "account-ip")
    homes = _home(town, counts, people)
    start, end = _columns([(device, homes), _gang_boxes(counts, world)])
    yield ("Device", "CONNECTED_FROM", "IP"), _seen(town, (ids.device, start, ids.ip, end), "device-ip")


def _columns(pairs: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    return np.concatenate([start for start, _ in pairs]), np.concatenate([end for _, end in pairs])


def _home(town: Town, counts: Counts, people: Ints) -> Ints:
    """Home Wi-Fi by household; a newcomer lodges with some household."""
    house = town.household[people % town.people]
    return counts.homes + house


def _addresses(town: Town, counts: Counts, held: tuple[Ints, Ints]) -> list[tuple[Ints, Ints]]:
    """Home Wi-Fi, the carrier's shared mobile addresses, the office's, public Wi-Fi, and a few on a vpn; shops at home."""
    holders, accounts = held
    seed = town.seed
    local = holders % town.people
    at_home = share(accounts, 131 + seed) < 0.85
    mobile = (share(accounts, 132 + seed) < 0.45) | ~at_home
    cell = counts.cells + pick(
        local // 20 * 3 + pick(accounts, 133 + seed, 3), 134 + seed, counts.offices - counts.cells
    )
    works = (town.employer[local] >= 0) & (holders < town.people) & (share(accounts, 135 + seed) < 0.4)
    public = share(accounts, 136 + seed) < 0.12
    hot_spot = counts.public + pick(accounts, 137 + seed, counts.vpns - counts.public)
    vpn = share(accounts, 138 + seed) < 0.02
    tunnel = counts.vpns + pick(accounts, 139 + seed, counts.gang_addresses - counts.vpns)
    return [
        (accounts[at_home], _home(town, counts, holders)[at_home]), (accounts[mobile], cell[mobile]),
        (accounts[works], counts.offices + town.employer[local][works]), (accounts[public], hot_spot[public]),
        (accounts[vpn], tunnel[vpn]),
        (town.layout.merchant + np.arange(town.size("merchant"), dtype=np.int64), _home(town, counts, shop_owners(town))),
    ]  # fmt: skip


def _gang_sign_ins(town: Town, world: Underworld) -> tuple[Ints, Ints, Ints]:
    """(account, gang device, gang address) of accounts worked from the gang's own equipment."""
    rng, rows = stream(town.seed, "gang sign-ins"), []
    for gang in world.gangs:
        for account in gang.accounts:
            if rng.random() < gang.manner.sharing:
                device = gang.devices[int(rng.integers(0, len(gang.devices)))]
                rows.append((account, device, gang.addresses[int(rng.integers(0, len(gang.addresses)))]))
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _gang_sims(counts: Counts, world: Underworld) -> tuple[Ints, Ints]:
    """A gang's calling numbers sit in its GoIP box, the controller's in a handset."""
    rows = [
        (counts.gang_phones + phone, counts.gang_devices + gang.devices[1 if place == 0 else 0])
        for gang in world.gangs for place, phone in enumerate(gang.phones)
    ]  # fmt: skip
    rows += [
        (counts.gang_phones + gang.phones[-1], counts.gang_devices + handset)
        for gang in world.gangs
        for handset in gang.burners
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _test_handsets(town: Town) -> tuple[Ints, Ints]:
    """Phone dealers try their customers' SIM cards in a handset of their own: many SIMs on one device, honestly."""
    rng, rows = stream(town.seed, "test handsets"), []
    for _ in range(max(1, town.people // 1_500)):
        dealer, *customers = neighbours(town, rng, int(rng.integers(4, 9)))
        rows += [(int(town.phone[customer]), dealer) for customer in customers]
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _gang_boxes(counts: Counts, world: Underworld) -> tuple[Ints, Ints]:
    rows = [
        (counts.gang_devices + device, counts.gang_addresses + gang.addresses[place % len(gang.addresses)])
        for gang in world.gangs for place, device in enumerate(gang.devices)
    ]  # fmt: skip
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
