"""The fitted scorecard: points of each figure's range for each role, turned into calibrated probabilities.

A multinomial logistic regression over ranges of each figure (a scorecard, as in credit risk: Siddiqi, "Credit Risk
Scorecards", 2006), scaled by one temperature on towns it was not fitted on (Guo et al., "On Calibration of Modern Neural
Networks", 2017). The numbers stand in `scorecard.json`, made by `python -m evaluation.fit_roles`; see docs/detection/roles.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.role_model.features import NAMES, NEIGHBOURS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: `controller` stands for recruiters and controllers: who directs, pays and rings the others.
ROLES = ("bystander", "victim", "mule", "collector", "cash_out", "exchanger", "controller")
FORMAT = 2
#: Roles that take part in moving the money.
TAKING_PART = tuple(role for role in ROLES if role not in ("bystander", "victim"))


def taking_part(probability: Floats) -> Floats:
    """Of each row: the probability that the account takes part in moving the money, neither bystander nor victim."""
    chance: Floats = probability[:, [ROLES.index(role) for role in TAKING_PART]].sum(axis=1)
    return chance


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """`points[j]` has one row a range of figure `names[j]` and one column a role; `usual[j]` their mean over honest accounts."""

    names: tuple[str, ...]
    cuts: tuple[Floats, ...]
    points: tuple[Floats, ...]
    usual: tuple[Floats, ...]
    intercept: Floats
    temperature: float

    def ranges(self, values: Floats) -> Ints:
        """Range of each figure: how many of its cuts lie at or below it. Same shape as `values`."""
        columns = [np.searchsorted(cut, values[:, j], side="right") for j, cut in enumerate(self.cuts)]
        return np.stack(columns, axis=1).astype(np.int64)

    def probabilities(self, values: Floats) -> Floats:
        """One row an account, one column a role of ROLES; rows add up to 1."""
        places = self.ranges(values)
        logits = np.tile(self.intercept, (len(values), 1))
        for j, points in enumerate(self.points):
            logits += points[places[:, j]]
        logits /= self.temperature
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        shares: Floats = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def reasons(self, values: Floats, role: int) -> list[tuple[str, float, float]]:
        """(figure, its value, weight) of one account for a role against honest life, in log-odds; strongest first."""
        places, made = self.ranges(values[None, :])[0], []
        for j, points in enumerate(self.points):
            own, usual = points[places[j]], self.usual[j]
            weight = ((own[role] - usual[role]) - (own[0] - usual[0])) / self.temperature
            made.append((self.names[j], float(values[j]), float(weight)))
        return sorted(made, key=lambda item: -abs(item[2]))


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Two scorecards: `first` looks at an account by itself, `second` also at whom it deals with as the first sees them."""

    version: str
    first: Scorecard
    second: Scorecard


def to_json(looks: Looks, about: dict[str, object]) -> str:
    """Both scorecards and their model card as text, figures by name, rounded to four places."""
    body = {
        "format": FORMAT, "version": looks.version, "about": about, "roles": ROLES, "first": _card(looks.first), "second": _card(looks.second),
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace('"cuts"', '\n "cuts"') + "\n"


def _card(card: Scorecard) -> dict[str, object]:
    return {
        "temperature": round(card.temperature, 4), "intercept": card.intercept.round(4).tolist(),
        "figures": {
            name: {"cuts": cut.round(6).tolist(), "points": points.round(3).tolist(), "usual": usual.round(4).tolist()}
            for name, cut, points, usual in zip(card.names, card.cuts, card.points, card.usual, strict=True)
        },
    }  # fmt: skip


@cache
def looks() -> Looks:
    """The scorecards that ship with the product. Raises ValueError when they do not fit the figures of this version."""
    body = json.loads(files("algorithms.role_model").joinpath("scorecard.json").read_text(encoding="utf-8"))
    if body["format"] != FORMAT or tuple(body["roles"]) != ROLES:
        raise ValueError("scorecard.json is of another format: run python -m evaluation.fit_roles")
    return Looks(body["version"], _read(body["first"], NAMES), _read(body["second"], (*NAMES, *NEIGHBOURS)))


def _read(card: dict[str, Any], names: tuple[str, ...]) -> Scorecard:
    if tuple(card["figures"]) != names:
        raise ValueError("scorecard.json was fitted for other figures: run python -m evaluation.fit_roles")
    figures = list(card["figures"].values())
    cuts, points, usual = (
        tuple(np.array(item[key], np.float64) for item in figures) for key in ("cuts", "points", "usual")
    )
    return Scorecard(names, cuts, points, usual, np.array(card["intercept"]), float(card["temperature"]))
