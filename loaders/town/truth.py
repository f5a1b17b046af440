"""What is true of the town, kept apart from its facts: gang, role, chain, layer and typology of each entity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from loaders.town.bookings import Bookings
from loaders.town.census import Town
from loaders.town.customs import CoinTrades
from loaders.town.dice import Ints
from loaders.town.gangs import Underworld
from loaders.town.numbering import Counts, Ids
from loaders.town.schemes import Crimes

SCHEMA = {
    "entity_type": pl.String, "entity_id": pl.String, "gang": pl.String, "role": pl.String, "chain": pl.String,
    "typology": pl.String, "is_fraud": pl.Boolean, "layer": pl.Int64, "at_ms": pl.Int64,
}  # fmt: skip
Row = tuple[str, str, str | None, str, str | None, str | None, bool, int | None, int | None]


def gang_id(number: int) -> str:
    """Public id of a gang."""
    return f"G{number + 1:05d}"


def chain_id(number: int) -> str | None:
    """Public id of a chain; None for -1."""
    return f"K{number + 1:07d}" if number >= 0 else None


def transfer_id(sequence: int) -> str:
    """Id of the transfer that stands at this place, from 0, in the town's time order."""
    return f"T{sequence + 1:09d}"


def entity_truth(
    town: Town, world: Underworld, crimes: Crimes, coins: CoinTrades, numbered: tuple[Counts, Ids]
) -> Iterator[pl.DataFrame]:
    """Accounts (one row a chain, or one row if in none), people, and the gangs' phones, devices, addresses, wallets, coin legs."""
    counts, ids = numbered
    rows: list[Row] = []
    named = _chain_accounts(world, crimes, ids, rows)
    _other_members(world, ids, named, rows)
    _people(town, world, ids, rows)
    for gang in world.gangs:
        about = (gang_id(gang.number), gang.typology.name)
        for place, phone in enumerate(gang.phones):
            role = "controller" if place == 0 else "recruiter"
            rows.append(_row(("Phone", ids.phone[counts.gang_phones + phone]), role, about))
        rows.extend(
            _row(("Device", ids.device[counts.gang_devices + item]), "controller", about) for item in gang.devices
        )
        rows.extend(
            _row(("Device", ids.device[counts.gang_devices + item]), "recruiter", about) for item in gang.burners
        )
        rows.extend(_row(("IP", ids.ip[counts.gang_addresses + item]), "controller", about) for item in gang.addresses)
    for number, (kind, _, gang_number) in enumerate(coins.wallets):
        if gang_number >= 0 and kind != "mixer":
            rows.append(_row(("Wallet", ids.wallet[number]), "exchanger", _about(world, gang_number)))
    _coin_legs(world, coins, rows)
    yield pl.DataFrame(rows, schema=SCHEMA, orient="row")
    honest = np.ones(len(ids.account), dtype=bool)
    honest[sorted(named)] = False
    yield _honest("Account", ids.account.filter(pl.Series(honest)))


def transfer_truth(world: Underworld, book: Bookings, sequence: Ints) -> pl.DataFrame:
    """Rows of the gangs' transfers; `sequence` maps a booking to its place in the town's time order."""
    rows: list[Row] = []
    for number, (gang, chain, role, layer) in enumerate(book.truth):
        if gang >= 0:
            key, at = ("TRANSFER", transfer_id(int(sequence[number]))), book.rows[number][3]
            rows.append(_row(key, role, _about(world, gang), (chain, layer), at))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def report_rows(crimes: Crimes, book: Bookings, sequence: Ints, ids: Ids) -> pl.DataFrame:
    """Victims' reports: who, which transfers, how much in fen, and when."""
    return pl.DataFrame({
        "report_id": [f"R{place + 1:06d}" for place in range(len(crimes.reports))],
        "account_id": [ids.account[report.victim] for report in crimes.reports],
        "transfer_ids": [[transfer_id(int(sequence[number])) for number in report.payments] for report in crimes.reports],
        "amount_minor": [sum(book.rows[number][2] for number in report.payments) for report in crimes.reports],
        "reported_at_ms": [report.at_ms for report in crimes.reports],
    }, schema={"report_id": pl.String, "account_id": pl.String, "transfer_ids": pl.List(pl.String), "amount_minor": pl.Int64, "reported_at_ms": pl.Int64})  # fmt: skip


