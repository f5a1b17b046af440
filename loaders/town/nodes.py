"""Node tables of the town, in the columns of the schema (without where a row came from)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from core.clock import DAY_MS
from loaders.town import words
from loaders.town.census import Town
from loaders.town.customs import CoinTrades
from loaders.town.dice import Ints, pick, share, stream
from loaders.town.gangs import Underworld
from loaders.town.numbering import IP_KINDS, SERVICE_NUMBERS, Counts, Ids
from loaders.town.seasons import START_MS

_FIRST_PAYMENT = len(words.BANKS)
_FIRST_EXCHANGE = _FIRST_PAYMENT + len(words.PAYMENT_COMPANIES)
_FIRST_CARRIER = _FIRST_EXCHANGE + len(words.EXCHANGES)
_FIRST_PLATFORM = _FIRST_CARRIER + len(words.CARRIERS)
FIRST_COMPANY = _FIRST_PLATFORM + len(words.PLATFORMS)
_KINDS = ("bank", "payment", "merchant", "exchange", "cash")


def names_of(seed: int, count: int) -> pl.Series:
    """Chinese names drawn by chance, commoner surnames more often; any likeness to a person is chance."""
    rng = stream(seed, "names")
    weights = 1 / (np.arange(len(words.SURNAMES)) + 6.0)
    surname = pl.Series(words.SURNAMES)[rng.choice(len(words.SURNAMES), count, p=weights / weights.sum())]
    first = pl.Series(words.GIVEN_FIRST)[rng.integers(0, len(words.GIVEN_FIRST), count)]
    second_number = np.where(rng.random(count) < 0.12, 0, rng.integers(1, len(words.GIVEN_SECOND), count))
    return surname + first + pl.Series(words.GIVEN_SECOND)[second_number]


def _gather(values: tuple[str, ...], numbers: Ints) -> pl.Series:
    return pl.Series(values)[numbers]


def persons(town: Town, world: Underworld, ids: Ids, names: pl.Series) -> pl.DataFrame:
    """Person rows. Identity numbers use an area code (99) that was never issued."""
    count = town.people + world.people
    rng = stream(town.seed, "persons")
    age = np.concatenate([town.age, rng.integers(18, 40, world.people)])
    birth = np.datetime64("2025-01-01") - (age * 365 + rng.integers(0, 365, count)).astype("timedelta64[D]")
    born = pl.Series(birth.astype("datetime64[D]"))
    everyone = np.arange(count, dtype=np.int64)
    region = _gather(words.DISTRICTS, _district(town, everyone % town.people))
    away = (everyone >= town.people) | (share(everyone, 81 + town.seed) < 0.05)
    province = _gather(words.PROVINCES, pick(everyone, 82 + town.seed, len(words.PROVINCES)))
    frame = pl.DataFrame({"id": ids.person, "name": names, "birth": born, "serial": rng.permutation(count) % 1000})
    seventeen = pl.concat_str(
        pl.lit("99010"), pl.Series(rng.integers(0, 10, count)).cast(pl.String), pl.col("birth").dt.strftime("%Y%m%d"),
        pl.col("serial").cast(pl.String).str.zfill(3),
    )  # fmt: skip
    frame = frame.with_columns(body=seventeen, region=pl.Series(np.where(away, province.to_numpy(), region.to_numpy())))
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(pl.col("body").str.slice(place, 1).cast(pl.Int64) * weight for place, weight in enumerate(weights))
    check = pl.lit(pl.Series(list("10X98765432"))).gather(total % 11)
    return frame.select(
        "id", "name", id_number=pl.col("body") + check,
        gender=pl.when(pl.col("serial") % 2 == 1).then(pl.lit("M")).otherwise(pl.lit("F")),
        birth_date=pl.col("birth").dt.strftime("%Y-%m-%d"), country=pl.lit("CN"), region="region",
    )  # fmt: skip


def _district(town: Town, people: Ints) -> Ints:
    return people * len(words.DISTRICTS) // town.people


def institutions(town: Town, world: Underworld) -> tuple[Ints, Ints]:
    """Kind (position in bank, payment, merchant, exchange, cash) and institution number of every account."""
    layout, total = town.layout, town.layout.fresh + len(world.fresh)
    number = np.arange(total, dtype=np.int64)
    kind = np.zeros(total, dtype=np.int64)
    for start, end, code in (
        (layout.payment, layout.merchant, 1), (layout.merchant, layout.company, 2),
        (layout.cash, layout.exchange, 4), (layout.exchange, layout.fresh, 3),
    ):  # fmt: skip
        kind[start:end] = code
    kind[layout.fresh :] = [_KINDS.index(account.kind) for account in world.fresh]
    bank = pick(number, 91 + town.seed, len(words.BANKS))
    payer = _FIRST_PAYMENT + pick(number, 92 + town.seed, len(words.PAYMENT_COMPANIES))
    exchange = _FIRST_EXCHANGE + pick(number, 93 + town.seed, len(words.EXCHANGES))
    return kind, np.select([(kind == 1) | (kind == 2), kind == 3], [payer, exchange], bank)


def accounts(town: Town, world: Underworld, ids: Ids, names: pl.Series, opening: Ints) -> pl.DataFrame:
    """Account rows with opening balances; cash machines have none."""
    kind, institution = institutions(town, world)
    total = len(kind)
    rng = stream(town.seed, "accounts")
    opened = START_MS - (rng.lognormal(np.log(900), 0.9, total).clip(5, 9000) * DAY_MS).astype(np.int64)
    opened[town.layout.fresh :] = [account.opened_at_ms for account in world.fresh]
    number = rng.permutation(total) * 7 + 1_000_000_000
    holder = pl.concat([
        names[: town.people], names[pl.Series(town.pay_owner)], _shop_names(town), _firm_names(town),
        pl.Series([f"自助取款机{place:04d}" for place in range(town.size("cash"))]),
        names[pl.Series(town.exchange_owner)],
        pl.Series([names[town.people + account.person] if account.kind != "merchant" else "优选微店" for account in world.fresh], dtype=pl.String),
    ])  # fmt: skip
    district = _gather(words.DISTRICTS, _district(town, np.arange(total, dtype=np.int64) % town.people))
    return pl.DataFrame({
        "id": ids.account,
        "number": "62" + pl.Series(institution + 10).cast(pl.String) + "00" + pl.Series(number).cast(pl.String).str.zfill(13),
        "name": holder, "kind": _gather(_KINDS, kind), "institution": _gather(_institution_names(), institution),
        "currency": pl.repeat("CNY", total, eager=True), "status": pl.repeat("open", total, eager=True), "region": district,
        "opening_balance_minor": pl.Series(opening).set(pl.Series(kind == 4), None), "opened_at_ms": opened,
    })  # fmt: skip


def _institution_names() -> tuple[str, ...]:
    return words.BANKS + words.PAYMENT_COMPANIES + words.EXCHANGES + words.CARRIERS + words.PLATFORMS


def _shop_names(town: Town) -> pl.Series:
    shops = np.arange(town.size("merchant"), dtype=np.int64)
    head = _gather(words.SHOP_NAMES, pick(shops, 101, len(words.SHOP_NAMES)))
    return head + _gather(tuple(name for name, _ in words.SHOP_KINDS), pick(shops, 102, len(words.SHOP_KINDS)))


def _firm_names(town: Town) -> pl.Series:
    firms = np.arange(town.size("company"), dtype=np.int64)
    head = _gather(words.SHOP_NAMES, pick(firms, 103, len(words.SHOP_NAMES)))
    company = "云澜" + head + _gather(words.COMPANY_KINDS, pick(firms, 104, len(words.COMPANY_KINDS)))
    rest = [f"{words.UTILITIES[place % len(words.UTILITIES)]}" for place in range(town.size("utility"))]
    rest += [words.CHARITIES[place % len(words.CHARITIES)] for place in range(town.size("charity"))]
    return pl.concat([company, pl.Series(rest)])


def organizations(town: Town, ids: Ids) -> pl.DataFrame:
    """Banks, payment companies, exchanges, carriers, platforms, then the town's firms, utilities and charities."""
    groups = (("bank", words.BANKS), ("platform", words.PAYMENT_COMPANIES), ("platform", words.EXCHANGES), ("carrier", words.CARRIERS), ("platform", words.PLATFORMS))  # fmt: skip
    named = [(name, kind) for kind, group in groups for name in group]
    named += [(name, "company") for name in _firm_names(town)]
    return pl.DataFrame({
        "id": ids.organization, "name": [name for name, _ in named], "kind": [kind for _, kind in named],
        "country": ["CN"] * len(named), "region": ["云澜市"] * len(named),
    })  # fmt: skip


