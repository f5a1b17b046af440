"""Fit the typology's text model on generated reports; test it on wording it never saw.

`python -m evaluation.fit_typology` writes algorithms/typology/text_model.json; `--report` only prints the tables. Each turn holds
out one whole family of clauses of every kind; the kept model sees all families.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from algorithms.typology.classify import guess
from algorithms.typology.learned import PARAMETERS, TextModel, pieces
from algorithms.typology.model import LABELS, Evidence, Typology
from loaders.town.lead_texts import FAMILIES, lead_text

EACH, SEED, TURNS = 120, 11, (0, 1, 2, 3)
ALL = (*LABELS, "")


def reports(families: tuple[int, ...], each: int, seed: int) -> tuple[list[str], list[str]]:
    """Texts and their kinds, `each` of every kind."""
    dice = random.Random(seed)  # noqa: S311 - chance for test texts, not for secrets
    pairs = [(lead_text(label, families, dice), label) for label in ALL for _ in range(each)]
    return [text for text, _ in pairs], [label for _, label in pairs]


def fitted(texts: list[str], labels: list[str]) -> TextModel:
    """Logistic regression on TF-IDF; terms seen in fewer than three texts are left out, weights rounded."""
    counts = TfidfVectorizer(analyzer=lambda text: list(pieces(text)), min_df=3, sublinear_tf=True)
    matrix = counts.fit_transform(texts)
    model = LogisticRegression(C=4.0, max_iter=400).fit(matrix, [ALL.index(label) for label in labels])
    weights = np.round(model.coef_, 3)
    terms = {
        term: (round(float(counts.idf_[place]), 4), tuple(map(float, weights[:, place])))
        for term, place in sorted(counts.vocabulary_.items())
    }
    return TextModel(ALL, tuple(float(round(value, 4)) for value in model.intercept_), terms, "text-1")


def held_out() -> list[tuple[str, Typology, Typology]]:
    """(kind, guess of rules alone, guess of rules and text) for texts of families the text model has not seen."""
    found = []
    for turn in TURNS:
        model = fitted(*reports(tuple(t for t in TURNS if t != turn), EACH, SEED))
        texts, labels = reports((turn,), 30, SEED + 1 + turn)
        for text, label in zip(texts, labels, strict=True):
            found.append((label, guess(text, Evidence(), None), guess(text, Evidence(), model)))
    return found


def print_report(rows: list[tuple[str, Typology, Typology]]) -> None:
    """Confusion of what was not withheld, and accuracy by coverage, for rules alone and with the text model."""
    rules, both = [(row[0], row[1]) for row in rows], [(row[0], row[2]) for row in rows]
    for name, told in (("rules alone", rules), ("rules and text", both)):
        given = [(label, guess.label) for label, guess in told if not guess.abstained]
        right = sum(label == guess for label, guess in given)
        print(f"{name}: answered {len(given) / len(told):.2f}, right of those {right / max(1, len(given)):.3f}")
        ranked = sorted(told, key=lambda item: -item[1].probability)
        for share in (0.2, 0.4, 0.6, 0.8, 0.9):
            head = ranked[: int(share * len(ranked))]
            print(f"  most certain {share:.0%}: right {sum(label == g.label for label, g in head) / len(head):.3f}")
    pairs = Counter((label or "none", "withheld" if g.abstained else g.label) for label, _, g in rows)
    columns = (*LABELS, "withheld")
    print("| true \\ said | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for label in (*LABELS, "none"):
        print(f"| {label} | " + " | ".join(str(pairs[label, column] or "") for column in columns) + " |")


def main() -> None:
    """Print the report; write the model unless `--report`."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.fit_typology")
    parser.add_argument("--report", action="store_true", help="only print")
    if not parser.parse_args().report:
        model = fitted(*reports(TURNS, EACH, SEED))
        kept = {"version": model.version, "labels": model.labels, "intercepts": model.intercepts,
                "terms": {term: [idf, *weights] for term, (idf, weights) in model.terms.items()}}  # fmt: skip
        PARAMETERS.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        print(f"{len(model.terms)} terms in {PARAMETERS}, families {[len(f) for f in FAMILIES.values()]}")
    print_report(held_out())


if __name__ == "__main__":
    main()
