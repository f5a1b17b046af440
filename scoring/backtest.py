"""A rule set over a history: what it would have said, beside what is known of those transfers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.clock import DAY_MS
from core.message import pack, say
from scoring.decide import judge_all
from scoring.layout import Features
from scoring.ruleset import RuleSet

_EXAMPLES = 5
#: What is told of a transfer on which no rule fired.
SEEN = {
    name: say(name)
    for name in ("amount", "new_payee", "amount_z", "pass_ratio", "fan_in_24h", "payer_out_n", "payee_age_s")
}


@dataclass(frozen=True, slots=True)
class Example:
    """One transfer of the history and why the rules fired on it, or what they saw when they did not.

    `packed` keeps `why` for other languages.
    """

    id: str
    score: float
    why: list[str]
    packed: str = ""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """How one rule did: hits, those on fraud, and its precision (None without hits)."""

    rule: str
    hits: int
    right: int
    precision: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """The back-test. `precision` and `recall` are None when nothing is known to compare with; `labels` says with what.

    `packed` keeps `labels` for other languages.
    """

    transfers: int
    days: float
    fraud: int
    labels: str
    alerts: int
    alerts_a_day: float
    precision: float | None
    recall: float | None
    interdicted: int
    interdicted_honest_share: float | None
    rules: list[RuleLine] = field(default_factory=list)
    fired_right: list[Example] = field(default_factory=list)
    fired_wrong: list[Example] = field(default_factory=list)
    missed: list[Example] = field(default_factory=list)
    packed: str = ""


def run(
    rules: RuleSet, matrix: np.ndarray[Any, Any], at_ms: np.ndarray[Any, Any], ids: Sequence[str],
    fraud: np.ndarray[Any, Any], labels: str,
) -> Report:  # fmt: skip
    """Judge every row; `fraud` marks those known to be fraud and `labels` says from where that is known."""
    scores, rank, fired = judge_all(rules, matrix, int(at_ms[-1]) if len(at_ms) else 0)
    alert = (scores >= rules.config.alert_score) | (rank > 0)
    known = bool(fraud.any())
    right, honest = int((alert & fraud).sum()), int((~fraud).sum())
    days = max((int(at_ms[-1]) - int(at_ms[0])) / DAY_MS, 1.0) if len(at_ms) else 1.0

    def examples(mask: np.ndarray[Any, Any]) -> list[Example]:
        chosen = np.flatnonzero(mask)
        chosen = chosen[np.argsort(-scores[chosen], kind="stable")][:_EXAMPLES]
        return [_example(rules, matrix[row], ids[int(row)], float(scores[row]), fired, int(row)) for row in chosen]

    return Report(
        len(matrix), round(days, 2), int(fraud.sum()), str(labels), int(alert.sum()), round(int(alert.sum()) / days, 1),
        _share(right, int(alert.sum())) if known else None, _share(right, int(fraud.sum())) if known else None,
        int((rank > 0).sum()), _share(int(((rank > 0) & ~fraud).sum()), honest) if known else None,
        [_line(name, mask, fraud, known) for name, mask in fired.items()],
        examples(alert & fraud) if known else [], examples(alert & ~fraud), examples(~alert & fraud),
        pack([labels]),
    )  # fmt: skip


def _line(name: str, mask: np.ndarray[Any, Any], fraud: np.ndarray[Any, Any], known: bool) -> RuleLine:
    hits, right = int(mask.sum()), int((mask & fraud).sum())
    return RuleLine(name, hits, right, _share(right, hits) if known and hits else None)


def _example(
    rules: RuleSet, row: np.ndarray[Any, Any], key: str, score: float, fired: dict[str, np.ndarray[Any, Any]], place: int
) -> Example:  # fmt: skip
    features = Features(*row.tolist())
    why = [
        say("{rule}: {why}", rule=say(item.name), why=item.rule.explain(features, item.params))
        for item in rules.active if item.name in fired and fired[item.name][place]
    ]  # fmt: skip
    if not why:
        told = {name: value for name, value in features._asdict().items() if value not in (0.0, -1.0)}
        seen = [say("{what} {value:,.2f}", what=what, value=told[name]) for name, what in SEEN.items() if name in told]
        why = [say("no rule fired; {seen}", seen=seen)]
    return Example(key, score, [str(line) for line in why], pack(why))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