def trade_id(place: int) -> str:
    """Id of an EXCHANGED event."""
    return f"X{place + 1:07d}"


def hop_id(place: int) -> str:
    """Id of a MOVED event."""
    return f"W{place + 1:07d}"


def _about(world: Underworld, gang: int) -> tuple[str, str]:
    return gang_id(gang), world.gangs[gang].typology.name


def _row(
    key: tuple[str, str], role: str, about: tuple[str, str], place: tuple[int, int] = (-1, -1), at_ms: int | None = None
) -> Row:
    chain, layer = place
    fraud = role != "victim"
    return (*key, about[0], role, chain_id(chain), about[1], fraud, layer if layer >= 0 else None, at_ms)


def _chain_accounts(world: Underworld, crimes: Crimes, ids: Ids, rows: list[Row]) -> set[int]:
    named: set[int] = set()
    for chain in crimes.chains:
        for account, (role, layer) in chain.members.items():
            named.add(account)
            about = _about(world, chain.gang.number)
            rows.append(_row(("Account", ids.account[account]), role, about, (chain.number, layer)))
    return named


def _other_members(world: Underworld, ids: Ids, named: set[int], rows: list[Row]) -> None:
    """Gang accounts that no chain happened to use, and those of recruiters and the controller."""
    for gang in world.gangs:
        roles = {account: "mule" for layer in gang.layers for account in layer}
        roles |= dict.fromkeys(gang.successors.values(), "mule")
        roles |= dict.fromkeys(gang.layers[-1], "collector" if len(gang.layers) > 1 else "mule")
        roles |= dict.fromkeys(gang.cash_outs, "cash_out") | dict.fromkeys(gang.exchangers, "exchanger")
        roles |= dict.fromkeys(gang.recruiters, "recruiter") | {gang.controller: "controller"}
        for account, role in roles.items():
            if account not in named:
                named.add(account)
                rows.append(_row(("Account", ids.account[account]), role, _about(world, gang.number)))


def _people(town: Town, world: Underworld, ids: Ids, rows: list[Row]) -> None:
    for gang in world.gangs:
        about = _about(world, gang.number)
        roles: dict[int, str] = dict.fromkeys(sorted(gang.rented), "mule") | dict.fromkeys(
            sorted(gang.victims), "victim"
        )
        for account in gang.accounts:
            if account >= town.layout.fresh:
                person = town.people + world.fresh[account - town.layout.fresh].person
                special = {gang.controller: "controller"} | dict.fromkeys(gang.recruiters, "recruiter")
                roles[person] = special.get(account, roles.get(person, "mule"))
        rows.extend(_row(("Person", ids.person[person]), role, about) for person, role in roles.items())


def _coin_legs(world: Underworld, coins: CoinTrades, rows: list[Row]) -> None:
    for place, (*_, at, gang, chain, layer) in enumerate(coins.trades):
        if gang >= 0:
            rows.append(_row(("EXCHANGED", trade_id(place)), "exchange", _about(world, gang), (chain, layer), at))
    for place, (*_, at, gang, chain, layer) in enumerate(coins.hops):
        if gang >= 0:
            rows.append(_row(("MOVED", hop_id(place)), "layering", _about(world, gang), (chain, layer), at))


def _honest(label: str, ids: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "entity_type": [label] * len(ids),
            "entity_id": ids,
            "role": ["honest"] * len(ids),
            "is_fraud": [False] * len(ids),
        }
    )
    return frame.select(
        pl.col(name) if name in frame.columns else pl.lit(None, dtype=kind).alias(name) for name, kind in SCHEMA.items()
    )
