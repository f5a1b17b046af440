"""What every export is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import BinaryIO

from core.registry import catalog as _catalog
from graph.model import Subgraph


@dataclass(frozen=True, slots=True)
class ExportMeta:
    """What an export says of itself: title, who made it and when, which data, and drawing positions by node key."""

    title: str
    author: str
    created_at_ms: int
    data_seq: int
    language: str = "en"
    positions: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    """Filters that were on, one line each."""
    beside: dict[tuple[str, str], str] = field(default_factory=dict)
    """What stands under a node's name in a picture, by node key."""
    looks: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    """Colour `#rrggbb` and size as drawn on the screen, by node key; others have those of their label."""
    colors_said: tuple[tuple[str, str], ...] = ()
    """What those colours say, for the legend: colour and words."""
    names: dict[str, str] = field(default_factory=dict)
    """Labels and relationship types in the reader's language."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format. `write(subgraph, meta, out)` writes the whole file to a binary stream."""

    name: str
    title: str
    media_type: str
    suffix: str
    write: Callable[[Subgraph, ExportMeta, BinaryIO], None]


def catalog() -> dict[str, Exporter]:
    """All exporters by name; each module of `exports` carries `EXPORTER`."""
    import exports

    package: ModuleType = exports
    return _catalog(package, "EXPORTER")
