"""A simulated bank for drills and for trying an integration out: serve, example."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from cases import bank_book, bank_script
from cli.output import notes
from core.errors import BadInput
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, scripted_bank

app = typer.Typer(no_args_is_help=True, help="A bank that answers stop-payment orders by a script, for drills.")
EXAMPLE = """{
  "rules": [
    {"account": "*0000", "answer": "refused", "reason": "there is no such account here"},
    {"account": "*1111", "answer": "silent"},
    {"account": "*2222", "answer": "gone", "after_s": 20, "next_hops": [
      {"bank": "ccb", "account": "6222020200099999999", "holder": "赵二", "amount_minor": 2900000}]},
    {"bank": "abc", "times": 2, "fault": "503"},
    {"bank": "abc", "answer": "acknowledged", "then": [{"answer": "frozen_part", "share": 0.4, "after_s": 60}]},
    {"answer": "frozen", "after_s": 10}
  ],
  "returns": "paid"
}"""


@app.command()
def serve(
    script: Annotated[
        Path | None, typer.Option(help="Rules as `ringtrace bank example` prints them; all is frozen without")
    ] = None,
    book: Annotated[
        Path | None, typer.Option(help="Accounts and payments; then orders are checked by the rule")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1")] = 8790,
    service: Annotated[str, typer.Option(help="Where Ringtrace is served")] = "http://127.0.0.1:8000",
) -> None:
    """Play every bank whose endpoint is http://127.0.0.1:PORT/NAME; what it says is printed. Stop with Ctrl-C."""
    rules = bank_script.parse(_text(script) if script else "{}")
    kept = bank_book.read(_text(book)) if book else None
    with bootstrap.ledger_opened(Settings()) as services:
        scripted_bank.serve(services, system_actor(), rules, kept, port, service, threading.Event(), _tell)


@app.command()
def example() -> None:
    """Print a script that shows every kind of rule."""
    print(EXAMPLE)


def _tell(line: str) -> None:
    notes.print(line, markup=False, soft_wrap=True)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: expected UTF-8 text ({error.reason} at byte {error.start})") from error
