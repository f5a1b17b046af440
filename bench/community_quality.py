"""How well communities find planted gangs: purity of the partition, and the curve of findings over the score.

`python -m bench.community_quality [--sizes 100000,1000000] [--seeds 7,8,9]`. Truth is read only here. A gang counts as
found when one finding holds at least half of its accounts (victims not counted); a finding is true when it holds at
least three accounts of one gang.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from algorithms import community
from algorithms._base import Found, Task
from algorithms._projection import picture, transfers
from bench.measure import machine
from evaluation.shelf import read
from loaders.town.generate import generate

THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4)


def gangs_of(truth: Any) -> dict[str, str]:
    """Gang of each account that belongs to one, victims left out."""
    rows = truth.table.select(["entity_type", "entity_id", "gang", "role"]).to_pylist()
    return {
        row["entity_id"]: row["gang"]
        for row in rows
        if row["entity_type"] == "Account" and row["gang"] and row["role"] != "victim"
    }


def partition(task: Task, gang_of: dict[str, str]) -> str:
    """ARI and NMI over gang accounts, and each gang's share in its main community (mean)."""
    params = community.CommunityParams()
    made = community.picture_of(task, params)
    found = community.membership(task, made, params)
    names = sorted(gang_of)
    gang = np.array([gang_of[name] for name in names])
    groups = found[transfers(task.store).number_of(names)]
    main = [Counter(groups[gang == one].tolist()).most_common(1)[0][1] / (gang == one).sum() for one in np.unique(gang)]
    ari, nmi = adjusted_rand_score(gang, groups), normalized_mutual_info_score(gang, groups)
    return f"ARI {ari:.3f}, NMI {nmi:.3f}, {np.mean(main):.3f} of a gang in its main community"


def print_findings(found: list[Found], gang_of: dict[str, str]) -> None:
    """Precision of findings, gangs found, and precision and recall of members scored 0.5 or more, by threshold."""
    sizes = Counter(gang_of.values())
    for threshold in THRESHOLDS:
        kept = [item for item in found if item.score >= threshold]
        inside = [Counter(gang_of[m.id] for m in item.members if m.id in gang_of) for item in kept]
        true = sum(1 for counts in inside if counts and max(counts.values()) >= 3)
        gangs = {gang for counts in inside for gang, count in counts.items() if count >= sizes[gang] / 2}
        core = {m.id for item in kept for m in item.members if m.label == "Account" and (m.score or 0) >= 0.5}
        hits = len(core & gang_of.keys())
        print(
            f"    score >= {threshold:.1f}: {len(kept):4} findings, {true / max(1, len(kept)):.3f} true, "
            f"gangs found {len(gangs)} of {len(sizes)}; core members {len(core):5}, precision {hits / max(1, len(core)):.3f}, "
            f"recall {hits / max(1, len(gang_of)):.3f}"
        )


def town(size: int, seed: int, difficulty: str) -> None:
    """One generated town at default parameters; findings down to score 0.4 for the curve."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch) / "town", transfers=size, seed=seed, difficulty=difficulty)  # type: ignore[arg-type]
        shelf, truth = read(Path(scratch) / "town", "synthetic")
    gang_of = gangs_of(truth)
    with picture(shelf):
        print(f"\ntown of {size:,} transfers, seed {seed}, {difficulty}: {partition(Task(shelf), gang_of)}", flush=True)
        found = community.find(Task(shelf), community.CommunityParams(min_score=0.4, max_findings=10_000))
    print_findings(found, gang_of)


def main() -> None:
    """All sizes, seeds and difficulties."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000,1000000")
    parser.add_argument("--seeds", default="7,8,9")
    asked = parser.parse_args()
    print(machine())
    for size in map(int, asked.sizes.split(",")):
        for difficulty in ("easy", "normal", "hard"):
            for seed in map(int, asked.seeds.split(",")):
                town(size, seed, difficulty)


if __name__ == "__main__":
    main()
