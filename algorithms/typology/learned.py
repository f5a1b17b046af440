"""A small text model beside the rules: words and short character runs, TF-IDF, logistic regression; kept as JSON.

Fitted by `python -m evaluation.fit_typology` on generated reports. Reading it needs neither scikit-learn nor pickle.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import rjieba

from algorithms.typology.rules import normal

PARAMETERS = Path(__file__).with_name("text_model.json")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_DIGITS = re.compile(r"\d+")


def pieces(text: str) -> Iterator[str]:
    """What the model reads of a text: words (Chinese cut by rjieba), and pairs of neighbouring Han characters."""
    read = _DIGITS.sub("0", normal(text))
    for word in rjieba.cut(read):
        if word.strip() and any(char.isalnum() for char in word):
            yield word
    for run in _HAN.findall(read):
        yield from (f"~{run[i : i + 2]}" for i in range(len(run) - 1))


@dataclass(frozen=True, slots=True)
class TextModel:
    """`terms` hold (inverse document frequency, weight of each label); the last label is "", none of them."""

    labels: tuple[str, ...]
    intercepts: tuple[float, ...]
    terms: Mapping[str, tuple[float, tuple[float, ...]]]
    version: str

    def log_odds(self, text: str) -> tuple[dict[str, float], dict[str, list[tuple[str, float]]]]:
        """Each label's log odds against "none", and each label's strongest terms with their part of it."""
        counted = Counter(piece for piece in pieces(text) if piece in self.terms)
        raw = {term: (1 + math.log(count)) * self.terms[term][0] for term, count in counted.items()}
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        none = len(self.labels) - 1
        scores, told = {}, {}
        for place, label in enumerate(self.labels[:-1]):
            parts = [
                (term, value / length * (self.terms[term][1][place] - self.terms[term][1][none]))
                for term, value in raw.items()
            ]
            scores[label] = self.intercepts[place] - self.intercepts[none] + sum(part for _, part in parts)
            told[label] = sorted(parts, key=lambda part: (-part[1], part[0]))[:3]
        return scores, told


@cache
def text_model() -> TextModel:
    """The fitted model that comes with Ringtrace."""
    kept = json.loads(PARAMETERS.read_text(encoding="utf-8"))
    terms = {term: (row[0], tuple(row[1:])) for term, row in kept["terms"].items()}
    return TextModel(tuple(kept["labels"]), tuple(kept["intercepts"]), terms, kept["version"])
