"""Fit the risk model on labelled transfers, keep it, and rank transfers with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from algorithms._projection import picture
from algorithms.learned import vault
from algorithms.learned.matrix import Matrix, matrix
from algorithms.learned.model import SPLIT, RiskModel, fit
from core.errors import BadInput
from core.message import say
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.services import Services


@dataclass(frozen=True, slots=True)
class Trained:
    """A kept model: its version and its card (periods, test figures)."""

    version: str
    folder: Path
    card: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """One transfer's calibrated probability of fraud, 0 to 1."""

    transfer_id: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    at_ms: int
    probability: float


def folder(services: Services) -> Path:
    """Where models are kept."""
    return services.settings.home / "models"


def train(
    services: Services, actor: Actor, *, alerts_per_day: float = 20.0, split: tuple[float, float, float] = SPLIT
) -> Trained:
    """Fit, calibrate and test a model in order of time on the ledger's labelled transfers, and keep it.

    Transfers without a label count as honest. Raises NotAllowed; BadInput when there are no or too few labels.
    """
    with audited(services, actor, Permission.DETECT_RUN, "model.train", alerts_per_day=alerts_per_day) as said:
        if alerts_per_day <= 0:
            raise BadInput(say("alerts a day: expected more than 0, not {given}", given=alerts_per_day))
        with picture(services.store) as seq:
            seen = matrix(services.store)
        model = fit(
            seen.values,
            seen.names,
            labels(services, seen),
            seen.table.at_ms,
            alerts_per_day=alerts_per_day,
            split=split,
        )
        about = {"data": "the ledger's transfers", "data_seq": seq, "left_out": seen.left_out}
        kept = RiskModel(model.booster, model.names, model.knots, model.threshold, model.card | about)
        version = vault.save(kept, folder(services))
        said.update(version=version, average_precision=model.card["test"]["average_precision"])
    return Trained(version, folder(services) / version, kept.card)


def labels(services: Services, seen: Matrix) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which transfers ground truth calls fraudulent, in the matrix's order. Raises BadInput when it names none."""
    truth = services.ledger.truth()
    named = truth.filter(pc.and_(pc.equal(truth["entity_type"], "TRANSFER"), pc.fill_null(truth["is_fraud"], False)))
    if not len(named):
        raise BadInput("no transfer is labelled: load data that comes with ground truth", code="no_labels")
    ids = seen.table.transfer_ids(np.arange(len(seen.table)))
    fraud = set(named["entity_id"].to_pylist())
    return np.fromiter((name in fraud for name in ids), np.bool_, len(ids))


def score(services: Services, actor: Actor, *, version: str = "", limit: int = 100) -> list[Scored]:
    """The transfers a model (the latest) ranks highest, whatever its threshold. Raises NotAllowed, NotFound, BadInput."""
    with audited(services, actor, Permission.FINDINGS_READ, "model.score", version, limit=limit):
        name, model = vault.load(folder(services), version)
        with picture(services.store):
            seen = matrix(services.store)
        if seen.names != model.names:
            raise BadInput(f"model {name} was fitted on other columns than this version computes: train anew")
        probability = model.probability(seen.values)
        rows, table = np.argsort(-probability, kind="stable")[:limit], seen.table
        names, payers = table.transfer_ids(rows), table.accounts(table.src[rows])
        payees = table.accounts(table.dst[rows])
        return [
            Scored(
                names[i], payers[i], payees[i], int(table.amount_minor[row]), table.currencies[table.currency[row]],
                int(table.at_ms[row]), float(probability[row]),
            )
            for i, row in enumerate(rows)
        ]  # fmt: skip
