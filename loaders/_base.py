"""What every loader is, and how it says what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from core.registry import catalog as _catalog
from graph.intake import Intake


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What the surroundings give a loader: the zone of zoneless times, the size limit and a progress sink."""

    timezone: str = "Asia/Shanghai"
    max_file_bytes: int = 20 * 10**9
    progress: Callable[[int, int], None] = field(default=lambda _done, _total: None)
    """Called with (bytes or rows done, total) as a file is read; total is 0 when unknown."""


@dataclass(frozen=True, slots=True)
class Loader:
    """One source format.

    `recognises(path)` tells whether a file or folder looks like this format, without reading it whole.
    `read(path, options, context)` yields intakes. It raises FileRefused before yielding anything when the whole
    source cannot be used; bad rows come as `Rejected`. `options` are the format's own, documented in `option_docs`.
    """

    name: str
    title: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path, Mapping[str, str], LoadContext], Iterator[Intake]]
    option_docs: Mapping[str, str] = field(default_factory=dict)


def catalog() -> dict[str, Loader]:
    """All loaders by name; each module of `loaders` carries `LOADER`."""
    import loaders

    package: ModuleType = loaders
    return _catalog(package, "LOADER")
