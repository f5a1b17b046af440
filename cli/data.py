"""Getting data in: load, generate, rebuild, ledger."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.output import Format, notes, show
from cli.progress import bytes_bar, rows_bar
from core.clock import iso
from core.errors import BadInput, StoreUnavailable
from core.settings import Settings
from ledger.model import LoadReport
from security.roles import system_actor
from usecases import bootstrap
from usecases.load import load as load_source


class Difficulty(StrEnum):
    """How well the planted gangs hide."""

    EASY = "easy"
    NORMAL = "normal"
    HARD = "hard"


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(load)
    app.command()(generate)
    app.command()(rebuild)
    app.command()(ledger)


def load(
    path: Annotated[Path, typer.Argument(help="File or folder to load")],
    format_: Annotated[str | None, typer.Option("--format", help="Source format; guessed when left out")] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML column mapping for CSV and Parquet")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Option of the format as name=value; repeatable")] = None,
    dangling: Annotated[str, typer.Option(help="Unknown ends of a relationship: stub or reject")] = "stub",
    infer: Annotated[bool, typer.Option(help="Only propose a mapping from the file's headings and print it")] = False,
) -> None:
    """Load a file or folder: into the ledger whole or not at all, then into the graph store."""
    if infer:
        from loaders._infer import infer as propose_mapping

        print(propose_mapping(path), end="")
        return
    if dangling not in {"stub", "reject"}:
        raise BadInput(f"--dangling {dangling}: expected stub or reject")
    options = dict(_option(text) for text in option or [])
    if mapping is not None:
        options["mapping"] = str(mapping)
    settings = Settings()
    with rows_bar("catching up") as replay:
        try:
            services = bootstrap.open_services(settings, replay)
        except StoreUnavailable as error:
            if error.code != "store_locked":
                raise
            notes.print("The store is in use by the running service, which will apply the new batch by itself.")
            services = bootstrap.open_ledger(settings)
    try:
        with bytes_bar(f"reading {path.name}") as reading, rows_bar("applying") as applying:
            report = load_source(
                services, system_actor(), path, format_name=format_, options=options, dangling_ends=dangling,
                reading=reading, applying=applying,
            )  # fmt: skip
    finally:
        bootstrap.close(services)
    tell(report)


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"--option {text}: expected name=value")
    return name, value


def tell(report: LoadReport) -> None:
    """Say how a load ended, always with read = loaded + duplicate + rejected."""
    print(
        f"read {report.rows_read} = loaded {report.rows_loaded} + duplicate {report.rows_duplicate} "
        f"+ rejected {report.rows_rejected}"
    )
    if report.already:
        print(f"this source was loaded before as batch {report.already}: 0 new rows")
    elif not report.seq:
        print("0 new rows")
    for name, count in sorted(report.new.items()):
        print(f"  {count:>12,} new {name}")
    for name, count in sorted(report.changed.items()):
        print(f"  {count:>12,} changed {name}")
    for text in report.warnings:
        notes.print(f"note: {text}", markup=False)
    if report.report:
        notes.print(f"rejected rows: {report.report}", markup=False)


def generate(
    out: Annotated[Path, typer.Argument(help="Folder to write the generated data set to")],
    transfers: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="About how many transfers")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed and size give the same data")] = 7,
    difficulty: Annotated[Difficulty, typer.Option(help="How well the gangs hide")] = Difficulty.NORMAL,
) -> None:
    """Write a synthetic town with planted gangs, and the ground truth beside it; load it with `ringtrace load`."""
    from loaders.town import generate as generate_town

    summary = generate_town(out, transfers=transfers, seed=seed, difficulty=difficulty.value)
    print(
        f"{summary.out}: {summary.transfers:,} transfers, {summary.accounts:,} accounts, {summary.people:,} people; "
        f"{summary.gangs} gangs with {summary.chains:,} chains planted (truth/ beside it, never loaded as fact)"
    )


def rebuild(
    up_to: Annotated[int | None, typer.Option(min=1, help="Stop after this batch: the graph as of then")] = None,
) -> None:
    """Make the graph store anew from the ledger."""
    with rows_bar("rebuilding") as progress:
        applied = bootstrap.rebuild_store(Settings(), progress, up_to)
    print(f"rebuilt from {applied} batches")


def ledger(form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE) -> None:
    """List the batches of the ledger."""
    services = bootstrap.open_ledger(Settings())
    rows = [
        (
            e.seq,
            e.source,
            e.format,
            iso(e.created_at_ms),
            e.created_by,
            e.rows_read,
            e.rows_loaded,
            e.rows_duplicate,
            e.rows_rejected,
        )
        for e in services.ledger.entries()
    ]
    bootstrap.close(services)
    show(("batch", "source", "format", "loaded at", "by", "read", "loaded", "duplicate", "rejected"), rows, form)
