"""Finding gangs: detect, findings, algorithms."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Any

import typer

from cli.output import Format, notes, show
from cli.progress import share_bar
from core.clock import iso
from core.errors import BadInput, Cancelled
from core.money import show as money
from core.settings import Settings
from graph.queries import findings as questions
from security.roles import system_actor
from usecases import bootstrap
from usecases.detect import chosen
from usecases.detect import detect as run_detection
from usecases.evaluate import rates_of
from usecases.pace import Pace
from usecases.run_plan import Planned, at_hand_bytes, planned
from usecases.services import Services


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(detect)
    app.command()(findings)
    app.command()(algorithms)


def detect(
    names: Annotated[list[str] | None, typer.Argument(help="Algorithms to run; see `ringtrace algorithms`")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Run every algorithm")] = False,
    engine: Annotated[
        str, typer.Option(help="auto (the rule is printed before the run), local, or gds on Neo4j")
    ] = "auto",
    params: Annotated[
        str, typer.Option(help='Parameters as JSON by algorithm: {"fan_in": {"window_s": 86400}}')
    ] = "{}",
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """Run detection and write the findings; earlier runs' findings stay."""
    if not names and not all_:
        raise BadInput("name an algorithm, or say --all")
    with bootstrap.running(Settings()) as services:
        show(COLUMNS, run_and_tell(services, names or [], parameters_of(params), engine), form, "Detection")


COLUMNS = ("algorithm", "findings", "involved", "seconds", "run")


def run_and_tell(
    services: Services, names: list[str], parameters: dict[str, dict[str, Any]], engine: str = "auto"
) -> list[tuple[Any, ...]]:
    """Run the algorithms with a progress bar; returns one row each in the order of COLUMNS.

    Tells first which engine each runs on and why, and the memory. Ctrl-C ends the run in order (KeyboardInterrupt).
    """
    rows: list[tuple[Any, ...]] = []
    with share_bar("detecting") as bar:
        pace = Pace([item.name for item in chosen(names)], lambda now: bar(now.share, f"{now.algorithm} {now.what}"))
        with _stopped_in_order(pace):
            # what is wrong with the request is said first, and alone
            run = run_detection(services, system_actor(), names, parameters=parameters, engine=engine, pace=pace)
            _tell_plan(planned(services, chosen(names), engine))
            for done in run:
                rows.append((done.algorithm, done.findings, done.members, f"{done.seconds:.1f}", done.run_id))
    return rows


def _tell_plan(plan: Sequence[Planned]) -> None:
    """One line for each engine and reason, and the memory beside what can be had."""
    grounds: dict[tuple[str, str], list[str]] = {}
    for item in plan:
        grounds.setdefault((item.engine, item.why), []).append(item.algorithm)
    for (engine, why), algorithms in grounds.items():
        notes.print(f"engine {engine} for {', '.join(algorithms)}: {why}", markup=False)
    most = max(plan, key=lambda item: item.needed_bytes)
    notes.print(
        f"memory: at most about {-(-most.needed_bytes // (1 << 20)):,} MiB ({most.algorithm}), {at_hand_bytes() >> 20:,} MiB can be had",
        markup=False,
    )


@contextmanager
def _stopped_in_order(pace: Pace) -> Iterator[None]:
    """Within it the first Ctrl-C ends the run at its next word of progress, so that what is being written is written
    whole; a second one ends at once. Only the main thread hears signals: elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        pace.stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Cancelled:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, before)


def parameters_of(text: str) -> dict[str, dict[str, Any]]:
    """Parameters by algorithm from their JSON. Raises BadInput saying what was expected."""
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
        if kind is not None and not page.total:
            _check_kind(services, kind)
        rates = rates_of(services, system_actor(), [item.properties for item in page.items])
    rows = [
        (*finding_row(dict(item.properties), item.id), rate.brief or "not measured")
        for item, rate in zip(page.items, rates, strict=True)
    ]
    show(
        ("finding", "kind", "score", "what", "amount", "from", "to", "members", "wrong of such on evaluation data"),
        rows,
        form,
        f"{len(rows)} of {page.total} findings",
    )
    if len(rows) < page.total:
        notes.print(f"showing {len(rows)} of {page.total}; --limit shows more")


def _check_kind(services: Services, kind: str) -> None:
    """Raises BadInput for a kind that is no algorithm and that no run ever left a finding of."""
    known = {item.name for item in chosen([])} | {run.kind for run in questions.runs(services.store)}
    if kind not in known:
        raise BadInput(f"--kind: unknown kind {kind!r}: use one of {', '.join(sorted(known))}")


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
