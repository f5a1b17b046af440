"""One guess from words, graph and the learned model: log odds are added, the best label wins if it is sure enough."""

from __future__ import annotations

import math

from algorithms.typology.model import LABELS, Evidence, Reason, Typology
from algorithms.typology.rules import MOST_WORDS, graph_reasons, word_reasons

VERSION = "rules-1"
#: Below this the guess is withheld.
LEAST_PROBABILITY = 0.6
#: Log odds of "none of these" beside a label of which nothing is known.
_NONE = 1.5
_MOST_REASONS = 6


def classify(text: str, evidence: Evidence | None = None, *, least: float = LEAST_PROBABILITY) -> Typology:
    """The kind of fraud a lead tells of; abstains when the best label's probability is below `least` or nothing speaks
    for any. The same input gives the same answer; never raises on any text.
    """
    words, graph = word_reasons(text), graph_reasons(evidence or Evidence())
    scores = {label: _capped(words[label]) + sum(reason.weight for reason in graph[label]) for label in LABELS}
    probabilities = _softmax(scores)
    ranked = tuple(sorted(probabilities.items(), key=lambda item: (-item[1], item[0])))
    best, probability = ranked[0]
    reasons = sorted(words[best] + graph[best], key=lambda reason: -abs(reason.weight))[:_MOST_REASONS]
    if not any(reason.weight > 0 for reason in reasons):
        return Typology("", 0.0, (), True, ranked, VERSION)
    return Typology(best, probability, tuple(reasons), probability < least, ranked, VERSION)


def _capped(reasons: list[Reason]) -> float:
    return min(MOST_WORDS, sum(reason.weight for reason in reasons))


def _softmax(scores: dict[str, float]) -> dict[str, float]:
    top = max(*scores.values(), _NONE)
    parts = {label: math.exp(score - top) for label, score in scores.items()}
    whole = sum(parts.values()) + math.exp(_NONE - top)
    return {label: part / whole for label, part in parts.items()}
