"""Generates a town: plans it, streams its days to Parquet parts, and writes the truth beside the facts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from core.clock import DAY_MS
from core.errors import BadInput, Conflict
from graph.schema import NODES
from loaders.town import contacts, links, nodes, seasons, truth, words
from loaders.town.balances import Balances
from loaders.town.bookings import Bookings, Moves, joined
from loaders.town.census import Town, settle
from loaders.town.coin import coin_tables
from loaders.town.customs import CoinTrades, plan_customs
from loaders.town.dice import Ints
from loaders.town.gangs import Underworld, default_gangs, found_gangs
from loaders.town.money import Routine, ordinary_day, plan_routine
from loaders.town.numbering import Ids, number_all
from loaders.town.parts import Part, PartWriter
from loaders.town.schemes import Crimes, commit_crimes
from loaders.town.typologies import Difficulty

FORMAT, VERSION = "ringtrace-town", 2
LEAST, MOST = 1_000, 10_000_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class GeneratedSummary:
    """What was written: folder, sizes, and how much of it is fraud. `files` counts Parquet files."""

    out: Path
    seed: int
    difficulty: str
    transfers: int
    accounts: int
    people: int
    gangs: int
    chains: int
    fraud_transfers: int
    reports: int
    files: int


@dataclass(frozen=True, slots=True)
class _Plan:
    town: Town
    world: Underworld
    book: Bookings
    coins: CoinTrades
    crimes: Crimes
    routine: Routine


def generate(
    out: Path, *, transfers: int, seed: int = 7, gangs: int | None = None, difficulty: Difficulty = "normal",
    progress: Progress = lambda _done, _total: None,
) -> GeneratedSummary:  # fmt: skip
    """Write a town of exactly `transfers` transfers (1,000 to 10,000,000) to the new folder `out`.

    The same arguments give the same rows. `gangs` defaults to one for about 125 fraudulent transfers. `progress` is
    called with (transfers written, all). Raises BadInput for a size out of range, Conflict when `out` already holds
    something. The folder appears whole or not at all.
    """
    if not LEAST <= transfers <= MOST:
        raise BadInput(f"transfers must be {LEAST:,} to {MOST:,}, not {transfers:,}")
    if gangs is not None and not 1 <= gangs <= max(1, transfers // 500):
        raise BadInput(f"gangs must be 1 to {max(1, transfers // 500):,} for {transfers:,} transfers, not {gangs:,}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Conflict(f"{out} already holds something; name a new folder or empty it first")
    plan = _plan(transfers, seed, gangs, difficulty)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        made = Path(scratch) / "town"
        made.mkdir()
        summary = _write(made, out, plan, difficulty, progress)
        if out.exists():
            out.rmdir()
        made.replace(out)
    return summary


def _plan(transfers: int, seed: int, gangs: int | None, difficulty: Difficulty) -> _Plan:
    town = settle(transfers, seed)
    world = found_gangs(town, default_gangs(transfers, difficulty) if gangs is None else gangs, difficulty)
    book, coins = Bookings(), CoinTrades()
    crimes = commit_crimes(town, world, book, coins)
    plan_customs(town, book, coins)
    try:
        routine = plan_routine(town, len(book))
    except ValueError as error:
        raise BadInput(str(error)) from error
    return _Plan(town, world, book, coins, crimes, routine)


def _write(root: Path, out: Path, plan: _Plan, difficulty: Difficulty, progress: Progress) -> GeneratedSummary:
    town, world = plan.town, plan.world
    handles = len(world.gangs) + max(1, town.people // 16)
    domains = len(world.gangs) + 12 + town.people // 5000
    counts, ids = number_all(town, world, plan.coins, domains, handles)
    sequence, opening, transfer_parts = _stream_days(root, plan, ids, progress)
    parts: list[Part] = []

    def put(stem: str, holds: str, frame: pl.DataFrame) -> None:
        writer = PartWriter(root, stem, holds)
        writer.add(frame.sort("id") if holds in NODES else frame)
        parts.extend(writer.close())

    names = nodes.names_of(town.seed, town.people + world.people)
    put("nodes/Person", "Person", nodes.persons(town, world, ids, names))
    put("nodes/Organization", "Organization", nodes.organizations(town, ids))
    put("nodes/Account", "Account", nodes.accounts(town, world, ids, names, opening))
    for label, frame in nodes.other_nodes(town, world, plan.coins, counts, ids):
        put(f"nodes/{label}", label, frame)
    for source in (
        links.links(town, world, plan.coins, counts, ids), coin_tables(plan.coins, ids),
        contacts.contacts(town, world, plan.crimes, counts, ids),
    ):  # fmt: skip
        for pair, frame in source:
            put("rels/" + "-".join(pair), "-".join(pair), frame)
    parts.extend(transfer_parts)
    writer = PartWriter(root, "truth/truth", "truth")
    for frame in truth.entity_truth(town, world, plan.crimes, plan.coins, (counts, ids)):
        writer.add(frame)
    writer.add(truth.transfer_truth(world, plan.book, sequence))
    parts.extend(writer.close())
    put("truth/reports", "reports", truth.report_rows(plan.crimes, plan.book, sequence, ids))
    summary = GeneratedSummary(
        out, town.seed, difficulty, sum(part.rows for part in transfer_parts), len(ids.account), len(ids.person),
        len(world.gangs), len(plan.crimes.chains), sum(row[0] >= 0 for row in plan.book.truth),
        len(plan.crimes.reports), len(parts),
    )  # fmt: skip
    _manifest(root, summary, parts)
    return summary


def _manifest(root: Path, summary: GeneratedSummary, parts: list[Part]) -> None:
    sizes = {key: value for key, value in asdict(summary).items() if key not in ("out", "files")}
    content = {"format": FORMAT, "version": VERSION, **sizes, "files": [asdict(part) for part in parts]}
    (root / "manifest.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _stream_days(root: Path, plan: _Plan, ids: Ids, progress: Progress) -> tuple[Ints, Ints, list[Part]]:
    """Write transfers day by day. Returns each booking's place in time order, opening balances, and the parts."""
    town, done = plan.town, 0
    balances, sequence = Balances(len(ids.account)), np.full(len(plan.book), -1, dtype=np.int64)
    writer = PartWriter(root, "rels/Account-TRANSFER-Account", "Account-TRANSFER-Account")
    legs = np.array([(t[0], -t[3] if t[2] else t[3], t[5]) for t in plan.coins.trades], dtype=np.int64).reshape(-1, 3)
    leg_day = (legs[:, 2] - seasons.START_MS) // DAY_MS
    for day, planned in enumerate(plan.book.by_day()):
        rows = joined([*ordinary_day(town, plan.routine, day), planned])
        booked = rows.plan >= 0
        sequence[rows.plan[booked]] = done + np.flatnonzero(booked)
        today = legs[leg_day == day]
        balances.apply(
            np.concatenate([rows.sender, rows.receiver, today[:, 0]]),
            np.concatenate([-rows.amount_minor, rows.amount_minor, today[:, 1]]),
            np.concatenate([rows.at_ms, rows.at_ms, today[:, 2]]),
        )
        writer.add(_frame(rows, ids, done))
        done += len(rows)
        progress(done, town.transfers)
    return sequence, balances.opening(town.seed, town.layout.fresh), writer.close()


def _frame(rows: Moves, ids: Ids, done: int) -> pl.DataFrame:
    number = pl.Series(np.arange(done + 1, done + len(rows) + 1)).cast(pl.String).str.zfill(9)
    return pl.DataFrame({
        "from_id": ids.account.gather(rows.sender), "to_id": ids.account.gather(rows.receiver), "id": "T" + number,
        "amount_minor": rows.amount_minor, "currency": pl.repeat("CNY", len(rows), eager=True), "at_ms": rows.at_ms,
        "channel": pl.Series(words.CHANNELS).gather(rows.channel),
        "status": pl.repeat("settled", len(rows), eager=True), "memo": pl.Series(words.MEMOS).gather(rows.memo),
    })  # fmt: skip
