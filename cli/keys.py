"""Machines' API keys: list, add, revoke, where hold outcomes go."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import Format, show
from core.clock import iso, now_ms
from core.settings import Settings
from security.roles import system_actor
from usecases import api_keys, bootstrap, holds

app = typer.Typer(no_args_is_help=True, help="API keys of machines.")


@app.command("list")
def list_(form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE) -> None:
    """All keys, without their secrets."""
    with bootstrap.ledger_opened(Settings()) as services:
        keys = api_keys.list_keys(services, system_actor())
    rows = [(key.id, key.name, key.role, key.state(now_ms()), iso(key.expires_at_ms)) for key in keys]
    show(("id", "machine", "role", "state", "good until"), rows, form)


@app.command()
def add(name: str, role: str = "bank_system", days: Annotated[int, typer.Option(min=1, max=730)] = 90) -> None:
    """Make a key; prints it once."""
    with bootstrap.ledger_opened(Settings()) as services:
        print(api_keys.create(services, system_actor(), name, role, days).text)


@app.command()
def revoke(key_id: str) -> None:
    """End a key."""
    with bootstrap.ledger_opened(Settings()) as services:
        api_keys.revoke(services, system_actor(), key_id)


@app.command()
def webhook(key_id: str, endpoint: Annotated[str, typer.Argument(help="outbox endpoint; empty ends it")] = "") -> None:
    """Where outcomes of this key's holds are delivered."""
    with bootstrap.ledger_opened(Settings()) as services:
        holds.set_webhook(services, system_actor(), f"key-{key_id.removeprefix('key-')}", endpoint)
