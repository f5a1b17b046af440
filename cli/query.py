"""Analysts' read-only Cypher from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.output import Format, notes, show
from core.errors import BadInput
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, console


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(query)


def query(
    cypher: Annotated[str, typer.Argument(help="Read-only Cypher, or @file")],
    params: Annotated[str, typer.Option(help="Parameters as a JSON object")] = "{}",
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
    rows: Annotated[int | None, typer.Option(min=1, help="Row limit")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Time limit")] = None,
) -> None:
    """Run one read-only Cypher query in the sandbox, under its time and row limits."""
    text = Path(cypher[1:]).read_text(encoding="utf-8") if cypher.startswith("@") else cypher
    try:
        values = json.loads(params)
    except json.JSONDecodeError as error:
        raise BadInput(f"--params is not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(values, dict):
        raise BadInput("--params: expected a JSON object")
    settings = Settings()
    limits = {"console_seconds": seconds or settings.console_seconds, "console_rows": rows or settings.console_rows}
    with bootstrap.running(settings.model_copy(update=limits)) as services:
        result = console.run(services, system_actor(), text, values).result
    show(result.columns, result.rows, form)
    if result.truncated:
        more = "the answer is too large, return fewer columns" if result.over_bytes else "--rows shows more"
        notes.print(f"showing the first {len(result.rows)} rows; {more}")
