"""A risk model to evaluate with: fitted on generated towns of other seeds, so that it has seen nothing of what it is judged on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np

from algorithms._base import Algorithm, Params
from algorithms._projection import picture
from core.errors import BadInput
from evaluation import datasets
from evaluation.running import MODELS, uncapped
from graph.port import GraphStore
from loaders.town.typologies import Difficulty

#: Seeds of the towns to fit on, to calibrate and choose the threshold on, and of the model card's test.
FIT, CHOOSE, TEST = (31, 32, 36), (33, 35), (34,)
#: Alerts a day the threshold of the model keeps to.
ALERTS_PER_DAY = 20.0
ParamsOf = Callable[[Algorithm], Params]


@contextmanager
def with_model(
    size: int, seeds: tuple[int, ...], difficulty: Difficulty, progress: Callable[[str], None] = lambda _what: None
) -> Iterator[ParamsOf]:
    """Parameters of every algorithm for `run_all`: uncapped, and with a model of towns whose seeds are none of `seeds`.

    The model is forgotten at the end. Raises BadInput when a seed is one that it is fitted on, or the towns are too small.
    """
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

    values, fraud, times, names = [], [], [], ()
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
