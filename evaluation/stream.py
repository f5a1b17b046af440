"""A generated town replayed as a stream: how much gang money scoring stops, for how many honest transfers stopped.

Nothing is really stopped: the stream goes on as it was, so that every threshold sees the same transfers. Detection runs at
intervals on what had happened by then, as the service runs it; accounts become known-bad at the first such round after a
victim's report. No score depends on anything later than its transfer: `tests/evaluation/test_flight_stream.py` cuts the future away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from core.clock import DAY_MS
from evaluation.shelf import Shelf
from evaluation.stream_known import TICK_MS, Known, detected, known
from evaluation.truth import join
from graph.intake import Intake
from graph.model import RowSet
from loaders import synthetic
from loaders._base import LoadContext
from scoring import ruleset
from scoring.decide import judge_all
from scoring.feed import Fed, feed
from scoring.ruleset import RuleSet
from scoring.state import State
from scoring.suspicion import FIELD

THRESHOLDS = tuple(round(0.3 + 0.025 * step, 3) for step in range(25))
_MONEY = ("Account", "TRANSFER", "EXCHANGED")


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
    """The curve of one replay; `judged` transfers, `honest` of them honest, `gang_money_minor` paid by victims among them.

    `shipped` is what the rule set answers by itself, by scores, least answers and blocks together: anything but allow.
    """

    judged: int
    honest: int
    gang_money_minor: int
    points: tuple[Point, ...]
    shipped: Point

    def at(self, threshold: float) -> Point:
        """The point of that threshold. Raises StopIteration for one that is not on the curve."""
        return next(point for point in self.points if point.threshold == threshold)

    def frame(self) -> pl.DataFrame:
        """The points as a table, shares in percent."""
        return pl.DataFrame(
            [(p.threshold, round(100 * p.first_hop, 1), round(100 * p.second_hop, 1), round(100 * p.honest, 2)) for p in self.points],
            schema=["score from", "% gang money at hop 1", "% before hop 2 is through", "% honest stopped"], orient="row",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """Every transfer in stream order: id, amount in fen, score, and whether the rule set answers anything but allow."""

    ids: list[str]
    amounts: np.ndarray[Any, Any]
    scores: np.ndarray[Any, Any]
    stopped: np.ndarray[Any, Any]


def replay(
    folder: Path, *, network: bool, rules: RuleSet | None = None, judged_from: float = 0.5, every_ms: int = DAY_MS,
    algorithms: Sequence[str] = tuple(FIELD),
) -> Curve:  # fmt: skip
    """Score the town's transfers in time order; the part after `judged_from` of them is judged.

    `every_ms` is the time between two rounds of detection with `algorithms`, those whose findings scoring reads; `network` False leaves out
    detection, reports and the distance to known-bad accounts.
    """
    intakes = list(synthetic.LOADER.read(folder, {}, LoadContext()))
    facts = [rows for intake in intakes for rows in intake.facts]
    scored = score(
        facts, reports(folder, facts), network=network, rules=rules, every_ms=every_ms, algorithms=algorithms
    )
    start = int(len(scored.ids) * judged_from)
    return _curve(scored, _truth(intakes, scored.ids), start)


def score(
    facts: Sequence[RowSet], reported: Iterable[tuple[int, str]], *, network: bool, rules: RuleSet | None = None,
    every_ms: int = DAY_MS, algorithms: Sequence[str] = tuple(FIELD),
) -> Scored:  # fmt: skip
    """Scores of all transfers of `facts`, each from what had happened before it. `reported`: (when, account)."""
    rules = rules or ruleset.parse(ruleset.default_text())
    state = State(rules.kernel, rules.config.rates)
    fed = feed(state, (rows for rows in facts if rows.type_name in _MONEY))
    fed.events[:, 9] = int(network)
    base = Shelf(facts) if network else None
    matrix = _matrix(state, fed, known(facts, reported), base, every_ms, algorithms)
    scores, rank, _ = judge_all(rules, matrix, 0)
    return Scored(fed.ids, fed.events[:, 2], scores, rank > 0)


def reports(folder: Path, facts: Sequence[RowSet]) -> list[tuple[int, str]]:
    """(when, account) of every payee that a victim named."""
    moves = [
        pl.DataFrame(pl.from_arrow(rows.table.select(["id", "to_id"])))
        for rows in facts
        if rows.type_name == "TRANSFER"
    ]
    payees: dict[str, str] = dict(pl.concat(moves).rows())
    table = synthetic.reports(folder)
    return [
        (int(at_ms), payees[key])
        for ids, at_ms in zip(*(table[name].to_pylist() for name in ("transfer_ids", "reported_at_ms")), strict=True)
        for key in ids
        if key in payees
    ]


def pooled(curves: Sequence[Curve]) -> Curve:
    """Several towns as one: shares of money weighted by money, of honest transfers by their number."""
    judged, honest = sum(curve.judged for curve in curves), sum(curve.honest for curve in curves)
    money = sum(curve.gang_money_minor for curve in curves)

    def together(points: Sequence[Point]) -> Point:
        def mean(values: Iterable[float], weights: Iterable[int], of: int) -> float:
            return sum(value * weight for value, weight in zip(values, weights, strict=True)) / of if of else 0.0

        by_money = [curve.gang_money_minor for curve in curves]
        return Point(
            points[0].threshold, mean((p.first_hop for p in points), by_money, money),
            mean((p.second_hop for p in points), by_money, money),
            mean((p.honest for p in points), [curve.honest for curve in curves], honest),
        )  # fmt: skip

    points = tuple(together(at) for at in zip(*(curve.points for curve in curves), strict=True))
    return Curve(judged, honest, money, points, together([curve.shipped for curve in curves]))


def threshold_for(curve: Curve, honest_share: float) -> float:
    """The lowest threshold that stops at most this share of honest transfers; the highest there is when none does.

    Choose it on other towns than those it is measured on.
    """
    fitting = [point.threshold for point in curve.points if point.honest <= honest_share]
    return min(fitting, default=THRESHOLDS[-1])


def _matrix(
    state: State, fed: Fed, facts: Known, base: Shelf | None, every_ms: int, algorithms: Sequence[str]
) -> np.ndarray[Any, Any]:
    """Features of every transfer: at each tick with transfers, first what was learned before it, then the transfers."""
    events = fed.events
    ticks = events[:, 3] // TICK_MS
    starts = [0, *(np.flatnonzero(np.diff(ticks)) + 1).tolist()]
    parts, last_round = [], -1
    for first, last in zip(starts, [*starts[1:], len(events)], strict=True):
        now_ms = int(ticks[first]) * TICK_MS
        facts.learn(state, now_ms)
        current = now_ms // every_ms
        if base is not None and current > last_round:
            until_ms = current * every_ms
            state.network(detected(base, until_ms, algorithms), facts.reported(until_ms))
            last_round = current
        parts.append(state.replay(events[first:last], fed.moved[first:last], keep=True))
    return np.concatenate(parts)


def _truth(intakes: Iterable[Intake], ids: list[str]) -> pl.DataFrame:
    """One row a transfer in stream order: chain and layer, null for honest ones."""
    table = pl.DataFrame(pl.from_arrow(join(intake.truth for intake in intakes).table))
    rows = table.filter(pl.col("entity_type") == "TRANSFER").select("entity_id", "chain", "layer", "is_fraud")
    rows = rows.unique("entity_id", keep="first")
    return pl.DataFrame({"entity_id": ids}).join(rows, on="entity_id", how="left", maintain_order="left")


def _curve(scored: Scored, truth: pl.DataFrame, start: int) -> Curve:
    frame = truth.with_columns(
        score=pl.Series(scored.scores), amount=pl.Series(scored.amounts), stopped=pl.Series(scored.stopped)
    ).slice(start)
    honest = frame.filter(~pl.col("is_fraud").fill_null(False) & pl.col("chain").is_null())
    in_chain = frame.filter(pl.col("chain").is_not_null())
    first, second = (in_chain.filter(pl.col("layer") == layer) for layer in (1, 2))
    paid = int(first["amount"].sum())
    points = tuple(_point(at, pl.col("score") >= at, first, second, honest, paid) for at in THRESHOLDS)
    shipped = _point(0.0, pl.col("stopped"), first, second, honest, paid)
    return Curve(len(frame), len(honest), paid, points, shipped)


def _point(
    threshold: float, stops: pl.Expr, first: pl.DataFrame, second: pl.DataFrame, honest: pl.DataFrame, paid: int
) -> Point:
    stopped = pl.col("amount").filter(stops).sum()
    one = first.group_by("chain").agg(pl.col("amount").sum().alias("paid"), stopped.alias("stopped"))
    two = second.group_by("chain").agg((stopped / pl.col("amount").sum()).alias("share"))
    both = one.join(two, on="chain", how="left").with_columns(pl.col("share").fill_null(0.0))
    at_one = int(both["stopped"].sum())
    at_two = float((both["stopped"] + (both["paid"] - both["stopped"]) * both["share"]).sum())
    share = honest.select(stops.mean()).item() if len(honest) else 0.0
    return Point(threshold, at_one / paid if paid else 0.0, at_two / paid if paid else 0.0, float(share or 0.0))