def other_nodes(
    town: Town, world: Underworld, coins: CoinTrades, counts: Counts, ids: Ids
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Phones, devices, addresses, merchants, wallets, handles and domains, as (label, frame)."""
    rng = stream(town.seed, "things")
    yield "Phone", _phones(town, counts, ids, rng)
    yield "Device", _devices(world, counts, ids, rng)
    yield "IP", pl.DataFrame({
        "id": ids.ip, "kind": _gather(IP_KINDS, ids.ip_kind),
        "region": _gather(words.DISTRICTS, rng.integers(0, len(words.DISTRICTS), len(ids.ip))),
    })  # fmt: skip
    shops = np.arange(town.size("merchant"), dtype=np.int64)
    yield "Merchant", pl.DataFrame({
        "id": ids.merchant, "name": _shop_names(town),
        "category": _gather(tuple(kind for _, kind in words.SHOP_KINDS), pick(shops, 102, len(words.SHOP_KINDS))),
        "region": _gather(words.DISTRICTS, shops * len(words.DISTRICTS) // len(shops)),
    })  # fmt: skip
    yield "Wallet", pl.DataFrame({
        "id": ids.wallet, "chain": ["TRON"] * len(ids.wallet), "kind": [kind for kind, _, _ in coins.wallets],
    }, schema={"id": pl.String, "chain": pl.String, "kind": pl.String})  # fmt: skip
    yield from _online(len(world.gangs), ids, rng)


def _phones(town: Town, counts: Counts, ids: Ids, rng: np.random.Generator) -> pl.DataFrame:
    """Telephone numbers: people's own, the firms', the newcomers', the gangs'."""
    seed, phones = town.seed, np.arange(len(ids.phone), dtype=np.int64)
    hub = (phones >= counts.hub_phones) & (phones < counts.newcomer_phones)
    kind = np.where(hub, np.where(phones < counts.hub_phones + SERVICE_NUMBERS, "short_code", "fixed"), "mobile")
    carrier = np.where(phones >= counts.gang_phones, pick(phones, 111 + seed, 4) | 2, pick(phones, 112 + seed, 4))
    age_days = np.where(
        phones >= counts.newcomer_phones, rng.integers(20, 300, len(phones)), rng.integers(20, 4000, len(phones))
    )
    own = np.ones(len(phones), dtype=bool)
    own[: town.people] = town.phone == phones[: town.people]
    return pl.DataFrame({
        "id": ids.phone, "carrier": _gather(words.CARRIERS, carrier), "kind": kind,
        "region": _gather(words.DISTRICTS, _district(town, phones % town.people)),
        "activated_at_ms": START_MS - age_days * DAY_MS,
    }).filter(pl.Series(own))  # fmt: skip


def _devices(world: Underworld, counts: Counts, ids: Ids, rng: np.random.Generator) -> pl.DataFrame:
    devices = len(ids.device)
    device_kind = ["phone"] * counts.public_devices + ["computer"] * (counts.gang_devices - counts.public_devices)
    return pl.DataFrame({
        "id": ids.device, "kind": [*device_kind, *world.devices],
        "model": _gather(words.DEVICE_MODELS, rng.integers(0, len(words.DEVICE_MODELS), devices)),
    })  # fmt: skip


def _online(gangs: int, ids: Ids, rng: np.random.Generator) -> Iterator[tuple[str, pl.DataFrame]]:
    """Handles and domains; the gangs' own, one of each, are the youngest."""
    count = len(ids.handle)
    handle_days = np.concatenate([rng.integers(5, 200, gangs), rng.integers(5, 2000, count - gangs)])
    yield "Handle", pl.DataFrame({
        "id": ids.handle, "platform": _gather(words.PLATFORMS, rng.integers(0, len(words.PLATFORMS), count)),
        "name": "用户" + ids.handle, "created_at_ms": START_MS - handle_days * DAY_MS,
    })  # fmt: skip
    count = len(ids.domain)
    domain_days = np.concatenate([rng.integers(2, 120, gangs), rng.integers(2, 2500, count - gangs)])
    yield "Domain", pl.DataFrame({
        "id": ids.domain, "registered_at_ms": START_MS - domain_days * DAY_MS,
        "registrar": pl.repeat("云名注册", count, eager=True),
    })  # fmt: skip
