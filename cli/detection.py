"""Finding gangs: detect, findings, algorithms."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cli.output import Format, notes, show
from cli.progress import share_bar
from core.clock import iso
from core.errors import BadInput
from core.money import show as money
from core.settings import Settings
from graph.queries import findings as questions
from security.roles import system_actor
from usecases import bootstrap
from usecases.detect import chosen
from usecases.detect import detect as run_detection
from usecases.pace import Pace
from usecases.services import Services


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(detect)
    app.command()(findings)
    app.command()(algorithms)


def detect(
    names: Annotated[list[str] | None, typer.Argument(help="Algorithms to run; see `ringtrace algorithms`")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Run every algorithm")] = False,
    engine: Annotated[str, typer.Option(help="local, or gds on Neo4j")] = "local",
    params: Annotated[
        str, typer.Option(help='Parameters as JSON by algorithm: {"fan_in": {"window_s": 86400}}')
    ] = "{}",
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """Run detection and write the findings; earlier runs' findings stay."""
    if not names and not all_:
        raise BadInput("name an algorithm, or say --all")
    with bootstrap.running(Settings()) as services:
        show(COLUMNS, run_and_tell(services, names or [], _parameters(params), engine), form, "Detection")


COLUMNS = ("algorithm", "findings", "involved", "seconds", "run")


def run_and_tell(
    services: Services, names: list[str], parameters: dict[str, dict[str, Any]], engine: str = "local"
) -> list[tuple[Any, ...]]:
    """Run the algorithms with a progress bar; returns one row each in the order of COLUMNS."""
    rows: list[tuple[Any, ...]] = []
    with share_bar("detecting") as bar:
        pace = Pace([item.name for item in chosen(names)], lambda now: bar(now.share, f"{now.algorithm} {now.what}"))
        for done in run_detection(services, system_actor(), names, parameters=parameters, engine=engine, pace=pace):
            rows.append((done.algorithm, done.findings, done.members, f"{done.seconds:.1f}", done.run_id))
    return rows


def _parameters(text: str) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"--params is not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(found, dict) or not all(isinstance(item, dict) for item in found.values()):
        raise BadInput('--params: expected an object by algorithm, like {"fan_in": {"window_s": 86400}}')
    return found


def findings(
    kind: Annotated[str | None, typer.Option(help="Only this algorithm's findings")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many")] = 20,
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """List findings, the most suspicious first. Each is a suggestion until a person adopts it."""
    with bootstrap.running(Settings()) as services:
        page = questions.list_findings(services.store, kind=kind, limit=limit)
    rows = [finding_row(dict(item.properties), item.id) for item in page.items]
    show(
        ("finding", "kind", "score", "what", "amount", "from", "to", "members"),
        rows,
        form,
        f"{len(rows)} of {page.total} findings",
    )
    if len(rows) < page.total:
        notes.print(f"showing {len(rows)} of {page.total}; --limit shows more")


def finding_row(found: dict[str, Any], key: str) -> tuple[Any, ...]:
    """One finding for a list: id, kind, score, title, amount, first and last event, size."""
    amount, currency = found.get("amount_minor"), found.get("currency")
    return (
        key, found["kind"], f"{found['score']:.2f}", found["title"],
        money(amount, currency) if amount is not None and currency else "",
        iso(found["starts_ms"]) if found.get("starts_ms") is not None else "",
        iso(found["ends_ms"]) if found.get("ends_ms") is not None else "",
        found.get("size"),
    )  # fmt: skip


def algorithms(form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE) -> None:
    """List the algorithms, their parameters and engines."""
    rows = [
        (item.name, item.version, item.title, ", ".join(item.engines),
         ", ".join(f"{name}={field.default}" for name, field in item.params.model_fields.items()))
        for item in chosen([])
    ]  # fmt: skip
    show(("algorithm", "version", "what it finds", "engines", "parameters"), rows, form)
