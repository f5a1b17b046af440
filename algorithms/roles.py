"""Roles: victim, mule of which layer, collector, cash-out, exchanger, recruiter or controller, honest bystander.

Each account's probability of each role by a fitted scorecard, calibrated on towns it was not fitted on, with the reasons for and
against; where evidence is thin or no role is likely enough it says "unclear". See docs/detection/roles.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from algorithms._base import Algorithm, Found, Member, Params, Task
from algorithms._projection import kept, transfers
from algorithms.role_model.features import Features, features, with_neighbours
from algorithms.role_model.scorecard import ROLES, looks, taking_part
from algorithms.role_model.words import tell
from core.message import Said, say

Floats = NDArray[np.float64]
#: A reason weaker than this, in log-odds, is not told.
_WEAK = 0.25


class RolesParams(Params):
    """Parameters of roles."""

    min_probability: float = Field(
        0.5, ge=0, le=1, description="Least probability of a role that is named; below it is unclear"
    )
    min_suspicion: float = Field(
        0.5, ge=0, le=1, description="Least probability that the account is no honest bystander"
    )
    reasons: int = Field(6, ge=1, le=30, description="Most reasons told for and against")
    limit: int = Field(2_000, ge=1, description="Most accounts reported, the surest first")


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """Every account's figures and probabilities (columns as ROLES), in order of account number; `values` of the second look."""

    figures: Features
    values: Floats
    probability: Floats

    def role(self, number: int, least: float) -> tuple[str, float]:
        """(role, probability) of an account; `unclear` when evidence is thin or nothing reaches `least`."""
        best = int(self.probability[number].argmax())
        chance = float(self.probability[number, best])
        return (ROLES[best], chance) if chance >= least and not self.figures.thin[number] else ("unclear", chance)

    @property
    def taking_part(self) -> Floats:
        """Probability that an account takes part in moving the money: neither bystander nor victim."""
        return taking_part(self.probability)

    def reasons(self, number: int, role: str, most: int) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
        """What speaks for and against a role of an account, each with its weight in log-odds."""
        told = looks().second.reasons(self.values[number], ROLES.index(role))
        pro = [item for item in told if item[2] >= _WEAK][:most]
        contra = [item for item in told if item[2] <= -_WEAK][:most]
        return tuple(_reason(*item) for item in pro), tuple(_reason(*item) for item in contra)


def roles_of(task: Task) -> Roles:
    """Figures and probabilities of every account, made once for the current projection."""

    def build() -> Roles:
        figures = features(task)
        first = taking_part(looks().first.probabilities(figures.values))
        values = with_neighbours(task, figures.values, first)
        return Roles(figures, values, looks().second.probabilities(values))

    return kept(task.store, "roles", build)


def find(task: Task, params: RolesParams) -> list[Found]:
    """One finding per account that is likely no honest bystander, most suspicious first; thin evidence is withheld and counted."""
    task.progress(0.0, "reading figures of every account")
    table = transfers(task.store)
    if not table.n_accounts:
        return []
    found = roles_of(task)
    suspicion = 1.0 - found.probability[:, 0]
    wanted = suspicion >= params.min_suspicion
    thin = int((wanted & found.figures.thin).sum())
    numbers = np.flatnonzero(wanted & ~found.figures.thin)
    numbers = numbers[np.lexsort((numbers, -suspicion[numbers]))]
    omitted = [say("{n} accounts have too little evidence for any role", n=thin)] if thin else []
    if (left := len(numbers) - params.limit) > 0:
        omitted.append(say("{n} less sure accounts were left out by the limit", n=left))
    chosen = numbers[: params.limit]
    task.progress(0.8, "putting reasons into words")
    names = table.accounts(chosen)
    made = [_found(found, int(number), name, omitted, params) for number, name in zip(chosen, names, strict=True)]
    return sorted(made, key=lambda item: -item.score)  # chosen by what is no bystander; victims are among them


def _found(found: Roles, number: int, name: str, omitted: list[Said], params: RolesParams) -> Found:
    role, chance = found.role(number, params.min_probability)
    best = ROLES[int(found.probability[number].argmax())]
    pro, contra = found.reasons(number, best, params.reasons)
    layer = round(float(found.figures.layer[number])) if best in ("mule", "collector", "cash_out", "exchanger") else 0
    ranked = sorted(zip(ROLES, found.probability[number].round(4).tolist(), strict=True), key=lambda item: -item[1])
    title = _title(role, best, chance, layer)
    full = say("Account {name}: {title}", name=name, title=title)
    if ranked[1][1] >= 0.05:
        full = say(
            "Account {name}: {title}; next {role} {chance:.0%}",
            name=name,
            title=title,
            role=say(ranked[1][0]),
            chance=ranked[1][1],
        )
    place = 0 if best == "victim" else layer or None
    details: dict[str, Any] = {
        "probabilities": dict(ranked),
        "layer": layer or None,
        "scorecard": looks().version,
        "omitted": omitted,
    }
    # A victim's score says how sure the role is; it is no suspicion, and risk gives the role no weight.
    score = chance if role == "victim" else float(found.taking_part[number]) if role != "unclear" else min(chance, 0.5)
    score = round(min(1.0, max(0.0, score)), 4)
    return Found(
        full, score, (Member("Account", name, role, place, score, title),), pro, contra,
        details=details,
    )  # fmt: skip


def _reason(figure: str, value: float, weight: float) -> Said:
    return say("{text} ({weight:+.1f})", text=tell(figure, value), weight=weight)


def _title(role: str, best: str, chance: float, layer: int) -> Said:
    if role == "unclear":
        return say("no bystander, role unclear: {role} {chance:.0%}", role=say(best), chance=chance)
    if role == "mule" and layer:
        return say("layer-{layer} mule {chance:.0%}", layer=layer, chance=chance)
    return say("{role} {chance:.0%}", role=say(role.replace("_", "-")), chance=chance)


ALGORITHM = Algorithm("roles", "1.0", "Roles of accounts, with probabilities", RolesParams, find)
