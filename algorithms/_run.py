"""One run of an algorithm: order the algorithms, run one, turn what it found into rows for the ledger.

Nothing is written here: the use case appends `Outcome.rowsets` to the ledger and applies them to the store.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from algorithms._base import Algorithm, Found, Member, Params, Task, catalog
from algorithms._complete import completed
from algorithms._projection import picture
from core.clock import now_ms
from core.errors import BadInput, NotFound
from core.ids import derived
from graph.model import RowSet, conform
from graph.port import GraphStore
from graph.sentences import pack_finding, pack_reason

#: In `Algorithm.after`: every other algorithm that is asked for.
ALL_OTHERS = "*"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of one algorithm gave: findings (most suspicious first), their ids, and rows for the ledger."""

    run_id: str
    algorithm: str
    found: tuple[Found, ...]
    finding_ids: tuple[str, ...]
    rowsets: tuple[RowSet, ...]
    seconds: float


def order(names: Iterable[str] | None = None) -> list[Algorithm]:
    """The named algorithms (all when None), each after those whose findings it reads; otherwise alphabetical.

    Only what is named runs: an algorithm alone reads the findings that earlier runs left. Raises NotFound.
    """
    known = catalog()
    wanted = sorted(known) if names is None else sorted(set(names))
    for name in wanted:
        if name not in known:
            raise NotFound(f"no algorithm named {name!r}: choose from {', '.join(sorted(known))}")
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name in wanted:
        after = known[name].after
        earlier = [other for other in wanted if other != name] if ALL_OTHERS in after else after
        sorter.add(name, *(other for other in earlier if other in wanted))
    try:
        return [known[name] for name in sorter.static_order()]
    except CycleError as error:
        raise ValueError(f"algorithms wait for each other: {' -> '.join(error.args[1])}") from error


