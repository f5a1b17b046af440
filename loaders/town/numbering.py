"""Business ids of everything: account codes, phone numbers, internet addresses, wallets. No two alike, none in telling order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from loaders.town import words
from loaders.town.census import Town
from loaders.town.customs import CoinTrades
from loaders.town.dice import Ints, stream
from loaders.town.gangs import Underworld

_MOBILE_PREFIXES = np.array([130, 131, 135, 136, 137, 138, 139, 150, 151, 152, 157, 158, 159, 166, 170, 176, 177, 178, 180, 181, 182, 185, 186, 187, 188, 189, 191, 198, 199])  # fmt: skip
_BASE58 = np.array(list("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"))
#: Companies' switchboards, and senders of service messages.
SERVICE_NUMBERS = 6


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each there are, and where the gangs' own begin: phones are the people's, then the firms', then newcomers', then gangs'."""

    people: int
    hub_phones: int
    newcomer_phones: int
    gang_phones: int
    homes: int
    cells: int
    offices: int
    public: int
    vpns: int
    gang_addresses: int
    newcomer_devices: int
    public_devices: int
    gang_devices: int


@dataclass(frozen=True, slots=True)
class Ids:
    """Business ids by number, one series a label."""

    account: pl.Series
    person: pl.Series
    phone: pl.Series
    device: pl.Series
    ip: pl.Series
    ip_kind: Ints
    wallet: pl.Series
    organization: pl.Series
    merchant: pl.Series
    domain: pl.Series
    handle: pl.Series


IP_KINDS = ("home", "mobile", "office", "public_wifi", "vpn", "hosting")


def count_things(town: Town, world: Underworld) -> Counts:
    """The layout of phones, devices and addresses. Offsets follow the order of the fields."""
    homes = int(town.household[-1]) + 1
    total = town.people + world.people
    hubs, public = town.size("company") + SERVICE_NUMBERS, max(2, town.people // 400)
    gang_phones = town.people + hubs + world.people
    cells, offices, vpns = max(2, town.people // 60), town.size("company"), max(1, town.people // 200)
    addresses = homes + cells + offices + public + vpns
    return Counts(
        town.people, town.people, town.people + hubs, gang_phones,
        0, homes, homes + cells, homes + cells + offices, homes + cells + offices + public, addresses,
        town.people, total, total + max(1, town.people // 2500),
    )  # fmt: skip


def number_all(town: Town, world: Underworld, coins: CoinTrades, domains: int, handles: int) -> tuple[Counts, Ids]:
    """Ids of every node. Gangs' things are numbered last but their ids are shuffled among the others'."""
    counts = count_things(town, world)
    seed = town.seed
    kinds = _ip_kinds(world, counts)
    firms = len(words.BANKS + words.PAYMENT_COMPANIES + words.EXCHANGES + words.CARRIERS + words.PLATFORMS)
    firms += town.size("company") + town.size("utility") + town.size("charity")
    return counts, Ids(
        account=_codes(seed, "A", town.layout.fresh + len(world.fresh)),
        person=_codes(seed, "P", town.people + world.people),
        phone=_phones(seed, counts.gang_phones + world.phones, counts),
        device=_codes(seed, "D", counts.gang_devices + len(world.devices)),
        ip=_addresses(kinds),
        ip_kind=kinds,
        wallet=_wallets(seed, len(coins.wallets)),
        organization=pl.Series([f"ORG{number:06d}" for number in range(firms)]),
        merchant=_codes(seed, "M", town.size("merchant")),
        domain=pl.Series([f"{word}.example" for word in _domain_words(seed, domains)], dtype=pl.String),
        handle=_codes(seed, "H", handles),
    )


def _codes(seed: int, prefix: str, count: int) -> pl.Series:
    """`prefix` and seven digits or more, in shuffled order."""
    numbers = stream(seed, "codes", prefix).permutation(count) + 1
    return pl.select((pl.lit(prefix) + pl.Series(numbers).cast(pl.String).str.zfill(7)).alias("id")).to_series()


def _phones(seed: int, count: int, counts: Counts) -> pl.Series:
    """Mobile numbers in E.164; firms have fixed lines of the town, services a 106 code."""
    space = len(_MOBILE_PREFIXES) * 10**8
    start = int(stream(seed, "phones").integers(0, space))
    place = (np.arange(count, dtype=np.int64) * 1_318_699_423 + start) % space
    number = _MOBILE_PREFIXES[place // 10**8] * 10**8 + place % 10**8
    mobile = pl.select("+86" + pl.Series(number).cast(pl.String)).to_series()
    hubs = np.arange(counts.newcomer_phones - counts.hub_phones)
    fixed = [f"+868{99:02d}{7_000_000 + int(hub) * 7:08d}" for hub in hubs[SERVICE_NUMBERS:]]
    service = [f"1069{hub:06d}" for hub in range(min(SERVICE_NUMBERS, len(hubs)))]
    parts = [
        mobile[: counts.hub_phones],
        pl.Series([*service, *fixed], dtype=pl.String),
        mobile[counts.newcomer_phones :],
    ]
    return pl.concat(parts)


def _ip_kinds(world: Underworld, counts: Counts) -> Ints:
    total = counts.gang_addresses + len(world.addresses)
    bounds = np.array([counts.cells, counts.offices, counts.public, counts.vpns, counts.gang_addresses])
    kinds = np.searchsorted(bounds, np.arange(total), side="right").astype(np.int64)
    kinds[counts.vpns : counts.gang_addresses : 5] = IP_KINDS.index("hosting")
    kinds[counts.gang_addresses :] = [IP_KINDS.index(kind) for kind in world.addresses]
    return kinds


def _addresses(kinds: Ints) -> pl.Series:
    """Addresses of ranges nobody owns: 10/8, 100.64/10 (mobile) and 198.18/15 (vpn, hosting)."""
    number = np.arange(len(kinds), dtype=np.int64)
    ranges = {1: (100 << 24 | 64 << 16, 22), 4: (198 << 24 | 18 << 16, 17), 5: (198 << 24 | 18 << 16, 17)}
    value = (10 << 24) + (number * 9_941_357 + 77_777) % (1 << 24)
    for kind, (base, bits) in ranges.items():
        of_kind = np.isin(kinds, [4, 5]) if kind >= 4 else kinds == kind
        order = np.cumsum(of_kind) - 1
        value = np.where(kinds == kind, base + (order * 40_503 + 11) % (1 << bits), value)
    frame = pl.DataFrame({"v": value})
    parts = [((pl.col("v") // 256**power) % 256).cast(pl.String) for power in (3, 2, 1, 0)]
    return frame.select(pl.concat_str(parts, separator=".")).to_series()


def _wallets(seed: int, count: int) -> pl.Series:
    letters = _BASE58[stream(seed, "wallets").integers(0, len(_BASE58), (count, 33))]
    return pl.Series(["T" + "".join(row) for row in letters], dtype=pl.String)


def _domain_words(seed: int, count: int) -> list[str]:
    rng, heads = (
        stream(seed, "domains"),
        ("pay", "mall", "fund", "task", "loan", "news", "city", "home", "shop", "life"),
    )
    return [f"{heads[int(rng.integers(0, len(heads)))]}-{number:05x}" for number in rng.permutation(count * 3)[:count]]
