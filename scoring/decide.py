"""From hits to an answer. Pure: a non-overridable block beats an override beats a block beats the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from scoring.layout import Features
from scoring.ruleset import Active, RuleSet


class Answer(StrEnum):
    """What the bank is told to do. REVIEW stands for an allow that could not be judged whole: a person looks."""

    ALLOW = "allow"
    REVIEW = "review"
    CHALLENGE = "challenge"
    HOLD = "hold"
    REFUSE = "refuse"


_RANK = {"none": 0, "challenge": 1, "hold": 2, "refuse": 3}
_BY_RANK = (Answer.ALLOW, Answer.CHALLENGE, Answer.HOLD, Answer.REFUSE)
PENDING = frozenset({Answer.REVIEW, Answer.CHALLENGE, Answer.HOLD})


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer with its score (0 to 1) and why; `basis` is what decided: score, rule, block, override or network."""

    answer: Answer
    score: float
    alert: bool
    basis: str


def hits_of(rules: RuleSet, features: Features, at_ms: int) -> list[Active]:
    """The rules that fire on one transfer; ended conditions and disabled rules never do."""
    return [
        item for item in rules.active
        if item.setting.enabled and (not item.until_ms or at_ms < item.until_ms)
        and item.rule.fires(features, item.params)
    ]  # fmt: skip


def decide(rules: RuleSet, hits: Sequence[Active], *, overridden: bool, network: bool) -> Decision:
    """The answer to these hits.

    `overridden`: an approved override that has not expired names this payer and payee. Without the network an allow
    becomes a review, also under an override: it never passes silently.
    """
    missed = 1.0
    for item in hits:
        missed *= 1.0 - item.setting.score
    score = round(1.0 - missed, 4)
    config = rules.config
    alert = score >= config.alert_score
    blocks = {item.setting.block for item in hits}
    if "hard" in blocks:
        return Decision(Answer.REFUSE, score, True, "block")
    if overridden:
        return Decision(Answer.ALLOW if network else Answer.REVIEW, score, alert, "override" if network else "network")
    if "soft" in blocks:
        return Decision(Answer.REFUSE, score, True, "block")
    by_score = (score >= config.challenge_score) + (score >= config.hold_score) + (score >= config.refuse_score)
    by_rule = max((_RANK[item.setting.interdict] for item in hits), default=0)
    rank = max(by_score, by_rule)
    if rank == 0 and not network:
        return Decision(Answer.REVIEW, score, alert, "network")
    return Decision(_BY_RANK[rank], score, alert or rank > 0, "rule" if by_rule > by_score else "score")


def judge_all(
    rules: RuleSet, matrix: np.ndarray[Any, Any], at_ms: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], dict[str, np.ndarray[Any, Any]]]:
    """A whole history at once: (scores, rank of the answer 0 allow .. 3 refuse, hits by rule), with the network, no override."""
    columns = Features(*matrix.T)  # type: ignore[arg-type]
    missed = np.ones(len(matrix))
    rank = np.zeros(len(matrix), np.int8)
    fired: dict[str, np.ndarray[Any, Any]] = {}
    for item in rules.active:
        if not item.setting.enabled or (item.until_ms and at_ms >= item.until_ms):
            continue
        mask = np.asarray(item.rule.fires(columns, item.params), bool)
        fired[item.name] = mask
        missed[mask] *= 1.0 - item.setting.score
        least = 3 if item.setting.block != "none" else _RANK[item.setting.interdict]
        np.maximum(rank, np.where(mask, least, 0).astype(np.int8), out=rank)
    scores = np.round(1.0 - missed, 4)
    for place, threshold in enumerate(
        (rules.config.challenge_score, rules.config.hold_score, rules.config.refuse_score), start=1
    ):
        np.maximum(rank, np.where(scores >= threshold, place, 0).astype(np.int8), out=rank)
    return scores, rank, fired
