"""People who may sign in: users list, add, roles, reset, disable, enable."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import Format, show
from core.clock import iso
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, people

app = typer.Typer(no_args_is_help=True, help="People who may sign in, and their roles.")
_Roles = Annotated[list[str], typer.Option("--role", help="Role; repeatable")]


@app.command("list")
def list_(form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE) -> None:
    """Everyone who may sign in."""
    with bootstrap.ledger_opened(Settings()) as services:
        everyone = people.list_people(services, system_actor())
    rows = [
        (
            p.name,
            p.full_name,
            ", ".join(sorted(p.roles)),
            p.is_enabled,
            iso(p.last_sign_in_ms) if p.last_sign_in_ms else "",
        )
        for p in everyone
    ]
    show(("name", "full name", "roles", "enabled", "last sign-in"), rows, form)


@app.command()
def add(name: str, role: _Roles, full_name: Annotated[str, typer.Option(help="Full name")] = "") -> None:
    """Add a person; prints a one-time password that must be changed at the first sign-in."""
    with bootstrap.ledger_opened(Settings()) as services:
        made = people.create(services, system_actor(), name, role, full_name)
    print(f"{made.person.name}: one-time password {made.password}")


@app.command()
def roles(name: str, role: _Roles) -> None:
    """Give a person exactly these roles; their sessions end."""
    with bootstrap.ledger_opened(Settings()) as services:
        person = people.by_name(services, system_actor(), name)
        print(f"{name}: {', '.join(sorted(people.set_roles(services, system_actor(), person.id, role).roles))}")


@app.command()
def reset(name: str) -> None:
    """Replace a forgotten password by a one-time one."""
    with bootstrap.ledger_opened(Settings()) as services:
        person = people.by_name(services, system_actor(), name)
        print(f"{name}: one-time password {people.reset_password(services, system_actor(), person.id).password}")


@app.command()
def disable(name: str) -> None:
    """Keep a person from signing in; their sessions end."""
    _set_enabled(name, False)


@app.command()
def enable(name: str) -> None:
    """Let a disabled or locked person sign in again."""
    _set_enabled(name, True)


def _set_enabled(name: str, enabled: bool) -> None:
    with bootstrap.ledger_opened(Settings()) as services:
        person = people.by_name(services, system_actor(), name)
        people.set_enabled(services, system_actor(), person.id, enabled)
    print(f"{name}: {'enabled' if enabled else 'disabled'}")
