"""Changes of endpoints that wait: list, approve, reject. The operator at the data folder is a second person too."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import Format, show
from core.clock import iso
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, deliveries, endpoint_changes

app = typer.Typer(no_args_is_help=True, help="Changes of endpoints proposed by an administrator.")


@app.command("list")
def list_(form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE) -> None:
    """Changes, those that wait first."""
    with bootstrap.ledger_opened(Settings()) as services:
        changes = deliveries.listed(services, system_actor(), limit=1).changes
    rows = [
        (c.id, c.version, c.state, c.action, c.endpoint, c.was_address, c.address, c.proposed_by, iso(c.proposed_at_ms), c.why)
        for c in changes
    ]  # fmt: skip
    show(("id", "version", "state", "action", "endpoint", "now at", "address", "proposed by", "at", "why"), rows, form)


@app.command()
def approve(change: str, version: Annotated[int, typer.Option(help="as `list` shows it")]) -> None:
    """Approve a change as it was listed; prints the secret Ringtrace signs with where there is a new one."""
    with bootstrap.ledger_opened(Settings()) as services:
        made = endpoint_changes.approve(services, system_actor(), change, version)
        if made.secret_for(system_actor().id):
            print(endpoint_changes.take_secret(services, system_actor(), change).text)


@app.command()
def reject(change: str, note: Annotated[str, typer.Option(help="why")] = "") -> None:
    """Reject a change."""
    with bootstrap.ledger_opened(Settings()) as services:
        endpoint_changes.reject(services, system_actor(), change, note)
