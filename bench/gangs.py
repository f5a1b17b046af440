"""How well gangs are put together against planted truth, and what it costs.

`python -m bench.gangs [--size N] [--difficulty normal hard] [--seeds 7 8 9]`. Labels are read only here, after detection. A found gang counts for the planted gang
that most of its accounts belong to. Pairs: of all pairs of gang accounts that stand in one found gang, the share that stands in
one planted gang (precision), and the other way round (recall).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from math import comb
from pathlib import Path

from algorithms._base import Found, Task
from algorithms._projection import transfers
from algorithms.gang import GangParams, find
from bench.measure import machine
from evaluation.shelf import read
from evaluation.truth import Truth
from loaders.town.generate import generate


def judge(found: list[Found], truth: Truth) -> list[str]:
    """Lines of figures for one town."""
    rows = [row for row in truth.table.to_pylist() if row["gang"]]
    gang = {row["entity_id"]: row["gang"] for row in rows if row["entity_type"] == "Account" and row["is_fraud"]}
    victims = {row["entity_id"] for row in rows if row["entity_type"] == "Account" and row["role"] == "victim"}
    kind = {row["gang"]: row["typology"] for row in rows}
    phones = {row["entity_id"] for row in rows if row["entity_type"] == "Phone"}
    groups = [[m.id for m in item.members if m.label == "Account" and m.role != "victim"] for item in found]
    said = {m.id for item in found for m in item.members if m.role == "victim"}
    callers = {m.id for item in found for m in item.members if m.role == "caller"}
    most = [Counter(gang[name] for name in group if name in gang).most_common(1) for group in groups]
    right = sum(best[0][1] for best in most if best)
    inside = sum(len(group) for group in groups)
    same = sum(
        comb(count, 2) for group in groups for count in Counter(gang[name] for name in group if name in gang).values()
    )
    pairs_found = sum(comb(sum(name in gang for name in group), 2) for group in groups)
    pairs_true = sum(comb(count, 2) for count in Counter(gang.values()).values())
    covered = {best[0][0] for best in most if best}
    guessed = [(item.details["typology"] or {}).get("label", "") for item in found]
    good = sum(
        bool(label) and bool(best) and kind[best[0][0]] == label for label, best in zip(guessed, most, strict=True)
    )
    return [
        f"  gangs: {len(found)} found for {len(set(gang.values()))} planted; {len(covered)} planted ones have a found one",
        f"  accounts: {inside} in gangs, {right} of them in the right one ({right / max(1, inside):.3f}); {right / len(gang):.3f} of all gang accounts",
        f"  pairs: precision {same / max(1, pairs_found):.3f}, recall {same / max(1, pairs_true):.3f}",
        f"  likely victims: {len(said)}, right {len(said & victims)} ({len(said & victims) / max(1, len(said)):.3f}); {len(said & victims) / max(1, len(victims)):.3f} of all victims",
        f"  calling phones: {len(callers)}, right {len(callers & phones)}; of {len(phones)}",
        f"  kind of fraud: named for {sum(map(bool, guessed))}, right {good}",
    ]


def main() -> None:
    """Print one block a town."""
    parser = argparse.ArgumentParser(prog="python -m bench.gangs")
    parser.add_argument("--size", type=int, default=100_000, help="transfers of the town")
    parser.add_argument("--difficulty", nargs="+", default=["normal", "hard"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    chosen = parser.parse_args()
    print(machine())
    for difficulty in chosen.difficulty:
        for seed in chosen.seeds:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch) / "town"
                generate(folder, transfers=chosen.size, seed=seed, difficulty=difficulty)
                shelf, truth = read(folder, "synthetic")
            transfers(shelf)
            started = time.perf_counter()
            found = find(Task(shelf), GangParams())
            print(
                f"\ntown of {chosen.size:,} transfers, {difficulty}, seed {seed}: {time.perf_counter() - started:.1f} s"
            )
            print(*judge(found, truth), sep="\n")


if __name__ == "__main__":
    main()
