"""Transfers the risk model ranks highest, each with the reasons of that very decision.

Nothing is found before `ringtrace train` has made a model from labelled transfers. Transfers of the model's own fitting
period are left out unless asked for: it has seen their labels. See docs/detection/learned_risk.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from algorithms._base import Algorithm, Found, Member, Params, Task
from algorithms._omitted import left_out
from core.errors import BadInput
from core.message import Amount, Said, say


class LearnedRiskParams(Params):
    """Parameters of learned_risk."""

    models: str = Field("", description="Folder of models; the installation sets it")
    version: str = Field("", description="Model version; empty: the latest")
    min_probability: float | None = Field(
        None, ge=0, le=1, description="Least probability; empty: the model's threshold"
    )
    fitted_too: bool = Field(False, description="Also transfers of the period the model was fitted on")
    reasons: int = Field(5, ge=1, le=20, description="Most reasons told for and against")
    limit: int = Field(500, ge=1, le=100_000, description="At most so many transfers, the most probable first")


def find(task: Task, params: LearnedRiskParams) -> list[Found]:
    """One finding a transfer, the most probable first (ties by time and id); none without a model.

    Raises BadInput when the model was fitted on other columns, NotFound for a version that is not there.
    """
    from algorithms.learned import vault  # XGBoost and scikit-learn take a second to import: only when used
    from algorithms.learned.matrix import matrix

    folder = Path(params.models)
    if not params.models or not (vault.versions(folder) or params.version):
        task.progress(1.0, "no model yet: `ringtrace train` makes one")
        return []
    version, model = vault.load(folder, params.version)
    task.progress(0.1, "features")
    seen = matrix(task.store)
    if seen.names != model.names:
        raise BadInput(f"model {version} was fitted on other columns than this version computes: train anew")
    task.progress(0.7, "score")
    probability = model.probability(seen.values) if len(seen.table) else np.zeros(0)
    least = model.threshold if params.min_probability is None else params.min_probability
    wanted = probability >= least
    if not params.fitted_too:
        wanted &= seen.table.at_ms > model.card["periods"]["fitting"]["to_ms"]
    rows = np.flatnonzero(wanted)
    omitted = left_out(len(rows), params.limit)
    rows = rows[np.argsort(-probability[rows], kind="stable")][: params.limit]
    parts = model.parts(seen.values[rows]) if len(rows) else np.zeros((0, 1))
    return [
        _found(seen, int(row), float(probability[row]), parts[place], (version, model.card, params.reasons), omitted)
        for place, row in enumerate(rows)
    ]


def _found(
    seen: Any, row: int, probability: float, parts: npt.NDArray[np.float64], about: tuple[str, Any, int],
    omitted: list[str],
) -> Found:  # fmt: skip
    version, card, most = about
    table = seen.table
    amount, currency = int(table.amount_minor[row]), table.currencies[table.currency[row]]
    payer, payee = table.accounts([table.src[row], table.dst[row]])
    (transfer,) = table.transfer_ids([row])
    at, said = int(table.at_ms[row]), _told(seen, row, parts, most)
    ends = [("payer", payer)] if payer == payee else [("payer", payer), ("payee", payee)]
    return Found(
        title=say("Transfer {transfer}: {money} from {payer} to {payee}", transfer=transfer, money=Amount(amount, currency), payer=payer, payee=payee),
        score=min(1.0, max(0.0, probability)),
        members=tuple(Member("Account", name, role, score=probability) for role, name in ends),
        reasons=tuple(say("{text} (+{weight:.2f} log odds)", text=text, weight=weight) for text, weight in said if weight > 0),
        against=(
            *(say("{text} ({weight:.2f} log odds)", text=text, weight=weight) for text, weight in said if weight < 0),
            say("In its test period {share:.0%} of this model's alerts were wrong", share=1 - card["test"]["precision"]),
        ),
        evidence_ids=(transfer,),
        amount_minor=amount, currency=currency, starts_ms=at, ends_ms=at,
        details={"model": version, "probability": round(probability, 6), "base_log_odds": round(float(parts[-1]), 4), "omitted": omitted},
    )  # fmt: skip


def _told(seen: Any, row: int, parts: npt.NDArray[np.float64], most: int) -> list[tuple[Said, float]]:
    """The strongest columns for and against, at most `most` each, strongest first."""
    from algorithms.learned.words import tell

    own = parts[:-1]
    order = np.argsort(-np.abs(own), kind="stable")
    chosen = [*[c for c in order if own[c] >= 0.005][:most], *[c for c in order if own[c] <= -0.005][:most]]
    return [(tell(seen.names[c], float(seen.values[row, c])), float(own[c])) for c in chosen]


ALGORITHM = Algorithm(
    "learned_risk", "1.0.0", "Transfers ranked by the risk model", LearnedRiskParams, find,
    bytes_a_transfer=2_000,  # some 120 columns of each transfer, the features' copy of them, and what the learner makes
)  # fmt: skip
