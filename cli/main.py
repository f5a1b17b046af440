"""The `ringtrace` command. Errors are one line on stderr and a non-zero exit; a traceback is a bug."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import typer
from pydantic import ValidationError
from typer._click.exceptions import ClickException, UsageError  # typer carries its own click: ours would catch nothing

from cli.output import notes
from core.errors import RingtraceError

#: The commands of each file here. Only the file of the command called is imported: detection and casework take seconds.
COMMANDS = {
    "data": ("load", "generate", "rebuild", "ledger"),
    "detection": ("detect", "findings", "algorithms"),
    "evaluation": ("evaluate",),
    "learned": ("train", "score-transfers"),
    "query": ("query",),
    "export": ("export",),
    "server": ("up", "serve", "doctor"),
}
#: Commands with commands of their own, and the file of each.
GROUPS = {"cases": "casework", "users": "people", "keys": "keys", "endpoints": "endpoints", "bank": "bank"}


def app_for(called: str) -> typer.Typer:
    """The command line with the command called; with all of them when there is none of that name."""
    app = typer.Typer(
        name="ringtrace", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="Graph-based fraud network intelligence: load, detect, explore, query, export.",
    )  # fmt: skip
    known = called in GROUPS or any(called in names for names in COMMANDS.values())
    for file, names in COMMANDS.items():
        if called in names or not known:
            import_module(f"cli.{file}").register(app)
    for name, file in GROUPS.items():
        if called == name or not known:
            app.add_typer(import_module(f"cli.{file}").app, name=name)
    app.callback()(lambda: None)  # else an application of one command takes its name for the first argument
    return app


#: Exit status of a command that Ctrl-C ended, as shells have it (128 + SIGINT).
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 failed, 2 wrong usage or input, 130 interrupted."""
    os.umask(0o077)  # ledger, store, database and exports hold personal data: for the owner alone
    try:
        given = sys.argv[1:] if arguments is None else arguments
        ended = app_for(given[0] if given else "")(args=given, prog_name="ringtrace", standalone_mode=False)
    except RingtraceError as error:
        _say(str(error))
        return 2 if error.status < 500 else 1
    except ClickException as error:
        _say(f"{error.format_message()}{_help(error)}")
        return error.exit_code
    except ValidationError as error:
        _say(_setting(error))
        return 2
    except OSError as error:
        if error.strerror is None:
            raise
        _say(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
        return 1
    except (typer.Exit, SystemExit) as error:
        return int(getattr(error, "exit_code", getattr(error, "code", 0)) or 0)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    # Typer turns Ctrl-C and `typer.Exit` into what the call gives back, not into an exception.
    return _interrupted() if ended == INTERRUPTED else ended if isinstance(ended, int) else 0


def _interrupted() -> int:
    notes.print("ringtrace: stopped; what was written is whole")
    return INTERRUPTED


def _say(message: str) -> None:
    notes.print(f"ringtrace: {' '.join(message.split())}", markup=False, style="red", soft_wrap=True)


def _help(error: ClickException) -> str:
    """Where the usage stands; a wrong command gets it with the name of what was called."""
    context = error.ctx if isinstance(error, UsageError) else None
    return f" (see: {context.command_path} --help)" if context else ""


def _setting(error: ValidationError) -> str:
    """The first value that does not fit, by the name it has in the environment; the value itself may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    name = "_".join(map(str, first["loc"])).upper()
    known = name if name.startswith(("RINGTRACE_", "NEO4J_")) else f"RINGTRACE_{name}"
    return f"{known if error.title == 'Settings' else name or 'a value'}: {first['msg'].removeprefix('Value error, ')}"


if __name__ == "__main__":
    sys.exit(main())
