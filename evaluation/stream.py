"""A generated town replayed as a stream: how much gang money scoring stops, for how many honest transfers stopped.

Nothing is really stopped: the stream goes on as it was, so that every threshold sees the same transfers. Accounts become
known-bad when a victim reports them, never before; detection's findings are left out, because they would be hindsight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evaluation.truth import join
from graph.intake import Intake
from loaders import synthetic
from loaders._base import LoadContext
from scoring import ruleset
from scoring.decide import judge_all
from scoring.feed import Fed, feed
from scoring.ruleset import RuleSet
from scoring.state import State

THRESHOLDS = (0.3, 0.35, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Point:
    """At one threshold: shares of gang money stopped at the victim's own payment, and before the second hop is through;
    share of honest transfers stopped."""

    threshold: float
    first_hop: float
    second_hop: float
    honest: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve of one replay; `judged` transfers, `gang_money_minor` paid by victims among them."""

    judged: int
    gang_money_minor: int
    points: tuple[Point, ...]

    def frame(self) -> pl.DataFrame:
        """The points as a table, shares in percent."""
        return pl.DataFrame(
            [(p.threshold, round(100 * p.first_hop, 1), round(100 * p.second_hop, 1), round(100 * p.honest, 2)) for p in self.points],
            schema=["score from", "% gang money at hop 1", "% before hop 2 is through", "% honest stopped"], orient="row",
        )  # fmt: skip


def replay(folder: Path, *, network: bool, rules: RuleSet | None = None, judged_from: float = 0.5) -> Curve:
    """Score the town's transfers in time order, a day at a time; the part after `judged_from` of them is judged."""
    rules = rules or ruleset.parse(ruleset.default_text())
    intakes = list(synthetic.LOADER.read(folder, {}, LoadContext()))
    state = State(rules.kernel, rules.config.rates)
    fed = feed(state, (rows for intake in intakes for rows in intake.facts))
    matrix = _matrix(state, fed, _reported(folder, fed) if network else [], network)
    scores, _, _ = judge_all(rules, matrix, 0)
    truth = _truth(intakes, fed)
    start = int(len(fed.ids) * judged_from)
    return _curve(scores[start:], fed.events[start:, 2], truth.slice(start))


def _matrix(state: State, fed: Fed, reports: list[tuple[int, str]], network: bool) -> np.ndarray[Any, Any]:
    """Features of every transfer, reports of a day taking effect from the next day on."""
    events = fed.events
    events[:, 9] = int(network)
    days = events[:, 3] // DAY_MS
    bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(events)]
    parts, bad, due = [], set[str](), sorted(reports)
    for first, last in pairwise(bounds):
        before = len(bad)
        while due and due[0][0] < events[first, 3]:
            bad.add(due.pop(0)[1])
        if len(bad) > before:
            state.network({}, bad)
        parts.append(state.replay(events[first:last], fed.moved[first:last], keep=True))
    return np.concatenate(parts)


def _reported(folder: Path, fed: Fed) -> list[tuple[int, str]]:
    """(when, account) of every payee that a victim named."""
    payees = dict(zip(fed.ids, fed.events[:, 1].tolist(), strict=True))
    names = {place: name for name, place in _names(fed).items()}
    found = []
    for ids, at_ms in zip(
        *(synthetic.reports(folder)[name].to_pylist() for name in ("transfer_ids", "reported_at_ms")), strict=True
    ):
        for key in ids if isinstance(ids, list) else str(ids).split(","):
            if key in payees:
                found.append((int(at_ms), names[payees[key]]))
    return found


def _names(fed: Fed) -> dict[str, int]:
    """Account names by their index, read back from the transfers themselves."""
    moves = fed.frames[("TRANSFER", "Account", "Account")]
    place = dict(zip(fed.ids, range(len(fed.ids)), strict=True))
    return {payee: int(fed.events[place[key], 1]) for key, payee in moves.select("id", "to_id").rows() if key in place}


def _truth(intakes: Iterable[Intake], fed: Fed) -> pl.DataFrame:
    """One row a transfer in stream order: chain and layer, null for honest ones."""
    table = pl.DataFrame(pl.from_arrow(join(intake.truth for intake in intakes).table))
    rows = table.filter(pl.col("entity_type") == "TRANSFER").select("entity_id", "chain", "layer", "is_fraud")
    rows = rows.unique("entity_id", keep="first")
    return pl.DataFrame({"entity_id": fed.ids}).join(rows, on="entity_id", how="left", maintain_order="left")


def _curve(scores: np.ndarray[Any, Any], amounts: np.ndarray[Any, Any], truth: pl.DataFrame) -> Curve:
    frame = truth.with_columns(score=pl.Series(scores), amount=pl.Series(amounts))
    honest = frame.filter(~pl.col("is_fraud").fill_null(False) & pl.col("chain").is_null())["score"]
    first = frame.filter((pl.col("layer") == 1) & pl.col("chain").is_not_null())
    second = frame.filter((pl.col("layer") == 2) & pl.col("chain").is_not_null())
    paid = int(first["amount"].sum())
    points = []
    for threshold in THRESHOLDS:
        stopped = pl.col("amount").filter(pl.col("score") >= threshold).sum()
        one = first.group_by("chain").agg(pl.col("amount").sum().alias("paid"), stopped.alias("stopped"))
        two = second.group_by("chain").agg((stopped / pl.col("amount").sum()).alias("share"))
        both = one.join(two, on="chain", how="left").with_columns(pl.col("share").fill_null(0.0))
        at_one = int(both["stopped"].sum())
        at_two = float((both["stopped"] + (both["paid"] - both["stopped"]) * both["share"]).sum())
        share = float(np.mean(honest.to_numpy() >= threshold)) if len(honest) else 0.0
        points.append(Point(threshold, at_one / paid if paid else 0.0, at_two / paid if paid else 0.0, share))
    return Curve(len(scores), paid, tuple(points))
