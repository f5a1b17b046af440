"""Run algorithms and write what they find through the ledger, so that a rebuilt store has it too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError

from algorithms._base import Algorithm, catalog
from algorithms._projection import picture
from algorithms._run import order, run_one
from core.errors import BadInput
from core.ids import fresh
from graph.intake import Intake, Source
from graph.model import RowSet
from ledger.projection import catch_up
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.pace import Pace, remember
from usecases.run_plan import engine_for, fits
from usecases.services import Services


@dataclass(frozen=True, slots=True)
class Detected:
    """One algorithm's part of a run: how many findings and members it wrote, and the seconds it took."""

    run_id: str
    algorithm: str
    findings: int
    members: int
    seconds: float


def chosen(names: Sequence[str]) -> list[Algorithm]:
    """The named algorithms (all when none is named) in the order they build on each other. Raises BadInput."""
    known = catalog()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadInput(f"unknown algorithm {unknown[0]!r}: use one of {', '.join(known)}", code="unknown_algorithm")
    return order(list(names) or list(known))


def detect(
    services: Services,
    actor: Actor,
    names: Sequence[str] = (),
    *,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    engine: str = "auto",
    run_id: str = "",
    pace: Pace | None = None,
    progress: Callable[[str, float, str], None] = lambda _algorithm, _share, _what: None,
) -> Iterator[Detected]:
    """Run the named algorithms (all when none is named) one after the other, yielding each as it is written.

    Earlier runs' findings stay. `pace` tells how far the run is and can stop it (Cancelled: the algorithm at work leaves
    nothing, those before stay whole). Raises NotAllowed, BadInput for a wrong name or parameter, and TooLarge when the
    run would not fit in memory, before anything runs.
    """  # fmt: skip
    actor.need(Permission.DETECT_RUN)
    algorithms = chosen(names)
    given = {name: dict(values) for name, values in (parameters or {}).items()}
    # Models are read from the installation's own folder, whatever a caller names.
    given.setdefault("learned_risk", {})["models"] = str(services.settings.home / "models")
    params = {item.name: _params(item, given.get(item.name, {})) for item in algorithms}
    for item in algorithms:
        engine_for(item, engine, services.store.name)  # an unknown engine is refused before anything runs
    fits(services, algorithms)
    followed = pace or Pace([item.name for item in algorithms])

    def hear(algorithm: str, share: float, what: str) -> None:
        followed.hear(algorithm, share, what)
        progress(algorithm, share, what)

    return _run(services, actor, algorithms, params, engine, hear, run_id or fresh("run"))


def _run(
    services: Services, actor: Actor, algorithms: Sequence[Algorithm], params: Mapping[str, Any], engine: str,
    progress: Callable[[str, float, str], None], run_id: str,
) -> Iterator[Detected]:  # fmt: skip
    with picture(services.store) as data_seq:  # all algorithms of a run see the same facts, read once
        for item in algorithms:
            yield _run_one(
                services, actor, item, params[item.name], run_id, data_seq, engine, partial(progress, item.name)
            )


def _run_one(
    services: Services, actor: Actor, item: Algorithm, params: Any, run_id: str, data_seq: int, engine: str,
    progress: Callable[[float, str], None],
) -> Detected:  # fmt: skip
    used, _why = engine_for(item, engine, services.store.name)
    with audited(services, actor, Permission.DETECT_RUN, "detect.run", item.name, run_id=run_id, engine=used) as said:
        progress(0.0, "")
        outcome = run_one(
            item, services.store, params, engine=used, data_seq=data_seq, run_id=run_id, progress=progress
        )
        progress(0.95, "write")  # the last moment to stop: from here on the findings are written whole
        findings, members = write_findings(services, actor, f"{run_id}:{item.name}", item.name, outcome.rowsets)
        said.update(findings=findings, involved=members)
    remember(item.name, outcome.seconds)
    return Detected(run_id, item.name, findings, members, outcome.seconds)


def write_findings(services: Services, actor: Actor, key: str, name: str, rowsets: Sequence[RowSet]) -> tuple[int, int]:
    """Findings as a ledger batch, applied to the store; returns how many findings and members."""
    findings = sum(len(rows) for rows in rowsets if rows.is_node)
    members = sum(len(rows) for rows in rowsets if not rows.is_node)
    if findings:
        intake = Intake(facts=tuple(rowsets), rows_read=findings + members)
        services.ledger.append(Source(f"{name} {key.split(':')[0]}", "detect", key), [intake], by=actor.name)
        catch_up(services.ledger, services.store)
    return findings, members


def _params(algorithm: Algorithm, given: Mapping[str, Any]) -> Any:
    try:
        return algorithm.params(**given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{algorithm.name}: parameter {field}: {first['msg']}", code="bad_parameter") from error
