"""What every algorithm is: parameters, typed findings with reasons and evidence, and the engines it runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.registry import catalog as _catalog
from graph.port import GraphStore


class Params(BaseModel):
    """Parameters of one algorithm, validated and frozen; units stand in the names (`window_s`, `min_amount_minor`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Member:
    """One node a finding involves, in which role, and why."""

    label: str
    id: str
    role: str
    layer: int | None = None
    score: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding before it is written: a suggestion with its evidence and what speaks against it.

    `score` is 0 to 1 (suspicion, not a probability of guilt). `evidence_ids` are ids of transfers and other events.
    `details` is the algorithm's own result (hops, layers, figures), plain JSON types only.
    """

    title: str
    score: float
    members: tuple[Member, ...]
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    evidence_ids: tuple[str, ...] = ()
    amount_minor: int | None = None
    currency: str | None = None
    starts_ms: int | None = None
    ends_ms: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What an algorithm gets: the store to project from, the engine's name, and a progress sink (0.0 to 1.0)."""

    store: GraphStore
    engine: str = "local"
    progress: Callable[[float, str], None] = field(default=lambda _share, _what: None)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One algorithm. `find(task, params)` returns findings, most suspicious first, the same for the same data and seed."""

    name: str
    version: str
    title: str
    params: type[Params]
    find: Callable[[Task, Any], list[Found]]
    engines: tuple[str, ...] = ("local",)
    after: tuple[str, ...] = ()
    """Names of algorithms whose findings it reads; `detect --all` runs those first."""
    bytes_a_transfer: int = 600
    """Memory a run takes for each transfer, the shared arrays included (measured on communities at 1,000,000)."""


def catalog() -> dict[str, Algorithm]:
    """All algorithms by name; each module of `algorithms` carries `ALGORITHM`."""
    import algorithms

    package: ModuleType = algorithms
    return _catalog(package, "ALGORITHM")
