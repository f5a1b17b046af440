"""How good each money pattern is against planted truth, and what it costs: one table a town.

`python -m bench.patterns [--size N] [--difficulty normal hard] [--only NAME ...]`. Default parameters (changed_accounts: a turn every 4 days); labels are read
only here, after detection. A finding is right when at least half of its money evidence belongs to a gang; one without money
evidence, when half of its members but the victims do. Accounts count by
their own score in a finding; victims are neither right nor wrong. Recall is of ALL gang accounts and events, which no
single pattern is meant to find.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from algorithms._base import Found, Task, catalog
from algorithms._projection import transfers
from bench.measure import machine
from evaluation.curve import curve, evidence_scores, member_scores
from evaluation.shelf import read
from evaluation.truth import Truth
from loaders.town.generate import generate

PATTERNS = (
    "scatter_gather", "gather_scatter", "bipartite", "stack", "random_walk", "structuring", "pass_through",
    "dormant_burst", "new_account_burst", "crypto_round_trip", "shared_device", "sim_farm", "call_then_pay", "lookalike", "changed_accounts",
)  # fmt: skip
THRESHOLDS = (0.7, 0.6, 0.5, 0.0)
#: Parameters that differ from the defaults: a bench looks at all of history, not at its last days.
_GIVEN = {"changed_accounts": {"turn_every_s": 4 * 86_400}}
_EVENTS = ("TRANSFER", "EXCHANGED", "MOVED")


def _right(item: Found, truth: Truth, events: set[str], talk: set[str]) -> bool:
    money = [event for event in item.evidence_ids if event not in talk]
    if money:
        return 2 * len(events.intersection(money)) >= len(money)
    members = [member for member in item.members if member.role != "victim"]
    return 2 * sum(member.id in truth.ids(member.label) for member in members) >= len(members)


def judge(found: list[Found], truth: Truth, talk: set[str]) -> list[str]:
    """One line a threshold: findings and how many are right; accounts and events with precision and recall."""
    events = set().union(*(truth.ids(kind) for kind in _EVENTS))
    gang, victims = truth.ids("Account"), truth.ids("Account", ("victim",)) - truth.ids("Account")
    right = [item for item in found if _right(item, truth, events, talk)]
    own = {name: score for name, score in member_scores(found, own=True).items() if name not in victims}
    by_account, by_event = (
        curve(own, gang),
        curve({name: score for name, score in evidence_scores(found).items() if name not in talk}, events),
    )
    lines = []
    for least, account, event in zip(THRESHOLDS, by_account.at(THRESHOLDS), by_event.at(THRESHOLDS), strict=True):
        good, every = (sum(item.score >= least for item in some) for some in (right, found))
        lines.append(
            f"  >= {least:.1f}: {good:4} of {every:4} findings right | accounts P {account.precision:.2f} R {account.recall:.2f}"
            f" ({account.found}) | events P {event.precision:.2f} R {event.recall:.2f} ({event.found})"
        )
    return lines


def town(size: int, difficulty: str, seed: int, names: tuple[str, ...]) -> None:
    """Run the patterns over one generated town and print what they found."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "town"
        generate(folder, transfers=size, seed=seed, difficulty=difficulty)  # type: ignore[arg-type]
        shelf, truth = read(folder, "synthetic")
    transfers(shelf)
    talk = {name for kind in ("CALLED", "TEXTED") for name in shelf.scan_rels(kind, ["id"])["id"].to_pylist()}
    print(f"\ntown of {size:,} transfers, {difficulty}, seed {seed}: {len(truth.ids('Account'))} gang accounts")
    for name in names:
        algorithm = catalog()[name]
        params = algorithm.params.model_validate({"limit": 1_000_000, **_GIVEN.get(name, {})})
        started = time.perf_counter()
        found = algorithm.find(Task(shelf), params)
        print(f"{name}: {len(found)} findings in {time.perf_counter() - started:.2f} s")
        print(*judge(found, truth, talk), sep="\n")


def main() -> None:
    """Print one table a town."""
    parser = argparse.ArgumentParser(prog="python -m bench.patterns")
    parser.add_argument("--size", type=int, default=100_000, help="transfers of the town")
    parser.add_argument("--difficulty", nargs="+", default=["normal", "hard"])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="+", default=list(PATTERNS), choices=PATTERNS)
    chosen = parser.parse_args()
    print(machine())
    for difficulty in chosen.difficulty:
        town(chosen.size, difficulty, chosen.seed, tuple(chosen.only))


if __name__ == "__main__":
    main()
