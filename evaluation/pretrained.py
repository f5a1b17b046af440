"""A risk model to evaluate with: fitted on generated towns of other seeds, so that it has seen nothing of what it is judged on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np

from algorithms._base import Algorithm, Params
from algorithms._projection import picture
from core.errors import BadInput
from evaluation import datasets
from evaluation.assemble import evaluate_setting
from evaluation.report import Setting
from evaluation.running import MODELS, uncapped
from graph.port import GraphStore
from loaders.town.typologies import Difficulty

#: Seeds of the towns to fit on, to calibrate and choose the threshold on, and of the model card's test.
FIT, CHOOSE, TEST = (31, 32, 36), (33, 35), (34,)
#: Alerts a day the threshold of the model keeps to.
ALERTS_PER_DAY = 20.0
NAME = "learned_risk"


def with_learned_risk(
    setting: Setting,
    size: int,
    seeds: tuple[int, ...],
    difficulty: Difficulty,
    operating: float,
    progress: Callable[[str], None] = lambda _what: None,
) -> Setting:
    """The setting with the risk model's figures on its towns, by a model fitted on towns whose seeds are none of `seeds`.

    It is measured by itself: what reads findings (`risk`) is measured as it is where no model has been fitted. Raises
    BadInput when a seed is one that the model is fitted on, or the towns are too small.
    """
    with _fitted(size, seeds, difficulty, progress) as params_of:
        own = evaluate_setting(datasets.towns(size, seeds, difficulty), [NAME], operating, progress, params_of)
    (result,) = own.algorithms
    return replace(setting, algorithms=tuple(result if item.name == NAME else item for item in setting.algorithms))


@contextmanager
def _fitted(
    size: int, seeds: tuple[int, ...], difficulty: Difficulty, progress: Callable[[str], None]
) -> Iterator[Callable[[Algorithm], Params]]:
    """Parameters for `run_all` with the model, which is forgotten at the end."""
    seen = sorted(set(seeds) & {*FIT, *CHOOSE, *TEST})
    if seen:
        raise BadInput(f"seeds {', '.join(map(str, seen))}: the risk model is fitted on these towns, choose others")
    with tempfile.TemporaryDirectory() as scratch:
        _fit(size, difficulty, Path(scratch), progress)

        def params_of(algorithm: Algorithm) -> Params:
            params = uncapped(algorithm)
            if MODELS not in algorithm.params.model_fields:
                return params
            # Its fitting period is another town's: nothing here was seen, so nothing is left out.
            return params.model_copy(update={MODELS: scratch, "fitted_too": True})

        yield params_of


def _fit(size: int, difficulty: Difficulty, folder: Path, progress: Callable[[str], None]) -> None:
    from algorithms.learned import vault  # XGBoost and scikit-learn take a second to import: only when used
    from algorithms.learned.matrix import matrix
    from algorithms.learned.model import fit

    values, fraud, times = [], [], []
    names: tuple[str, ...] = ()
    for seed in (*FIT, *CHOOSE, *TEST):
        progress(f"risk model: town of {size:,} transfers, {difficulty}, seed {seed}")
        town = datasets.town(size, seed, difficulty)
        store = cast(GraphStore, town.base)
        with picture(store):
            rows = matrix(store)
            ids = rows.table.transfer_ids(np.arange(len(rows.table)))
        values.append(rows.values)
        times.append(rows.table.at_ms)
        fraud.append(np.fromiter((name in town.labels.events for name in ids), np.bool_, len(ids)))
        names = rows.names
    edges = np.cumsum([0, *(len(part) for part in fraud)])[[0, len(FIT), len(FIT) + len(CHOOSE), -1]].tolist()
    fitting, later, last = (slice(low, high) for low, high in pairwise(edges))
    model = fit(
        np.vstack(values), names, np.concatenate(fraud), np.concatenate(times), alerts_per_day=ALERTS_PER_DAY,
        parts=(fitting, later, last),
    )  # fmt: skip
    vault.save(model, folder)
