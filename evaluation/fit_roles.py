"""Fit the role scorecard on generated towns, calibrate it on others, test it on yet others.

`python -m evaluation.fit_roles` writes algorithms/role_model/scorecard.json; `--report` only tests the one that is there
and prints its reliability. Seeds of the three parts differ; labels are read here only.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms._base import Task
from algorithms._projection import transfers
from algorithms.role_model.features import NAMES, NEIGHBOURS, features, with_neighbours
from algorithms.role_model.scorecard import ROLES, Looks, Scorecard, looks, taking_part, to_json
from evaluation.shelf import read
from evaluation.truth import Truth
from loaders.town.generate import VERSION, generate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OUT = Path(__file__).resolve().parents[1] / "algorithms" / "role_model" / "scorecard.json"
#: (transfers, difficulty, seed) of each part.
FIT = (
    *((100_000, "normal", seed) for seed in (101, 102, 103, 104, 105)), *((50_000, "easy", seed) for seed in (101, 102)),
    *((200_000, "hard", seed) for seed in (101, 102, 103)),
)  # fmt: skip
CALIBRATE = ((100_000, "normal", 201), (100_000, "normal", 202), (200_000, "hard", 201))
TEST = (
    (100_000, "normal", 301),
    (100_000, "normal", 302),
    (50_000, "easy", 301),
    (200_000, "hard", 301),
    (200_000, "hard", 302),
)
_EQUAL = {"honest": "bystander", "recruiter": "controller"}
#: One honest account in so many is fitted on, with that weight.
HONEST_EVERY = 3


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Figures, roles (places in ROLES) and layers of the accounts of some towns; `thin` ones are withheld in use."""

    values: Floats
    role: Ints
    layer: Ints
    guessed_layer: Floats
    thin: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """One generated town: what algorithms read, and its labelled accounts by the first look's figures."""

    shelf: Any
    first: Labelled

    def second(self, card: Scorecard) -> Labelled:
        """The same with the figures of the second look, as the first card sees its accounts."""
        values = with_neighbours(
            Task(self.shelf), self.first.values, taking_part(card.probabilities(self.first.values))
        )
        return replace(self.first, values=values)


def account_roles(truth: Truth) -> dict[str, tuple[str, int]]:
    """(role, layer) of each account: its commonest role in chains, a gang's role before a victim's; layer 0 if none."""
    rows = truth.table.to_pylist()
    seen: dict[str, Counter[tuple[str, int]]] = {}
    for row in rows:
        if row["entity_type"] == "Account":
            role = _EQUAL.get(row["role"], row["role"])
            seen.setdefault(row["entity_id"], Counter())[role, row["layer"] or 0] += 1
    chosen = {}
    for name, counts in seen.items():
        gang = {key: count for key, count in counts.items() if key[0] not in ("victim", "bystander")} or counts
        chosen[name] = max(gang, key=lambda key: (gang[key], key))
    return chosen


def town(size: int, difficulty: str, seed: int) -> Town:
    """Generate one town and take its figures and labels."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "town"
        generate(folder, transfers=size, seed=seed, difficulty=difficulty)  # type: ignore[arg-type]
        shelf, truth = read(folder, "synthetic")
    made, known = features(Task(shelf)), account_roles(truth)
    names = transfers(shelf).account_ids.to_pylist()
    labels = [known.get(name, ("bystander", 0)) for name in names]
    role = np.array([ROLES.index(role) for role, _ in labels], np.int64)
    layer = np.array([layer for _, layer in labels], np.int64)
    return Town(shelf, Labelled(made.values, role, layer, made.layer, made.thin))


def together(parts: Iterable[Labelled]) -> Labelled:
    """Several towns' accounts as one."""
    every = list(parts)
    return Labelled(*(np.concatenate([getattr(part, name) for part in every]) for name in Labelled.__slots__))


