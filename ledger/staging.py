"""A load in progress: rows wait in a staging folder until the whole load is good, then become one batch."""

from __future__ import annotations

import shutil
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from core.errors import BadInput
from graph.intake import Intake, Rejected
from graph.model import RowSet
from graph.schema import NODES
from ledger.history import History
from ledger.model import Part
from ledger.parts import write_part
from ledger.rejects import RejectReport
from ledger.settle import Settled, dangling, drop_dangling, settle_nodes, settle_rels, stub_rows

TRUTH_FOLDER = "truth"
SPARE_PARTS = 1000
"""Numbers left free for parts that settling one relationship type may make."""


@dataclass
class Tally:
    """Rows of the input so far; `read == loaded + duplicate + rejected` once settled."""

    read: int = 0
    loaded: int = 0
    duplicate: int = 0
    rejected: int = 0
    warnings: list[str] = field(default_factory=list)


class Staging:
    """Collects intakes: relationships go to disk at once, node rows (few beside transfers) wait in memory."""

    def __init__(self, folder: Path, report: RejectReport) -> None:
        self.folder = folder
        self.report = report
        self.tally = Tally()
        self._nodes: dict[str, tuple[list[RowSet], list[RowSet]]] = defaultdict(lambda: ([], []))
        self._rels: dict[str, list[tuple[Future[Part], bool]]] = defaultdict(list)
        # Writing one part while the next is read; the part before must be done, so that memory stays bounded.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="staging")
        self._last: Future[Part] | None = None
        self._number = 0
        (folder / TRUTH_FOLDER).mkdir(parents=True)

    def add(self, intake: Intake) -> None:
        """Take one part of the source."""
        self.tally.read += intake.rows_read
        self.tally.duplicate += intake.duplicates
        self._reject(intake.rejected)
        self.tally.warnings += [text for text in intake.warnings if text not in self.tally.warnings]
        for rows in intake.facts:
            self._stage(rows, derived=False)
        for rows in intake.derived:
            self._stage(rows, derived=True)
        if intake.truth is not None and intake.truth.num_rows:
            pq.write_table(intake.truth, self.folder / TRUTH_FOLDER / f"{self._next():05d}.parquet", compression="lz4")

    def settle(self, history: History, source: str, dangling_ends: str) -> list[Part]:
        """Decide every staged row and write what stays; returns the batch's parts, nodes first."""
        known: dict[str, list[pl.DataFrame]] = defaultdict(list)
        parts: list[Part] = []
        for label, (facts, derived) in self._nodes.items():
            first = self._next(2) - 1  # one part of new nodes, one of changed
            outcome, ids = settle_nodes(label, facts, derived, history, self.folder, first)
            known[label].append(ids)
            parts += self._count(outcome)
        for type_name, staged in self._rels.items():
            written = [(part.result(), derived) for part, derived in staged]
            first = self._next(SPARE_PARTS) - SPARE_PARTS + 1
            parts += self._count(settle_rels(type_name, written, history, self.folder, first))
        missing = dangling(parts, known, history, self.folder)
        if missing and dangling_ends == "reject":
            return self._without_dangling(parts, missing)
        for label, ids in missing.items():
            parts.insert(0, write_part(self.folder, stub_rows(label, ids, source), self._next()))
            self.tally.warnings.append(f"{ids.height} {label} named by relationships only: loaded as stubs")
        return parts

    def stop_if_too_many(self, max_share: float) -> None:
        """Raise BadInput when more than `max_share` of the rows read so far is rejected; nothing has been applied."""
        read, bad = self.tally.read, self.tally.rejected
        if bad and bad > max_share * read:
            raise BadInput(
                f"{bad} of {read} rows rejected, more than {max_share:.1%}: nothing loaded; see {self.report.path}",
                code="too_many_rejected",
            )

    def discard(self) -> None:
        """Remove the staging folder; the rejected-row report stays."""
        self._writer.shutdown(cancel_futures=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _stage(self, rows: RowSet, *, derived: bool) -> None:
        if not len(rows):
            return
        if rows.type_name in NODES:
            self._nodes[rows.type_name][int(derived)].append(rows)
        else:
            if self._last is not None:
                self._last.result()
            self._last = self._writer.submit(write_part, self.folder, rows, self._next())
            self._rels[rows.type_name].append((self._last, derived))

    def _next(self, step: int = 1) -> int:
        self._number += step
        return self._number

    def _count(self, outcome: Settled) -> list[Part]:
        self.tally.loaded += outcome.loaded
        self.tally.duplicate += outcome.duplicates
        self._reject(tuple(outcome.rejected))
        return outcome.parts

    def _reject(self, rejected: tuple[Rejected, ...]) -> None:
        self.report.add(rejected)
        self.tally.rejected += len(rejected)

    def _without_dangling(self, parts: list[Part], missing: dict[str, pl.DataFrame]) -> list[Part]:
        kept = []
        for part in parts:
            if part.type_name in NODES:
                kept.append(part)
                continue
            stays, rejected = drop_dangling(part, missing, self.folder)
            self.tally.loaded -= len(rejected)
            self._reject(tuple(rejected))
            if stays is not None:
                kept.append(stays)
        return kept
