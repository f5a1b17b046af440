"""Pattern features a second: ours beside IBM's Graph Feature Preprocessor (snapml), same patterns, windows, bins, threads.

`python -m bench.features [--size N] [--amlsim FOLDER]`. The peer is fed batches of 4,096 rows (its fastest way here) and one at a
time for the counts (its batches see ahead). In turns, best of three each; compilation is done before the clock starts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from snapml import GraphFeaturePreprocessor

from algorithms._projection import transfers
from algorithms.features.spec import Spec
from algorithms.features.stream import FeatureStream, Transfers, plain
from bench.measure import machine
from bench.quality import AMLSIM
from evaluation.shelf import read
from loaders.town.generate import generate

BINS, LENGTHS, LONGEST, THREADS, TURNS = tuple(range(2, 31)), tuple(range(2, 11)), 10, 2, 3
PATTERNS = ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle")


def spec(window_s: int, bins: tuple[int, ...] = BINS) -> Spec:
    """All patterns and one window of statistics."""
    return Spec(
        stats_windows_s=(window_s,), fan_bins=bins, degree_bins=bins, scatter_gather_window_s=window_s,
        scatter_gather_bins=bins, temporal_cycle_window_s=window_s, temporal_cycle_bins=bins, cycle_window_s=window_s,
        cycle_bins=LENGTHS, cycle_length=LONGEST, history=False, steps=10**7,
    )  # fmt: skip


def peer(window_s: int, bins: tuple[int, ...] = BINS) -> Any:
    """The same for the peer; time in seconds."""
    made = GraphFeaturePreprocessor()
    chosen = made.get_params() | {
        "num_threads": THREADS, "time_window": window_s, "vertex_stats": True, "vertex_stats_tw": window_s,
        "vertex_stats_cols": [4], "lc-cycle_len": LONGEST,
    }  # fmt: skip
    for name in PATTERNS:
        chosen |= {name: True, f"{name}_tw": window_s, f"{name}_bins": list(LENGTHS if name == "lc-cycle" else bins)}
    made.set_params(chosen)
    return made


def theirs(rows: Transfers) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows in the peer's form."""
    columns = (np.arange(len(rows)), rows.src, rows.dst, rows.at_ms / 1000, rows.amount_minor)
    return np.ascontiguousarray(np.column_stack(columns).astype(np.float64))


def speed(title: str, rows: Transfers, window_s: int) -> None:
    """Transfers a second of both, in turns."""
    FeatureStream(spec(window_s), THREADS).update(rows.part(0, 200))
    table, best = theirs(rows), {"ours": np.inf, "theirs": np.inf}
    for _ in range(TURNS):
        started = time.perf_counter()
        left = FeatureStream(spec(window_s), THREADS).update(rows).left_out
        best["ours"] = min(best["ours"], time.perf_counter() - started)
        other, started = peer(window_s), time.perf_counter()
        for begin in range(0, len(table), 4096):
            other.transform(table[begin : begin + 4096])
        best["theirs"] = min(best["theirs"], time.perf_counter() - started)
    rate = {name: len(rows) / seconds for name, seconds in best.items()}
    print(
        f"{title}, window {window_s:,} s: ours {rate['ours']:,.0f}/s, snapml {rate['theirs']:,.0f}/s,"
        f" ratio {rate['ours'] / rate['theirs']:.1f}; left out {left}", flush=True,
    )  # fmt: skip


def agreement(title: str, rows: Transfers, window_s: int) -> None:
    """Rows whose counts differ, by pattern, the peer fed one payment at a time."""
    made, table, other = FeatureStream(spec(window_s), THREADS).update(rows), theirs(rows), peer(window_s)
    got = np.vstack([other.transform(table[i : i + 1])[:, 5:] for i in range(len(table))])
    place, said = 0, []
    for group, wide in (("fan_in", 29), ("fan_out", 29), ("degree_in", 29), ("degree_out", 29),
                        ("scatter_gather", 29), ("temporal_cycle", 29), ("cycle", 9)):  # fmt: skip
        start = made.names.index(f"{group}:2")
        same = (made.values[:, start : start + wide] == got[:, place : place + wide]).all(axis=1)
        some = int(got[:, place : place + wide].any(axis=1).sum())
        said.append(f"{group} {int((~same).sum())} differ of {some} with any")
        place += wide
    print(f"{title}, {len(rows):,} rows one at a time: {'; '.join(said)}", flush=True)


def amlsim(folder: Path) -> Transfers:
    """The sample's transfers in order of its steps."""
    data = np.genfromtxt(folder / "transactions.csv", delimiter=",", skip_header=1)
    data = data[np.argsort(data[:, 3], kind="stable")]
    return plain(data[:, 0], data[:, 1], data[:, 3] * 1000, np.round(data[:, 2] * 100))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.features")
    parser.add_argument("--size", type=int, default=1_000_000, help="transfers of the generated town")
    parser.add_argument("--amlsim", type=Path, default=AMLSIM)
    chosen = parser.parse_args()
    print(machine())
    if chosen.amlsim.exists():
        sample = amlsim(chosen.amlsim)
        agreement("AMLSim sample", sample.part(0, 8000), 10)
        for window in (5, 10):
            speed("AMLSim sample", sample, window)
    else:
        print(f"AMLSim sample left out: there is none at {chosen.amlsim} (--amlsim FOLDER)", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch) / "town", transfers=chosen.size, seed=7)
        table = transfers(read(Path(scratch) / "town", "synthetic")[0])
    town = plain(table.src, table.dst, table.at_ms // 1000 * 1000, table.amount_minor)
    agreement("town", town.part(0, 8000), 86_400)
    for window in (21_600, 86_400):
        speed(f"town of {len(town):,}", town, window)


if __name__ == "__main__":
    main()
