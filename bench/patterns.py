"""How good each money pattern is against planted truth, and what it costs: one table a town.

`python -m bench.patterns [--size N ...] [--difficulty normal hard] [--only NAME ...] [--write]`; `--write` puts the figures into
the pattern's page under docs/detection. Default parameters (changed_accounts: a turn every 4 days); labels are read
only here, after detection. A finding is right when at least half of its money evidence belongs to a gang; one without money
evidence, when half of its members but the victims do. Accounts count by
their own score in a finding; victims are neither right nor wrong. Recall is of ALL gang accounts and events, which no
single pattern is meant to find.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from algorithms._base import Found, Task, catalog
from algorithms._projection import transfers
from bench.measure import machine
from evaluation.curve import curve, evidence_scores, member_scores
from evaluation.shelf import read
from evaluation.truth import Truth
from loaders.town.generate import VERSION, generate

PAGES = Path(__file__).resolve().parents[1] / "docs" / "detection"
PATTERNS = (
    "scatter_gather", "gather_scatter", "bipartite", "stack", "random_walk", "key_account", "structuring", "pass_through",
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


@dataclass(frozen=True, slots=True)
class Line:
    """What findings scored `least` or more are worth: right of all, and precision, recall and number of accounts and events."""

    least: float
    right: int
    every: int
    account: tuple[float, float, int]
    event: tuple[float, float, int]

    def __str__(self) -> str:
        (p, r, n), (q, s, m) = self.account, self.event
        return (
            f"  >= {self.least:.1f}: {self.right:4} of {self.every:4} findings right | accounts P {p:.2f} R {r:.2f}"
            f" ({n}) | events P {q:.2f} R {s:.2f} ({m})"
        )

    def row(self, where: str) -> str:
        """As a row of a page's table; a precision of nothing is no number."""
        score = f">= {self.least:.1f}" if self.least else "all"
        cells = [f"{p:.2f} | {r:.2f}" if n else f"- | {r:.2f}" for p, r, n in (self.account, self.event)]
        return f"| {where} | {score} | {self.right} of {self.every} | {cells[0]} | {cells[1]} |"


def judge(found: list[Found], truth: Truth, talk: set[str]) -> list[Line]:
    """One line a threshold."""
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
        lines.append(Line(least, good, every, *((p.precision, p.recall, p.found) for p in (account, event))))
    return lines


def town(size: int, difficulty: str, seed: int, names: tuple[str, ...]) -> tuple[str, dict[str, list[Line]]]:
    """Run the patterns over one generated town and print what they found; returns the town in words, and the lines."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "town"
        made = generate(folder, transfers=size, seed=seed, difficulty=difficulty)  # type: ignore[arg-type]
        shelf, truth = read(folder, "synthetic")
    transfers(shelf)
    talk = {name for kind in ("CALLED", "TEXTED") for name in shelf.scan_rels(kind, ["id"])["id"].to_pylist()}
    accounts = len(truth.ids("Account"))
    print(f"\ntown of {size:,} transfers, {difficulty}, seed {seed}: {made.gangs} gangs, {accounts} gang accounts")
    lines = {}
    for name in names:
        algorithm = catalog()[name]
        params = algorithm.params.model_validate({"limit": 1_000_000, **_GIVEN.get(name, {})})
        started = time.perf_counter()
        found = algorithm.find(Task(shelf), params)
        print(f"{name}: {len(found)} findings in {time.perf_counter() - started:.2f} s", flush=True)
        lines[name] = judge(found, truth, talk)
        print(*lines[name], sep="\n")
    return f"{size:,} {difficulty} ({made.gangs} gangs)", lines


HEAD = "| town | score | right findings | account precision | account recall | event precision | event recall |\n|---|---|---|---|---|---|---|"


def section(name: str, sizes: Sequence[int], seed: int, towns: Sequence[tuple[str, dict[str, list[Line]]]]) -> str:
    """A page's paragraph and table; of thresholds that keep the same findings only the highest is shown."""
    given = " a turn every four days," if name == "changed_accounts" else ""
    rows = []
    for where, lines in towns:
        shown = [line for at, line in enumerate(lines[name]) if at == 0 or line.every != lines[name][at - 1].every]
        kept = [line for line in shown if line.every] or [lines[name][-1]]
        rows += [line.row(where) for line in kept]
    return "\n".join(
        (
            f"Measured: `python -m bench.patterns --size {' '.join(map(str, sizes))} --write` (generated towns version {VERSION}, seed {seed},{given} default parameters).",
            "A finding is right when half of its money evidence is a gang's (without money evidence: half of its members). Recall is of *all* gang accounts and",
            "events, most of which show other patterns. Towns with few gangs are anecdotes.",
            "", HEAD, *rows,
        )
    )  # fmt: skip


def write(name: str, text: str) -> None:
    """Put the section into the pattern's page, between its heading and the words below its table. Raises ValueError without one."""
    page = PAGES / f"{name}.md"
    old = page.read_text(encoding="utf-8")
    new, count = re.subn(
        r"(?ms)^(## How often it is right\n).*?\|---\|[^\n]*\n(?:\|[^\n]*\n)*", lambda m: m[1] + text + "\n", old
    )
    if count != 1:
        raise ValueError(f"{page}: expected one table under 'How often it is right', found {count}")
    page.write_text(new, encoding="utf-8")


def main() -> None:
    """Print one table a town."""
    parser = argparse.ArgumentParser(prog="python -m bench.patterns")
    parser.add_argument("--size", type=int, nargs="+", default=[100_000], help="transfers of the towns")
    parser.add_argument("--difficulty", nargs="+", default=["normal", "hard"])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="+", default=list(PATTERNS), choices=PATTERNS)
    parser.add_argument("--write", action="store_true", help="also put the figures into docs/detection")
    chosen = parser.parse_args()
    print(machine())
    towns = [
        town(size, difficulty, chosen.seed, tuple(chosen.only))
        for size in chosen.size
        for difficulty in chosen.difficulty
    ]
    if chosen.write:
        for name in chosen.only:
            write(name, section(name, chosen.size, chosen.seed, towns))


if __name__ == "__main__":
    main()
