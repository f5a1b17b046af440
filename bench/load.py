"""Loading transfers and accounts from CSV: ours (validation, ledger, store) beside Ladybug's bare COPY of the same rows.

`python -m bench.load [TRANSFERS [TURNS]]`; 1,000,000 and 3 unless said. RINGTRACE_BUFFER_POOL_MB is the page memory of
both sides; where it is too little for the bare COPY, that is said and there is no ratio. With NEO4J_URI and NEO4J_PASSWORD set, also onto Neo4j
(its database is emptied!), beside the bare driver.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.measure import Measured, in_child, machine

MAPPING = """\
files:
- file: accounts.csv
  target: Account
  columns: {id: account, name: holder, institution: bank, kind: {value: bank}}
- file: transfers.csv
  target: TRANSFER
  zone: Asia/Shanghai
  columns:
    id: serial
    from_id: payer
    to_id: payee
    amount_minor: {heading: amount, unit: major}
    currency: currency
    at_ms: time
    channel: channel
"""
HERE = {"source": pl.lit("bare.csv"), "load_seq": pl.lit(1), "loaded_at_ms": pl.lit(0)}
AT_ONCE = 1_000_000
"""Transfers made at a time, so that making the input takes less memory than loading it."""


def make_input(folder: str, transfers: str) -> tuple[dict[str, float], dict[str, int]]:
    """Write the input as a bank would, and the same rows in the store's own columns for the bare COPY."""
    started, out, size = time.perf_counter(), Path(folder), int(transfers)
    count, rng = max(1000, size // 10), np.random.default_rng(7)
    ids = pl.Series([f"bank:{number:012d}" for number in range(count)])
    accounts = pl.DataFrame(
        {"account": ids, "holder": [f"holder {number}" for number in range(count)], "bank": "First Bank"}
    )
    accounts.write_csv(out / "accounts.csv")
    _write_bare_nodes(out, accounts)
    popular = rng.permutation(count)  # collectors stand anywhere in the bank's file
    with (out / "transfers.csv").open("wb") as ours_file, (out / "bare_transfers.csv").open("wb") as bare_file:
        for first in range(0, size, AT_ONCE):
            frame = _transfers(first, min(AT_ONCE, size - first), size, ids, popular, rng)
            _as_a_bank(frame).write_csv(ours_file, include_header=not first)
            _as_the_store(frame).write_csv(bare_file, include_header=not first)
    (out / "mapping.yaml").write_text(MAPPING)
    return {"make": time.perf_counter() - started}, {"csv_mib": (out / "transfers.csv").stat().st_size >> 20}


def _transfers(
    first: int, rows: int, size: int, ids: pl.Series, popular: npt.NDArray[np.int64], rng: np.random.Generator
) -> pl.DataFrame:
    """Transfers number `first` and following, in order of time."""
    count, span = len(ids), 7_000_000
    at_s = np.sort(rng.integers(span * first // size, span * (first + rows) // size, rows)) + 1_700_000_000
    payees = popular[(rng.pareto(1.2, rows) * 50).astype(np.int64) % count]
    return pl.DataFrame({
        "number": np.arange(first, first + rows), "payer": ids.gather(rng.integers(0, count, rows)), "payee": ids.gather(payees),
        "fen": np.minimum(rng.lognormal(11, 1.5, rows), 10**12).astype(np.int64) + 1, "currency": "CNY", "at_ms": at_s * 1000,
        "channel": "transfer",
    }).with_columns(serial=pl.format("T{}", pl.col("number").cast(pl.String).str.zfill(12)))  # fmt: skip


def _as_a_bank(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "serial", "payer", "payee",
        amount=pl.format("{}.{}", pl.col("fen") // 100, (pl.col("fen") % 100).cast(pl.String).str.zfill(2)),
        currency="currency",
        time=pl.from_epoch("at_ms", "ms").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M:%S"),
        channel="channel",
    )  # fmt: skip


def _as_the_store(frame: pl.DataFrame) -> pl.DataFrame:
    from graph.model import arrow_schema

    rows = frame.with_columns(
        id="serial", from_id="payer", to_id="payee", amount_minor="fen", source_row=pl.col("number") + 1, **HERE
    )
    return _in_order(rows, arrow_schema("TRANSFER").names)


def _write_bare_nodes(out: Path, accounts: pl.DataFrame) -> None:
    from graph.model import arrow_schema

    rows = accounts.with_row_index("source_row", 1).with_columns(
        id="account", name="holder", institution="bank", kind=pl.lit("bank"), **HERE
    )
    _in_order(rows, arrow_schema("Account").names).write_csv(out / "bare_accounts.csv")
    # The bank named with each account becomes a node and a relationship of ours: the bare COPY gets those rows too.
    banks = pl.DataFrame(
        {"id": ["First Bank"], "name": ["First Bank"], "kind": ["bank"], "source_row": [0]}
    ).with_columns(**HERE)
    _in_order(banks, arrow_schema("Organization").names).write_csv(out / "bare_organizations.csv")
    held = accounts.with_row_index("source_row", 1).with_columns(
        id=pl.format("held-{}", "account"), from_id="account", to_id=pl.lit("First Bank"), **HERE
    )
    _in_order(held, arrow_schema("HELD_AT").names).write_csv(out / "bare_held.csv")


def _in_order(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return frame.select(
        [pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name) for name in names]
    )


def bare_copy(folder: str) -> tuple[dict[str, float], dict[str, int]]:
    """The same rows by Ladybug's own COPY from CSV into the same tables, nothing checked."""
    import ladybug

    from graph.stores.ladybug_ddl import statements

    pool_bytes = int(os.environ.get("RINGTRACE_BUFFER_POOL_MB", "1024")) << 20
    database = ladybug.Database(f"{folder}/bare.lbug", buffer_pool_size=pool_bytes, max_num_threads=2)
    connection = ladybug.Connection(database)
    for statement in statements():
        connection.execute(statement)
    started = time.perf_counter()
    connection.execute(f"COPY Account FROM '{folder}/bare_accounts.csv' (header=true)")
    connection.execute(f"COPY Organization FROM '{folder}/bare_organizations.csv' (header=true)")
    connection.execute(f"COPY HELD_AT FROM '{folder}/bare_held.csv' (header=true)")
    connection.execute(f"COPY TRANSFER FROM '{folder}/bare_transfers.csv' (header=true)")
    connection.execute("CHECKPOINT")
    seconds = {"total": time.perf_counter() - started}
    rows = connection.execute("MATCH ()-[t:TRANSFER]->() RETURN count(t)").get_all()[0][0]
    return seconds, {"transfers": rows}


def ours(folder: str) -> tuple[dict[str, float], dict[str, int]]:
    """The product's own way: both CSV files by mapping, every row checked, into the ledger, then the store."""
    from core.settings import Settings
    from security.roles import system_actor
    from usecases import bootstrap
    from usecases.load import load

    services = bootstrap.open_services(Settings(home=Path(folder) / "home", store="ladybug"))
    import pandas  # noqa: F401  (Ladybug imports it at the first parameter; imports are left out on both sides)

    from loaders._base import catalog

    catalog()
    marks: list[float] = []
    started = time.perf_counter()
    source = Path(folder) / "input"
    source.mkdir()
    for name in ("accounts.csv", "transfers.csv"):
        os.link(f"{folder}/{name}", source / name)
    report = load(
        services, system_actor(), source, format_name="delimited", options={"mapping": f"{folder}/mapping.yaml"},
        applying=lambda _what, _rows: marks.append(time.perf_counter()),
    )  # fmt: skip
    ended = time.perf_counter()
    apply_from = services.ledger.entries()[-1].created_at_ms / 1000 - (time.time() - time.perf_counter())
    seconds = {"total": ended - started, "read_check_ledger": apply_from - started, "apply": ended - apply_from}
    counts = services.store.counts()
    bootstrap.close(services)
    return seconds, {"transfers": counts["TRANSFER"], "accounts": counts["Account"], "rejected": report.rows_rejected}


def neo4j_apply(folder: str) -> tuple[dict[str, float], dict[str, int]]:
    """Apply the ledger of `ours` to an emptied Neo4j."""
    from core.settings import Settings
    from graph.stores import discard_store, open_store
    from ledger.projection import catch_up
    from usecases import bootstrap

    settings = Settings(home=Path(folder) / "home", store="neo4j")
    services = bootstrap.open_ledger(settings)
    discard_store(settings)
    store = open_store(settings)
    started = time.perf_counter()
    catch_up(services.ledger, store)
    seconds = {"total": time.perf_counter() - started}
    counts = store.counts()
    discard_store(settings)
    store.close()
    return seconds, {"transfers": counts["TRANSFER"], "accounts": counts["Account"]}


def _say(name: str, size: int, done: Measured) -> None:
    steps = ", ".join(f"{step} {value:.2f} s" for step, value in done.seconds.items() if step != "total")
    rate = size / done.seconds["total"]
    print(
        f"{name:<34}{done.seconds['total']:>8.2f} s {rate:>10,.0f} transfers/s  peak {done.peak_mib:>6,.0f} MiB  {steps}",
        flush=True,
    )


def _bare_or_why_not(folder: str, size: int) -> Measured | None:
    try:
        bare = in_child("bench.load", "bare_copy", folder)
    except RuntimeError as error:
        print(f"Ladybug bare COPY from CSV did not hold: {str(error).strip().splitlines()[-1][:120]}", flush=True)
        for item in Path(folder).glob("bare.lbug*"):
            item.unlink()
        return None
    _say("Ladybug bare COPY from CSV", size, bare)
    return bare


def _forget(folder: Path) -> None:
    """Remove what a turn wrote, keep the input."""
    for name in ("home", "input"):
        shutil.rmtree(folder / name)
    for item in folder.glob("bare.lbug*"):
        item.unlink()


def main(size: int = 1_000_000, turns: int = 3) -> None:
    """Run all, print the ratios."""
    print(f"load: {size:,} transfers, {max(1000, size // 10):,} accounts from CSV; {machine()}")
    with tempfile.TemporaryDirectory(prefix="ringtrace-bench-") as folder:
        in_child("bench.load", "make_input", folder, str(size))
        ratios = []
        for turn in range(turns):  # in turns, because the machine is not always equally quiet
            bare = _bare_or_why_not(folder, size)
            mine = in_child("bench.load", "ours", folder)
            _say("Ringtrace load", size, mine)
            assert mine.figures["transfers"] == size
            if bare is not None:
                assert bare.figures["transfers"] == size
                ratios.append(mine.seconds["total"] / bare.seconds["total"])
                print(f"ratio ours / bare COPY: {ratios[-1]:.2f} (goal: at most 1.5)", flush=True)
            if turn + 1 < turns:
                _forget(Path(folder))
        print(f"ratios of {len(ratios)} turns: {', '.join(f'{ratio:.2f}' for ratio in sorted(ratios))}")
        if os.environ.get("NEO4J_URI"):
            done = in_child("bench.load", "neo4j_apply", folder)
            _say("Ringtrace apply on Neo4j", size, done)


if __name__ == "__main__":
    main(*[int(text) for text in sys.argv[1:3]])
