"""The risk model: train, score-transfers."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import Format, notes, show
from core.clock import iso
from core.money import show as money
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, risk_model

SPLIT = (0.6, 0.2, 0.2)


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(train)
    app.command(name="score-transfers")(score_transfers)


def train(
    alerts_per_day: Annotated[float, typer.Option(help="How many alerts a day people can look at")] = 20.0,
    split: Annotated[
        tuple[float, float, float], typer.Option(help="Shares of the transfers by time: fit, calibrate, test")
    ] = SPLIT,
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """Fit the risk model on labelled transfers, in order of time; its card tells how it did on the last part."""
    with bootstrap.running(Settings()) as services:
        done = risk_model.train(services, system_actor(), alerts_per_day=alerts_per_day, split=split)
    test = done.card["test"]
    show(
        ("model", "average precision", "threshold", "alerts a day", "precision", "recall", "F1"),
        [(done.version, test["average_precision"], round(test["threshold"], 4), test["alerts_per_day"],
          test["precision"], test["recall"], test["f1"])],
        form, "On the test period",
    )  # fmt: skip
    notes.print(f"kept in {done.folder}; its card is card.md there. `ringtrace detect learned_risk` writes findings")


def score_transfers(
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many, the most probable first")] = 100,
    version: Annotated[str, typer.Option(help="Model version; the latest when not given")] = "",
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """Rank transfers by the risk model's probability; nothing is written."""
    with bootstrap.running(Settings()) as services:
        rows = risk_model.score(services, system_actor(), version=version, limit=limit)
    show(
        ("transfer", "probability", "payer", "payee", "amount", "at"),
        [(r.transfer_id, round(r.probability, 4), r.payer, r.payee, money(r.amount_minor, r.currency), iso(r.at_ms)) for r in rows],
        form,
    )  # fmt: skip
