"""Runs algorithms over a data set without its labels: what an algorithm gets has no truth in it and no way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from annotated_types import Le

from algorithms._base import Algorithm, Found, Params
from algorithms._projection import picture
from algorithms._run import order, parse, run_one
from core.errors import RingtraceError
from evaluation.layered import Layered, Scannable
from graph.port import GraphStore

#: Parameters that only cut the list of findings: lifted, so that recall is the algorithm's and not the list's.
CAPS = ("limit", "max_findings")
#: An algorithm with this parameter finds nothing without a fitted model, which is not the same as missing everything.
MODELS = "models"
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Ran:
    """What one algorithm found, or why it could not run (`reason`)."""

    algorithm: Algorithm
    params: Params
    found: tuple[Found, ...]
    seconds: float
    reason: str = ""


def run_all(
    base: Scannable,
    names: Iterable[str] | None = None,
    *,
    until_ms: int | None = None,
    params_of: Callable[[Algorithm], Params] | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> list[Ran]:
    """Every named algorithm (all when None) at default parameters, without caps on the number of findings unless `params_of`
    says otherwise.

    `until_ms` shows them the past only. Later algorithms read the findings of earlier ones of this run, none of others.
    """
    layer = Layered(base, until_ms)
    store = cast(GraphStore, layer)
    ran = []
    with picture(store):
        for algorithm in order(names):
            progress(algorithm.name)
            params = (params_of or uncapped)(algorithm)
            if MODELS in algorithm.params.model_fields and not getattr(params, MODELS):
                ran.append(
                    Ran(
                        algorithm,
                        params,
                        (),
                        0.0,
                        "needs a model fitted on labelled data: its card has the figures; or evaluate `--with-model`",
                    )
                )
                continue
            try:
                outcome = run_one(algorithm, store, params, run_id="evaluation", data_seq=1)
            except RingtraceError as error:
                ran.append(Ran(algorithm, params, (), 0.0, str(error)))
                continue
            layer.add(outcome.rowsets)
            ran.append(Ran(algorithm, params, outcome.found, outcome.seconds))
    return ran


def uncapped(algorithm: Algorithm, others: Mapping[str, Any] | None = None) -> Params:
    """Default parameters, or these others, with every cap on the number of findings as high as it goes.

    Raises BadInput naming the parameter that is wrong.
    """
    given: dict[str, Any] = dict(others or {})
    for name, field in algorithm.params.model_fields.items():
        if name in CAPS and name not in given:
            most = [rule.le for rule in field.metadata if isinstance(rule, Le)]
            given[name] = min([_MANY, *(int(cast(int, limit)) for limit in most)])
    return parse(algorithm, given)
