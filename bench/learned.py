"""The risk model beside GFP features with the same learner: precision and recall over all thresholds.

`python -m bench.learned [--size N] [--difficulty hard] [--in-time] [--amlworld HI-Small_Trans.csv]`. Towns of their own, by
seed: some to fit on, one to stop the learner and choose thresholds on, others to show on, which nothing was chosen on.
`--in-time` fits, chooses and shows within one town, by time, as a running house does. GFP (snapml) is fed batches of 128,
as its authors do, which lets a row see the later ones of its batch; `--gfp-batches 128 1` also one row at a time. AMLworld's real file is not here: name it, its patterns beside it, to see F1 beside what was published.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
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
Floats = npt.NDArray[np.float32]
Parts = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Labelled transfers of one data set in order of time, under both sets of columns."""

    at_ms: npt.NDArray[np.int64]
    fraud: npt.NDArray[np.bool_]
    columns: dict[str, tuple[Floats, tuple[str, ...]]]


def gfp(seen: Matrix, batch: int) -> tuple[Floats, tuple[str, ...]]:
    """GFP's features over a day, with the same plain facts of the transfer (no history, no shared identity).

    A row sees the later rows of its batch, as mules that pay on within minutes; in batches of 1 the past alone, as ours.
    """
    table = seen.table
    rows, other = theirs(plain(table.src, table.dst, table.at_ms, table.amount_minor)), peer(86_400)
    made = np.vstack([other.transform(rows[i : i + batch])[:, 5:] for i in range(0, len(rows), batch)]).astype(
        np.float32
    )
    facts = [seen.names.index(name) for name in FACTS[:5]]
    values = np.hstack([made, seen.values[:, facts]])
    return values, tuple(f"gfp:{place}" for place in range(values.shape[1]))


def without_identity(seen: Matrix) -> tuple[Floats, tuple[str, ...]]:
    """Ours with nothing that GFP is not given: no ages of accounts, no shared identifiers."""
    left = [place for place, name in enumerate(seen.names) if name not in FACTS[5:]]
    return seen.values[:, left], tuple(seen.names[place] for place in left)


def table(shelf: Any, fraud_ids: set[str], batches: Sequence[int]) -> Table:
    """Both sets of columns of one data set."""
    started = time.perf_counter()
    seen = matrix(shelf)
    ours_s, started = time.perf_counter() - started, time.perf_counter()
    peers = {f"GFP, batches of {batch}": gfp(seen, batch) for batch in batches}
    print(f"  {len(seen.table):,} rows: ours {ours_s:.1f} s, GFP {time.perf_counter() - started:.1f} s", flush=True)
    fraud = np.array([name in fraud_ids for name in seen.table.transfer_ids(range(len(seen.table)))])
    return Table(
        seen.table.at_ms, fraud,
        {"ours": (seen.values, seen.names), "ours, payments only": without_identity(seen), **peers},
    )  # fmt: skip


def town(size: int, difficulty: str, seed: int, batches: Sequence[int]) -> Table:
    """One generated town."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch) / "town", transfers=size, seed=seed, difficulty=difficulty)  # type: ignore[arg-type]
        shelf, truth = read(Path(scratch) / "town", "synthetic")
    return table(shelf, truth.ids("TRANSFER"), batches)


def joined(tables: Sequence[Table]) -> Table:
    """Data sets laid one after the other."""
    first = tables[0]
    return Table(
        np.concatenate([item.at_ms for item in tables]), np.concatenate([item.fraud for item in tables]),
        {name: (np.vstack([item.columns[name][0] for item in tables]), names) for name, (_, names) in first.columns.items()},
    )  # fmt: skip


def compare(title: str, rows: Table, parts: Parts, shown: Sequence[slice]) -> None:
    """Fit on the first part under both sets of columns, and print both curves over the last, and over each of `shown`."""
    last = parts[2]
    said = ", ".join(f"{int(rows.fraud[part].sum())} of {part.stop - part.start:,}" for part in parts)
    print(f"\n{title}: fraudulent to fit, choose, show: {said}")
    for name, (values, names) in rows.columns.items():
        model = fit(values, names, rows.fraud, rows.at_ms, alerts_per_day=20, parts=parts)
        score = model.probability(values[last])
        precision, recall, _ = precision_recall_curve(rows.fraud[last], score)
        at = ", ".join(f"{r:.0%}: {precision[recall >= r].max():.2f}" for r in RECALLS)
        each = [
            average_precision_score(rows.fraud[part], score[part.start - last.start : part.stop - last.start])
            for part in shown
        ]
        spread = f" ({min(each):.3f}-{max(each):.3f} by town)" if len(each) > 1 else ""
        print(f"  {name:22} average precision {average_precision_score(rows.fraud[last], score):.3f}{spread}, minority F1"
              f" {model.card['test']['f1_at_best_calibration_threshold']:.3f}; precision at recall {at}", flush=True)  # fmt: skip


def seeds_apart(size: int, difficulty: str, seeds: tuple[Sequence[int], ...], batches: Sequence[int]) -> None:
    """Fit on some towns, choose on others, show on yet others."""
    groups = [[town(size, difficulty, seed, batches) for seed in some] for some in seeds]
    edges = np.cumsum([0, *(len(item.fraud) for some in groups for item in some)]).tolist()
    spans = [slice(low, high) for low, high in pairwise(edges)]
    ends = np.cumsum([len(some) for some in groups]).tolist()
    parts = (
        slice(0, edges[ends[0]]),
        slice(edges[ends[0]], edges[ends[1]]),
        slice(edges[ends[1]], edges[ends[2]]),
    )
    title = f"towns of {size:,}, {difficulty}, seeds {' | '.join(','.join(map(str, some)) for some in seeds)}"
    compare(title, joined([item for some in groups for item in some]), parts, spans[ends[1] :])


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(prog="python -m bench.learned")
    parser.add_argument("--size", type=int, default=200_000, help="transfers of each generated town")
    parser.add_argument("--difficulty", nargs="+", default=["hard"])
    for what, seeds in (("fit", "31,32,36"), ("choose", "33"), ("show", "34,35")):
        parser.add_argument(f"--{what}", default=seeds, help=f"seeds of the towns to {what} on")
    parser.add_argument("--in-time", action="store_true", help="one town (the first of --fit), split by time")
    parser.add_argument("--gfp-batches", type=int, nargs="+", default=[128], help="rows GFP gets at once; 1 takes long")
    parser.add_argument("--amlworld", type=Path, help="*_Trans.csv of AMLworld")
    chosen = parser.parse_args()
    print(machine())
    if chosen.amlworld:
        shelf, truth = read(chosen.amlworld, "amlworld")
        rows = table(shelf, truth.ids("TRANSFER"), chosen.gfp_batches)
        parts = split_by_time(rows.at_ms, SPLIT)
        compare(chosen.amlworld.name, rows, parts, [parts[2]])
        print(f"  {PUBLISHED}")
        return
    seeds = tuple([int(seed) for seed in text.split(",")] for text in (chosen.fit, chosen.choose, chosen.show))
    for difficulty in chosen.difficulty:
        if chosen.in_time:
            rows = town(chosen.size, difficulty, seeds[0][0], chosen.gfp_batches)
            parts = split_by_time(rows.at_ms, (0.5, 0.2, 0.3))
            compare(f"town of {chosen.size:,}, {difficulty}, by time", rows, parts, [parts[2]])
        else:
            seeds_apart(chosen.size, difficulty, seeds, chosen.gfp_batches)


if __name__ == "__main__":
    main()
