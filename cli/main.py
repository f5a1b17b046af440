"""The `ringtrace` command. Errors are one line on stderr and a non-zero exit; a traceback is a bug."""

from __future__ import annotations

import os
import sys

import click
import typer

from cli import casework, data, detection, endpoints, evaluation, export, keys, learned, people, query, server
from cli.output import notes
from core.errors import RingtraceError

app = typer.Typer(
    name="ringtrace", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Graph-based fraud network intelligence: load, detect, explore, query, export.",
)  # fmt: skip
for group in (data, detection, evaluation, learned, query, export, server):
    group.register(app)
app.add_typer(casework.app, name="cases")
app.add_typer(people.app, name="users")
app.add_typer(keys.app, name="keys")
app.add_typer(endpoints.app, name="endpoints")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 failed, 2 wrong usage or input, 130 interrupted."""
    os.umask(0o077)  # ledger, store, database and exports hold personal data: for the owner alone
    try:
        app(args=arguments, standalone_mode=False)
    except RingtraceError as error:
        notes.print(f"ringtrace: {error}", markup=False, style="red")
        return 2 if error.status < 500 else 1
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return error.exit_code
    except (click.exceptions.Exit, SystemExit) as error:
        return int(getattr(error, "exit_code", getattr(error, "code", 0)) or 0)
    except (KeyboardInterrupt, click.exceptions.Abort):
        notes.print("ringtrace: stopped; what was written is whole")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