def fit(data: Labelled, names: tuple[str, ...]) -> Scorecard:
    """The scorecard of these accounts, not yet calibrated."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped,unused-ignore]

    honest = np.flatnonzero(data.role == 0)
    kept = np.sort(np.concatenate([honest[::HONEST_EVERY], np.flatnonzero(data.role != 0)]))
    values, role = data.values[kept], data.role[kept]
    cuts = tuple(_cuts(values[:, j], role != 0) for j in range(len(names)))
    places = [np.searchsorted(cut, values[:, j], side="right") for j, cut in enumerate(cuts)]
    columns = [np.eye(len(cut) + 1, dtype=np.float32)[place] for cut, place in zip(cuts, places, strict=True)]
    model = LogisticRegression(C=0.3, max_iter=400, tol=1e-4)
    model.fit(np.hstack(columns), role, sample_weight=np.where(role == 0, HONEST_EVERY, 1.0))
    assert model.classes_.tolist() == list(range(len(ROLES)))
    bounds = np.cumsum([0, *(len(cut) + 1 for cut in cuts)])
    points = tuple(model.coef_[:, a:b].T.astype(np.float64) for a, b in pairwise(bounds))
    usual = tuple(table[place[role == 0]].mean(axis=0) for table, place in zip(points, places, strict=True))
    return Scorecard(names, cuts, points, usual, model.intercept_.astype(np.float64), 1.0)


def fit_looks(version: str) -> Looks:
    """Both scorecards. The second is fitted on towns seen by a first card that was fitted on the other half of them."""
    every, second = [town(*item) for item in FIT], (*NAMES, *NEIGHBOURS)
    halves = [fit(together(made.first for made in every[half::2]), NAMES) for half in (0, 1)]
    seen = together(made.second(halves[1 - place % 2]) for place, made in enumerate(every))
    first = fit(together(made.first for made in every), NAMES)
    late = together(town(*item).second(first) for item in CALIBRATE)
    return Looks(version, first, calibrated(fit(seen, second), late))


def _cuts(values: Floats, named: NDArray[np.bool_]) -> Floats:
    """Cuts at quantiles of honest and of other accounts alike, so that both are told apart; at most ten ranges."""
    some = np.concatenate([np.quantile(values[rows], (0.1, 0.3, 0.5, 0.7, 0.9)) for rows in (named, ~named)])
    found: Floats = np.unique(some.round(6))
    above: Floats = found[found > values.min()]
    return above


def calibrated(card: Scorecard, data: Labelled) -> Scorecard:
    """The same with the temperature that fits these towns best (least log loss)."""
    rows = np.arange(len(data.role))

    def loss(temperature: float) -> float:
        tried = replace(card, temperature=temperature)
        return float(-np.log(np.maximum(tried.probabilities(data.values)[rows, data.role], 1e-12)).mean())

    best = min(np.arange(0.6, 2.01, 0.05).tolist(), key=loss)
    return replace(card, temperature=float(best))


def measure(card: Scorecard, data: Labelled) -> dict[str, Any]:
    """Brier score, expected calibration error, reliability, and precision and recall of each role at one half."""
    chance = card.probabilities(data.values)
    truth = np.eye(len(ROLES))[data.role]
    named = 1.0 - chance[:, 0]
    bins, is_named = np.minimum((named * 10).astype(int), 9), data.role != 0
    curve = [
        {"from": i / 10, "accounts": int((bins == i).sum()), "said": round(float(named[bins == i].mean()), 3), "true": round(float(is_named[bins == i].mean()), 3)}
        for i in range(10) if (bins == i).any()
    ]  # fmt: skip
    top, sure = chance.argmax(axis=1), chance.max(axis=1)
    # Calibration of the named role among accounts that are not plainly bystanders: the many easy ones hide all error.
    hard = named >= 0.05
    ece = 0.0
    for i in range(10):
        rows = hard & (np.minimum((sure * 10).astype(int), 9) == i)
        if rows.any():
            ece += rows.sum() / hard.sum() * abs(float(sure[rows].mean()) - float((top == data.role)[rows].mean()))
    roles = {}
    for place, role in enumerate(ROLES):
        said = (top == place) & (sure >= 0.5) & ((place == 0) | ~data.thin)
        right = int((said & (data.role == place)).sum())
        roles[role] = {
            "true": int((data.role == place).sum()), "said": int(said.sum()),
            "precision": round(right / max(1, int(said.sum())), 3), "recall": round(right / max(1, int((data.role == place).sum())), 3),
        }  # fmt: skip
    mules = (data.role == ROLES.index("mule")) & (top == ROLES.index("mule")) & (data.layer > 0)
    off = np.abs(np.round(data.guessed_layer[mules]) - data.layer[mules])
    return {
        "accounts": len(data.role), "brier": round(float(((chance - truth) ** 2).sum(axis=1).mean()), 5),
        "brier_not_bystander": round(float(((named - is_named) ** 2).mean()), 5), "ece_of_doubtful": round(ece, 4),
        "unclear": int(((named >= 0.5) & ((sure < 0.5) | data.thin)).sum()), "reliability": curve, "roles": roles,
        "layer_right": round(float((off == 0).mean()), 3), "layer_within_one": round(float((off <= 1).mean()), 3),
    }  # fmt: skip


def main() -> None:
    """Fit, calibrate, test, write; or only test."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.fit_roles")
    parser.add_argument("--report", action="store_true", help="test the scorecard that is there, write nothing")
    parser.add_argument("--version", default="1")
    chosen = parser.parse_args()
    both = looks() if chosen.report else fit_looks(chosen.version)
    tested = {}
    for difficulty in ("easy", "normal", "hard"):
        tested[difficulty] = measure(
            both.second, together(town(*item).second(both.first) for item in TEST if item[1] == difficulty)
        )
        _print(difficulty, tested[difficulty])
    if not chosen.report:
        about = {
            "what": "role of an account from money, time, shared things and calls", "made_by": "python -m evaluation.fit_roles",
            "town_version": VERSION, "fit": FIT, "calibrated": CALIBRATE, "tested": TEST, "measured": tested,
            "not_for": "decisions about a person without a person; data unlike the generated towns before it is fitted anew",
        }  # fmt: skip
        OUT.write_text(to_json(both, about), encoding="utf-8")
        print(f"wrote {OUT}")


def _print(title: str, found: dict[str, Any]) -> None:
    print(f"\n{title}: {found['accounts']:,} accounts, Brier {found['brier']} (not a bystander: {found['brier_not_bystander']}), "
          f"ECE of the doubtful {found['ece_of_doubtful']}, unclear {found['unclear']}, "
          f"mules' layer right {found['layer_right']}, within one {found['layer_within_one']}")  # fmt: skip
    for role, row in found["roles"].items():
        print(
            f"  {role:10} true {row['true']:6} said {row['said']:6} precision {row['precision']:.3f} recall {row['recall']:.3f}"
        )
    for row in found["reliability"]:
        print(
            f"  no bystander {row['from']:.1f}+: {row['accounts']:6} accounts, said {row['said']:.3f}, true {row['true']:.3f}"
        )


if __name__ == "__main__":
    main()
