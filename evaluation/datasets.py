"""Evaluation data: generated towns, labelled files in a known format, and what this installation has loaded with truth."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.errors import BadInput
from core.ids import derived
from evaluation.labels import Labels, labels_of
from evaluation.layered import Scannable
from evaluation.shelf import Shelf, read
from evaluation.truth import Truth
from graph.model import RowSet
from loaders.town.generate import VERSION, generate
from loaders.town.typologies import Difficulty

#: Least transfers of a town that has room for gangs of every kind.
LEAST_TOWN, MOST_TOWN = 5_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Named:
    """Which data: `setting` groups data sets that differ by seed only; `version` changes when the rows do."""

    setting: str
    name: str
    version: str
    transfers: int
    seed: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """Facts to detect on, and labels to compare with: two objects that never meet before detection has finished."""

    named: Named
    base: Scannable
    labels: Labels


def town(size: int, seed: int, difficulty: Difficulty) -> DataSet:
    """A generated town. Raises BadInput for a size out of range."""
    if not LEAST_TOWN <= size <= MOST_TOWN:
        raise BadInput(f"a town to evaluate on has {LEAST_TOWN:,} to {MOST_TOWN:,} transfers, not {size:,}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "town"
        generate(folder, transfers=size, seed=seed, difficulty=difficulty)
        shelf, truth = read(folder, "synthetic")
    setting = f"generated town, {size:,} transfers, {difficulty}"
    version = f"ringtrace-town {VERSION}, seed {seed}"
    return _made(Named(setting, f"{setting}, seed {seed}", version, size, seed), shelf, truth)


def towns(size: int, seeds: Iterable[int], difficulty: Difficulty) -> Iterator[DataSet]:
    """Towns that differ by seed only, one at a time, so that memory holds one."""
    for seed in seeds:
        yield town(size, seed, difficulty)


def file(path: Path, format_name: str, options: Mapping[str, str] | None = None) -> DataSet:
    """A labelled file or folder in a loader's format (amlsim, amlworld, paysim, synthetic).

    Raises BadInput when it carries no labels, and what the loader raises.
    """
    shelf, truth = read(path, format_name, **dict(options or {}))
    transfers = shelf.scan_rels("TRANSFER", ["id"]).num_rows
    content = derived(*(str(column) for column in _sketch(shelf)))
    setting = f"{path.name} ({format_name})"
    return _made(Named(setting, setting, f"rows {content[:12]}", transfers), shelf, truth)


def loaded(rowsets: Iterable[RowSet], truth: Truth, head_seq: int) -> DataSet:
    """What an installation has loaded: its ledger's rows without findings, and the truth that came with them.

    Raises BadInput when no labelled data was loaded.
    """
    shelf = Shelf((rows for rows in rowsets if rows.type_name not in ("Finding", "INVOLVES")), merge=True)
    transfers = shelf.scan_rels("TRANSFER", ["id"]).num_rows
    return _made(Named("loaded data", "loaded data", f"data version {head_seq}", transfers), shelf, truth)


def _made(named: Named, shelf: Shelf, truth: Truth) -> DataSet:
    base = cast(Scannable, shelf)
    try:
        labels = labels_of(base, truth)
    except ValueError as error:
        raise BadInput(f"{named.name}: {error}", code="no_truth") from error
    return DataSet(named, base, labels)


def _sketch(shelf: Shelf) -> tuple[object, ...]:
    """Sums that change when a transfer does: number, total, first and last time, number of accounts."""
    import pyarrow.compute as pc

    rows = shelf.scan_rels("TRANSFER", ["id", "amount_minor", "at_ms"])
    if not rows.num_rows:
        return (0,)
    ends = pc.min_max(rows["at_ms"]).as_py()
    return (
        rows.num_rows, pc.sum(rows["amount_minor"]).as_py(), ends["min"], ends["max"], pc.min(rows["id"]).as_py(),
        pc.max(rows["id"]).as_py(), shelf.scan_nodes("Account", ["id"]).num_rows,
    )  # fmt: skip
