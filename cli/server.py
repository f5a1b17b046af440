"""Running the service: up (first run and serve), serve, doctor."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from typing import Annotated, NoReturn

import typer

from cli.output import Format, notes, show
from core.errors import RingtraceError
from core.settings import Settings
from usecases import bootstrap, people
from usecases.services import Services


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(up)
    app.command()(serve)
    app.command()(doctor)


def up(
    transfers: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="Size of the generated network")] = 100_000,
    seed: Annotated[int, typer.Option(help="Seed of the generated network")] = 7,
) -> None:
    """First run: generate a network, load it, detect, make an administrator. Every run: serve the web UI."""
    settings = Settings()
    services = bootstrap.open_ledger(settings)  # the serving process opens the store and brings it up to date
    try:
        first = not services.ledger.head_seq()
        if first:
            bootstrap.close(services)
            services = bootstrap.open_services(settings)
            _first_data(services, transfers, seed)
        password = people.create_first_admin(services)
    finally:
        bootstrap.close(services)
    if password:
        print(
            f"\nSign in as admin with the one-time password  {password}\n(shown this once; you choose your own at the first sign-in)\n",
            flush=True,
        )
    if first:
        _serve_afresh()
    _serve(settings)


def _first_data(services: Services, transfers: int, seed: int) -> None:
    # wanted once in an installation's life: loading and detection take seconds to import
    from cli.data import tell
    from cli.detection import COLUMNS, run_and_tell
    from cli.progress import bytes_bar, rows_bar
    from loaders.town import generate
    from security.roles import system_actor
    from usecases.load import load as load_source

    folder = services.settings.home / "generated"
    notes.print(f"generating a network of about {transfers:,} transfers (seed {seed})")
    generate(folder, transfers=transfers, seed=seed, difficulty="normal")
    with bytes_bar("reading") as reading, rows_bar("applying") as applying:
        tell(load_source(services, system_actor(), folder, reading=reading, applying=applying))
    show(COLUMNS, run_and_tell(services, [], {}), Format.TABLE, "What detection found")


def serve() -> None:
    """Serve the web UI and API on the address of the settings."""
    _serve(Settings())


def _serve_afresh() -> NoReturn:
    """`ringtrace serve` in the place of this process.

    The serving process is forked, and detection has started pools of threads here that a fork does not take along:
    the first to use one there would wait for good. It also gives back the memory of the detection.
    """
    os.execv(sys.executable, [sys.executable, "-m", "cli.main", "serve"])  # noqa: S606  (no shell wanted)


def _serve(settings: Settings) -> None:
    from webui.serve import serve as serve_web

    print(f"Ringtrace is at http://{settings.host}:{settings.port}  (Ctrl+C stops it)", flush=True)
    serve_web(settings)


def doctor(form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE) -> None:
    """Say what is available, what is not, and why."""
    from usecases.doctor import examine

    settings = Settings()
    rows = [(check.name, "ok" if check.ok else "NO", check.says) for check in examine(settings)]
    rows += [("java", "ok" if shutil.which("java") else "NO", "only for tests that start Neo4j")]
    rows += [("peers", "ok" if importlib.util.find_spec("igraph") else "NO", "only for `make bench`")]
    show(("part", "state", "what"), rows, form)
    if any(row[1] == "NO" for row in rows[:-2]):
        raise RingtraceError("something needed is missing; see the table")