def parse(algorithm: Algorithm, given: Params | Mapping[str, Any] | None) -> Params:
    """Validated parameters of an algorithm. Raises BadInput in one line naming the parameter and what was expected."""
    if isinstance(given, algorithm.params):
        return given
    try:
        return algorithm.params.model_validate({} if given is None else given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "parameters"
        raise BadInput(f"{algorithm.name}: {where}: {first['msg']}") from error


def run_one(
    algorithm: Algorithm,
    store: GraphStore,
    params: Params | Mapping[str, Any] | None = None,
    *,
    run_id: str,
    engine: str = "local",
    data_seq: int | None = None,
    progress: Callable[[float, str], None] = lambda _share, _what: None,
) -> Outcome:
    """Run one algorithm over the store and make its rows; `data_seq` None is the sequence the projection was read at.

    Raises BadInput for wrong parameters or an engine the algorithm does not have, and what the store raises.
    """
    if engine not in algorithm.engines:
        raise BadInput(f"{algorithm.name} runs on {' or '.join(algorithm.engines)}, not on {engine!r}")
    checked = parse(algorithm, params)
    started = time.perf_counter()
    with picture(store) as seq:
        found = completed(algorithm.find(Task(store, engine, progress), checked), store)
    stamp = Stamp(run_id, algorithm.name, algorithm.version, engine, seq if data_seq is None else data_seq, now_ms())
    finding_ids = tuple(derived(run_id, algorithm.name, index) for index in range(len(found)))
    rowsets = to_rowsets(found, finding_ids, stamp, checked)
    return Outcome(run_id, algorithm.name, tuple(found), finding_ids, rowsets, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a run's findings come from: run, algorithm and version, engine, the data it read, when."""

    run_id: str
    algorithm: str
    version: str
    engine: str
    data_seq: int
    at_ms: int


def to_rowsets(found: Iterable[Found], finding_ids: Iterable[str], stamp: Stamp, params: Params) -> tuple[RowSet, ...]:
    """Finding nodes and their INVOLVES, one RowSet for each member label; none when nothing was found.

    Raises ValueError when an algorithm gives a score outside 0 to 1 (a fault of the algorithm).
    """
    rows, ids = list(found), list(finding_ids)
    if not rows:
        return ()
    for item in rows:
        if not 0.0 <= item.score <= 1.0:
            raise ValueError(f"{stamp.algorithm}: score {item.score} of {item.title!r} is not between 0 and 1")
    return (RowSet("Finding", _finding_table(rows, ids, stamp, params)), *_involves(rows, ids, stamp))


def _finding_table(rows: list[Found], ids: list[str], stamp: Stamp, params: Params) -> pa.Table:
    texts, count = pa.list_(pa.string()), len(rows)
    per_run = {
        "kind": stamp.algorithm, "run_id": stamp.run_id, "algorithm_version": stamp.version, "engine": stamp.engine,
        "parameters": _json(params.model_dump(mode="json")), "source": f"algorithm:{stamp.algorithm}",
        "data_seq": stamp.data_seq, "created_at_ms": stamp.at_ms, "source_row": 0,
    }  # fmt: skip
    columns = {name: pa.repeat(pa.scalar(value), count) for name, value in per_run.items()} | {
        "id": pa.array(ids),
        "title": pa.array([item.title for item in rows]),
        "score": pa.array([item.score for item in rows], pa.float64()),
        "reasons": pa.array([list(item.reasons) for item in rows], texts),
        "against": pa.array([list(item.against) for item in rows], texts),
        "evidence_ids": pa.array([list(item.evidence_ids) for item in rows], texts),
        "size": pa.array([len(item.members) for item in rows], pa.int64()),
        "amount_minor": pa.array([item.amount_minor for item in rows], pa.int64()),
        "currency": pa.array([item.currency for item in rows], pa.string()),
        "starts_ms": pa.array([item.starts_ms for item in rows], pa.int64()),
        "ends_ms": pa.array([item.ends_ms for item in rows], pa.int64()),
        "details": pa.array([_json(item.details) for item in rows]),
        "said": pa.array(
            [pack_finding(item.title, item.reasons, item.against, item.details) for item in rows], pa.string()
        ),
    }
    return conform("Finding", pa.table(columns))


def _involves(rows: list[Found], ids: list[str], stamp: Stamp) -> list[RowSet]:
    members = [member for item in rows for member in item.members]
    if not members:
        return []
    sizes = np.array([len(item.members) for item in rows])
    finding = np.repeat(np.arange(len(rows)), sizes)
    place = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    finding_id = pa.array(ids).take(pa.array(finding))
    table = pa.table(
        {
            "from_id": finding_id,
            "to_id": pa.array([member.id for member in members]),
            # The place in the finding keeps two roles of one member apart.
            "id": pc.binary_join_element_wise(finding_id, pa.array(place).cast(pa.string()), "."),
            "role": pa.array([member.role for member in members]),
            "layer": pa.array([member.layer for member in members], pa.int64()),
            "score": pa.array([member.score for member in members], pa.float64()),
            "reason": pa.array([member.reason or None for member in members], pa.string()),
            "said": _reasons_said(members),
            "source": pa.repeat(pa.scalar(f"algorithm:{stamp.algorithm}"), len(members)),
            "source_row": pa.repeat(pa.scalar(0), len(members)),
        }
    )
    labels = np.array([member.label for member in members], dtype=object)
    kinds = sorted(set(labels.tolist()))
    parts = [(kind, table if len(kinds) == 1 else table.filter(pa.array(labels == kind))) for kind in kinds]
    return [RowSet("INVOLVES", conform("INVOLVES", part), "Finding", kind) for kind, part in parts]


def _reasons_said(members: list[Member]) -> pa.Array:
    known: dict[str, str | None] = {}  # many members have the same reason
    for member in members:
        if member.reason not in known:
            known[member.reason] = pack_reason(member.reason)
    return pa.array([known[member.reason] for member in members], pa.string())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
