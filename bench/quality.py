"""How good detection is against planted truth: curves over all thresholds, on generated towns and on the AMLSim sample.

`python -m bench.quality [--small] [--amlsim FOLDER]`. Labels are read only here, after detection has finished.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from algorithms import cycle, fan_in, mule_chain
from algorithms._base import Found, Params, Task
from algorithms._projection import transfers
from evaluation.curve import Curve, curve, evidence_scores, member_scores
from evaluation.shelf import read
from evaluation.truth import CHAIN_ROLES, Truth
from loaders.town.generate import generate

THRESHOLDS = (0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.0)
SEEDS = (7, 8, 9)
_DAY = 86_400
#: Amounts that stay nearly whole from step to step, as the AMLSim sample plants them.
_TIGHT = {"max_drop_share": 0.1, "max_rise_share": 0.0}
AMLSIM = Path(__file__).resolve().parents[2] / "shared" / "data" / "amlsim"


def print_curve(title: str, made: Curve) -> None:
    """One block: average precision, then precision and recall at each threshold."""
    print(f"  {title}: {made.positives} true, average precision {made.average_precision:.3f}")
    for point in made.at(THRESHOLDS):
        print(
            f"    score >= {point.threshold:.1f}: {point.found:6} found, precision {point.precision:.3f}, recall {point.recall:.3f}"
        )


def town(size: int, seed: int, difficulty: str) -> None:
    """Chain accounts and chain transfers of a generated town, found without seeds at default parameters."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "town"
        generate(folder, transfers=size, seed=seed, difficulty=difficulty)  # type: ignore[arg-type]
        shelf, truth = read(folder, "synthetic")
    transfers(shelf)
    started = time.perf_counter()
    found = mule_chain.find(Task(shelf), mule_chain.MuleChainParams(limit=1_000_000))
    seconds = time.perf_counter() - started
    print(f"\ntown of {size:,} transfers, seed {seed}, {difficulty}: {len(found)} chain networks in {seconds:.1f} s")
    print_curve(
        "chain accounts", curve(member_scores(found, CHAIN_ROLES), truth.ids("Account", CHAIN_ROLES, in_chain=True))
    )
    print_curve("chain transfers", curve(evidence_scores(found), truth.ids("TRANSFER", in_chain=True)))
    _missed(found, truth)


def _missed(found: list[Found], truth: Truth) -> None:
    seen = set(member_scores(found, CHAIN_ROLES))
    parts = []
    for role in CHAIN_ROLES:
        true = truth.ids("Account", (role,), in_chain=True)
        if true:
            parts.append(f"{role} {len(true - seen)} of {len(true)}")
    print(f"  never found at any threshold: {', '.join(parts)}")


def amlsim(folder: Path) -> None:
    """Fraud accounts of the AMLSim sample. The 150 days, the 3 payers and `in_time_order` were chosen after looking at labelled
    accounts: the figures are optimistic to that extent.
    """
    shelf, truth = read(folder, "amlsim")
    positive = truth.ids("Account")
    table = transfers(shelf)
    print(f"\nAMLSim sample: {table.n_accounts:,} accounts, {len(table):,} transfers, {len(positive):,} fraud accounts")
    print(f"  taking every account gives precision {len(positive) / table.n_accounts:.3f}")
    runs: tuple[tuple[str, Any, Params], ...] = (
        ("cycles in order of time", cycle, cycle.CycleParams(**_TIGHT, window_s=150 * _DAY, limit=10**6)),
        (
            "rings whatever the order",
            cycle,
            cycle.CycleParams(**_TIGHT, window_s=150 * _DAY, in_time_order=False, limit=10**6),
        ),
        ("fan-in, 7 days", fan_in, fan_in.FanInParams(window_s=7 * _DAY, min_partners=3, limit=10**6)),
        ("fan-in, 150 days", fan_in, fan_in.FanInParams(window_s=150 * _DAY, min_partners=3, limit=10**6)),
        ("mule chains, 7 days", mule_chain, mule_chain.MuleChainParams(window_s=7 * _DAY, limit=10**6)),
    )
    for title, module, params in runs:
        started = time.perf_counter()
        found = module.find(Task(shelf), params)
        made = curve(member_scores(found, own=True), positive)
        print_curve(f"{title} ({len(found)} findings, {time.perf_counter() - started:.1f} s)", made)
    _what_the_labels_hide(table, positive)


def _what_the_labels_hide(table: Any, positive: set[str]) -> None:
    """Two rules that are no algorithms of ours, to show what sets the planted payments apart in this sample."""
    pair_day = np.stack([table.src, table.dst, table.at_ms // (_DAY * 1000)], axis=1)
    _, number, count = np.unique(pair_day, axis=0, return_inverse=True, return_counts=True)
    for title, rows in (
        ("paid the same payee twice on one day", count[number.ravel()] > 1),
        ("amount under 30.00", table.amount_minor < 3_000),
    ):
        ends = np.unique(np.concatenate([table.src[rows], table.dst[rows]]))
        taken = set(table.accounts(ends))
        right = len(taken & positive)
        print(
            f"  for comparison, rule '{title}': {len(taken)} found, precision {right / max(1, len(taken)):.3f}, recall {right / len(positive):.3f}"
        )


def main() -> None:
    """Print all curves."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality")
    parser.add_argument("--small", action="store_true", help="only towns of 100,000 transfers")
    parser.add_argument("--amlsim", type=Path, default=AMLSIM, help="folder with nodes.csv and transactions.csv")
    chosen = parser.parse_args()
    for size in (100_000,) if chosen.small else (100_000, 1_000_000):
        for seed in SEEDS:
            town(size, seed, "normal")
    town(100_000 if chosen.small else 1_000_000, SEEDS[0], "hard")
    if chosen.amlsim.exists():
        amlsim(chosen.amlsim)
    else:
        print(f"no AMLSim sample at {chosen.amlsim}: name its folder with --amlsim")


if __name__ == "__main__":
    main()
