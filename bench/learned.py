"""The risk model beside GFP features with the same learner: precision and recall over all thresholds, split by time.

`python -m bench.learned [--size N] [--difficulty hard] [--amlworld HI-Small_Trans.csv]`. GFP (snapml) is fed batches of 128, as
its authors do. AMLworld's real file is not here: name it, its patterns beside it, to see F1 beside what was published.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve

from algorithms.features.stream import plain
from algorithms.learned.matrix import FACTS, Matrix, matrix
from algorithms.learned.model import SPLIT, fit, split_by_time
from bench.features import peer, theirs
from bench.measure import machine
from evaluation.shelf import read
from loaders.town.generate import generate

RECALLS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
PUBLISHED = "published for HI-Small: GFP + boosting 0.63-0.65 (Altman et al. 2023), graph networks 0.68-0.77 (Egressy et al. 2024)"


def gfp(seen: Matrix) -> tuple[Any, tuple[str, ...]]:
    """GFP's features over a day, with the same plain facts of the transfer (no history, no shared identity)."""
    table = seen.table
    rows, other = theirs(plain(table.src, table.dst, table.at_ms, table.amount_minor)), peer(86_400)
    made = np.vstack([other.transform(rows[i : i + 128])[:, 5:] for i in range(0, len(rows), 128)]).astype(np.float32)
    facts = [seen.names.index(name) for name in FACTS[:5]]
    values = np.hstack([made, seen.values[:, facts]])
    return values, tuple(f"gfp:{place}" for place in range(values.shape[1]))


def compare(title: str, shelf: Any, fraud_ids: set[str], split: tuple[float, float, float]) -> None:
    """Fit both on one split and print both curves."""
    seen = matrix(shelf)
    fraud = np.array([name in fraud_ids for name in seen.table.transfer_ids(range(len(seen.table)))])
    last = split_by_time(seen.table.at_ms, split)[2]
    print(
        f"\n{title}: {len(fraud):,} transfers, {fraud.sum():,} fraudulent ({fraud.mean():.2%}), {fraud[last].sum()} in the test part"
    )
    for name, (values, names) in (("ours", (seen.values, seen.names)), ("GFP", gfp(seen))):
        model = fit(values, names, fraud, seen.table.at_ms, alerts_per_day=20, split=split)
        score = model.probability(values[last])
        precision, recall, _ = precision_recall_curve(fraud[last], score)
        at = ", ".join(f"{r:.0%}: {precision[recall >= r].max():.2f}" for r in RECALLS)
        print(f"  {name:4} average precision {average_precision_score(fraud[last], score):.3f}, minority F1"
              f" {model.card['test']['f1_at_best_calibration_threshold']:.3f}; precision at recall {at}", flush=True)  # fmt: skip


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(prog="python -m bench.learned")
    parser.add_argument("--size", type=int, default=1_000_000, help="transfers of the generated town")
    parser.add_argument("--difficulty", nargs="+", default=["normal", "hard"])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--amlworld", type=Path, help="*_Trans.csv of AMLworld")
    chosen = parser.parse_args()
    print(machine())
    if chosen.amlworld:
        shelf, truth = read(chosen.amlworld, "amlworld")
        compare(chosen.amlworld.name, shelf, truth.ids("TRANSFER"), SPLIT)
        print(f"  {PUBLISHED}")
        return
    for difficulty in chosen.difficulty:
        with tempfile.TemporaryDirectory() as scratch:
            generate(Path(scratch) / "town", transfers=chosen.size, seed=chosen.seed, difficulty=difficulty)
            shelf, truth = read(Path(scratch) / "town", "synthetic")
        # The town's gangs are done twelve days before its calendar ends: a later test part would hold none.
        compare(f"town, {difficulty}", shelf, truth.ids("TRANSFER"), (0.5, 0.2, 0.3))


if __name__ == "__main__":
    main()
