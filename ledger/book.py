"""The ledger: an append-only sequence of batches. A batch is there whole or not at all."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from sqlalchemy import Engine, func, select

from core.clock import now_ms
from core.db import transaction
from core.errors import NotFound, StoreDamaged, StoreUnavailable
from core.ids import fresh
from graph.intake import TRUTH_SCHEMA, Intake, Source
from graph.model import RowSet
from ledger.history import History
from ledger.model import Entry, LoadReport, Part, Placed
from ledger.parts import read_part
from ledger.rejects import RejectReport
from ledger.staging import TRUTH_FOLDER, Staging
from ledger.tables import BatchRow


class Ledger:
    """Batches as folders of Parquet parts under `folder`, their sequence and counts in the system database."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self._placed: dict[str, list[Placed]] = {}
        self._placed_up_to = 0
        self._placing = threading.Lock()
        (folder / "batches").mkdir(parents=True, exist_ok=True)
        BatchRow.metadata.create_all(engine, tables=[BatchRow.metadata.tables[BatchRow.__tablename__]])

    def head_seq(self) -> int:
        """Sequence number of the newest batch, 0 for an empty ledger."""
        with transaction(self._engine) as session:
            return int(session.scalar(select(func.max(BatchRow.seq))) or 0)

    def entries(self, after: int = 0) -> list[Entry]:
        """Batches with a greater sequence number, oldest first."""
        with transaction(self._engine) as session:
            rows = session.scalars(select(BatchRow).where(BatchRow.seq > after).order_by(BatchRow.seq))
            return [_entry(row) for row in rows]

    def newest(self, limit: int, *, of: Collection[str] = (), but: Collection[str] = (), after: int = 0) -> list[Entry]:
        """At most `limit` batches of these formats, or of any but those, newest first; none up to `after`."""
        wanted = select(BatchRow).where(BatchRow.seq > after).order_by(BatchRow.seq.desc()).limit(limit)
        wanted = wanted.where(BatchRow.format.in_(of)) if of else wanted.where(BatchRow.format.not_in(but))
        with transaction(self._engine) as session:
            return [_entry(row) for row in session.scalars(wanted)]

    def placed(self, type_name: str, up_to: int) -> list[Placed]:
        """Parts of a label or relationship type in batches up to this one, oldest first.

        Batches never change, so each is asked of the system database once.
        """
        with self._placing:
            if up_to > self._placed_up_to:
                for entry in self.entries(self._placed_up_to):
                    for part in entry.parts:
                        where = self._batch_folder(entry.seq) / part.file
                        self._placed.setdefault(part.type_name, []).append(
                            Placed(part, where, entry.seq, entry.created_at_ms)
                        )
                    self._placed_up_to = entry.seq
            return [placed for placed in self._placed.get(type_name, ()) if placed.seq <= up_to]

    def read(self, seq: int) -> Iterator[RowSet]:
        """Rows of one batch, nodes first, part by part. Raises NotFound, or StoreDamaged when a file was changed."""
        with transaction(self._engine) as session:
            row = session.get(BatchRow, seq)
            if row is None:
                raise NotFound(f"the ledger has no batch {seq}")
            entry = _entry(row)
        for part in entry.parts:
            yield read_part(self._batch_folder(seq), part, seq, entry.created_at_ms)

    def truth(self) -> pa.Table:
        """Ground truth that came with labelled data sets, all batches (graph.intake.TRUTH_SCHEMA). For evaluation only."""
        files = sorted((self._folder / "batches").glob(f"*/{TRUTH_FOLDER}/*.parquet"))
        return pa.concat_tables([TRUTH_SCHEMA.empty_table(), *(pq.read_table(path) for path in files)])

    def append(
        self,
        source: Source,
        intakes: Iterable[Intake],
        *,
        by: str,
        max_reject_share: float = 0.01,
        dangling_ends: str = "stub",
    ) -> LoadReport:
        """Take a whole source as one batch, or nothing of it.

        A source with a known fingerprint adds nothing. `dangling_ends` is `stub` (unknown ends become nodes known by id
        only) or `reject`. Raises BadInput `too_many_rejected` with the report's path; StoreUnavailable while another
        process writes, StoreDamaged when the system database is older than the ledger.
        """
        with self._writing():
            known = self._seq_of(source.fingerprint)
            if known:
                return self._already(known)
            self._sweep()
            load_id = fresh("load")
            report = RejectReport(self._folder / "rejected" / f"{load_id}.csv")
            staging = Staging(self._folder / "staging" / load_id, report)
            try:
                for intake in intakes:
                    staging.add(intake)
                parts = staging.settle(self._history(), source.name, dangling_ends)
                staging.stop_if_too_many(max_reject_share)
                return self._commit(source, staging, parts, by)
            finally:
                staging.discard()

    def _commit(self, source: Source, staging: Staging, parts: list[Part], by: str) -> LoadReport:
        tally, report = staging.tally, staging.report
        seq = 0
        if parts:
            seq = self.head_seq() + 1
            self._keep(staging.folder, seq)
            row = BatchRow(
                seq=seq, source=source.name, format=source.format, fingerprint=source.fingerprint, options=source.options,
                created_at_ms=now_ms(), created_by=by, rows_read=tally.read, rows_loaded=tally.loaded,
                rows_duplicate=tally.duplicate, rows_rejected=tally.rejected,
                manifest=[asdict(part) for part in parts], warnings=tally.warnings,
            )  # fmt: skip
            with transaction(self._engine) as session:
                session.add(row)
        new: dict[str, int] = {}
        changed: dict[str, int] = {}
        for part in parts:
            new[part.type_name] = new.get(part.type_name, 0) + part.new
            changed[part.type_name] = changed.get(part.type_name, 0) + part.rows - part.new
        return LoadReport(
            seq, tally.read, tally.loaded, tally.duplicate, tally.rejected, _nonzero(new), _nonzero(changed),
            report.path if report.count else None, tuple(tally.warnings),
        )  # fmt: skip

    def _keep(self, staged: Path, seq: int) -> None:
        """Make the staged files durable, then move them to their place in one step."""
        for path in (*staged.rglob("*"), staged):
            _sync(path)
        place = self._batch_folder(seq)
        staged.rename(place)
        _sync(place.parent)  # the row that follows must not outlive the move

    def _sweep(self) -> None:
        """Clear what a crash left: remove staged loads, put a batch folder that never got its row aside.

        Aside, not away: with a system database that is older than the ledger the folder is a real batch.
        """
        shutil.rmtree(self._folder / "staging", ignore_errors=True)
        head = self.head_seq()
        left = [path for path in (self._folder / "batches").iterdir() if path.name > f"{head:08d}"]
        if len(left) > 1:
            raise StoreDamaged(
                f"ledger folder {self._folder} has {len(left)} batches more than the system database knows: restore "
                "the database that belongs to it, or correct RINGTRACE_DATABASE_URL"
            )
        for path in left:
            aside = self._folder / "orphaned"
            aside.mkdir(exist_ok=True)
            path.rename(aside / f"{path.name}-{fresh('batch')}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        lock = FileLock(self._folder / ".lock", timeout=30)
        try:
            lock.acquire()
        except Timeout as error:
            raise StoreUnavailable(
                "another process is loading into this ledger: try again when it has finished"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _seq_of(self, fingerprint: str) -> int:
        with transaction(self._engine) as session:
            return int(session.scalar(select(BatchRow.seq).where(BatchRow.fingerprint == fingerprint)) or 0)

    def _already(self, seq: int) -> LoadReport:
        with transaction(self._engine) as session:
            row = session.get_one(BatchRow, seq)
            return LoadReport(
                0, row.rows_read, 0, row.rows_read - row.rows_rejected, row.rows_rejected, {}, {}, None, (), seq
            )

    def _history(self) -> History:
        return History(
            [(self._batch_folder(entry.seq) / part.file, part) for entry in self.entries() for part in entry.parts]
        )

    def _batch_folder(self, seq: int) -> Path:
        return self._folder / "batches" / f"{seq:08d}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entry(row: BatchRow) -> Entry:
    return Entry(
        row.seq, row.source, row.format, row.created_at_ms, row.created_by, row.rows_read, row.rows_loaded,
        row.rows_duplicate, row.rows_rejected, tuple(Part(**part) for part in row.manifest), tuple(row.warnings),
    )  # fmt: skip


def _nonzero(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
