"""One guess from words, graph and the learned model: log odds are added, the best label wins if it is sure enough."""

from __future__ import annotations

import math

from algorithms.typology.learned import TextModel, text_model
from algorithms.typology.model import LABELS, Evidence, Reason, Typology
from algorithms.typology.rules import MOST_WORDS, graph_reasons, word_reasons
from core.message import say

VERSION = "rules-1"
#: The text model's log odds count so much: it repeats in part what the words already said.
_TEXT_SHARE = 0.5
_MOST_TEXT = 5.0
#: Below this the guess is withheld.
LEAST_PROBABILITY = 0.5
#: Log odds of "none of these" beside a label of which nothing is known.
_NONE = 1.5
#: A second kind more than this share as likely as the best: the lead tells of both, or of neither clearly.
_RIVAL = 0.5
_MOST_REASONS = 6


def classify(text: str, evidence: Evidence | None = None, *, least: float = LEAST_PROBABILITY) -> Typology:
    """The kind of fraud a lead tells of; abstains when the best label's probability is below `least`, a second
    label comes close, or nothing speaks for any. The same input gives the same answer; never raises on any text.
    """
    return guess(text, evidence or Evidence(), text_model(), least)


def guess(text: str, evidence: Evidence, model: TextModel | None, least: float = LEAST_PROBABILITY) -> Typology:
    """`classify` with a text model of the caller's, or by rules alone (None)."""
    words, graph = word_reasons(text), graph_reasons(evidence)
    said = {label: words[label] + graph[label] for label in LABELS}
    scores = {label: _capped(words[label]) + sum(reason.weight for reason in graph[label]) for label in LABELS}
    version = VERSION
    if model is not None:
        version = f"{VERSION}+{model.version}"
        odds, terms = model.log_odds(text)
        for label in LABELS:
            part = max(-_MOST_TEXT, min(_MOST_TEXT, odds[label])) * _TEXT_SHARE
            scores[label] += part
            told = [term.lstrip("~") for term, weight in terms[label] if weight > 0.05]
            if told:
                says = say("reads like such reports: {terms}", terms=told)
                said[label] = [*said[label], Reason("text", says, round(part, 2))]
    probabilities = _softmax(scores)
    ranked = tuple(sorted(probabilities.items(), key=lambda item: (-item[1], item[0])))
    best, probability = ranked[0]
    reasons = sorted(said[best], key=lambda reason: -abs(reason.weight))[:_MOST_REASONS]
    if not any(reason.weight > 0 for reason in reasons):
        return Typology("", 0.0, (), True, ranked, version)
    unsure = probability < least or ranked[1][1] > _RIVAL * probability
    return Typology(best, probability, tuple(reasons), unsure, ranked, version)


def _capped(reasons: list[Reason]) -> float:
    return min(MOST_WORDS, sum(reason.weight for reason in reasons))


def _softmax(scores: dict[str, float]) -> dict[str, float]:
    top = max(*scores.values(), _NONE)
    parts = {label: math.exp(score - top) for label, score in scores.items()}
    whole = sum(parts.values()) + math.exp(_NONE - top)
    return {label: part / whole for label, part in parts.items()}
