"""Applying a big batch to the embedded store by COPY, in parts that each fit into its page memory.

COPY is not in the write-ahead log, and a transaction or a checkpoint that outgrows the page memory fails or ends the
process. So a part is one transaction of COPYs alone, in which the part's mark comes in by COPY too, a CHECKPOINT and a
count: a kill at any moment leaves all of it or nothing. What must change on nodes that exist follows in a logged
transaction. The mark says how many rows of the batch are in; the next try makes the changes of the last part again
(they are the same) and goes on behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from typing import Any

import pyarrow as pa

from core.errors import RingtraceError, StoreDamaged, StoreUnavailable
from core.priority import stand_back
from graph.model import RowSet
from graph.schema import RELS
from graph.stores._rows import dangling, one_row_a_key, split_by, telling_rows
from graph.stores.ladybug_apply import Writer
from graph.stores.ladybug_ddl import PART
from graph.stores.ladybug_file import need_space

PART_SHARE = 0.45
"""Share of the page memory, less what every COPY takes, that the rows of one part may fill; measured to hold at 0.75."""
COPY_BYTES = 48 << 20
"""Page memory that a COPY of relationships takes whatever it copies."""
NODE_WEIGHT, REL_WEIGHT = 7, 2
"""Page memory a row takes until it is in the file, in multiples of its Arrow bytes (measured with 0.22.0)."""
COPIES_A_PART = 3
"""One COPY takes its own working memory, so a part is copied in slices."""


_behind = ThreadPoolExecutor(1, "graph-copy", initializer=stand_back)


def not_whole(seq: int, pool_bytes: int, reason: str) -> RingtraceError:
    """The error for a big batch that Ladybug could not take; what is done of it stays and is not done again."""
    if "Buffer manager" not in reason:
        return RingtraceError(f"batch {seq} was not applied: {reason}")
    return StoreUnavailable(
        f"batch {seq} needs more memory than the embedded store may use (many relationships at neighbouring nodes): set "
        f"RINGTRACE_BUFFER_POOL_MB to {(pool_bytes >> 20) * 2} or more and start again; it goes on where it stopped"
    )


def weight(rows: RowSet) -> int:
    """Bytes of page memory these rows take while they are copied."""
    return int(rows.table.nbytes) * (NODE_WEIGHT if rows.is_node else REL_WEIGHT)


def slices(rowsets: Iterable[RowSet], most: int) -> Iterator[RowSet]:
    """The rows in their order, in pieces of at most `most` bytes of page memory."""
    for rows in rowsets:
        step = max(1, len(rows) * most // max(1, weight(rows)))
        for first in range(0, len(rows), step):
            yield _piece(rows, first, step)


def _piece(rows: RowSet, first: int, count: int) -> RowSet:
    return replace(rows, table=rows.table.slice(first, count))


def parts(pieces: Iterable[RowSet], most: int) -> Iterator[list[RowSet]]:
    """Consecutive pieces gathered until the next would not fit into `most` bytes of page memory."""
    held: list[RowSet] = []
    filled = 0
    for rows in pieces:
        if held and filled + weight(rows) > most:
            yield held
            held, filled = [], 0
        held.append(rows)
        filled += weight(rows)
    if held:
        yield held


def _folded(same: list[RowSet]) -> pa.Table:
    """Rows of one label as one row a key."""
    return one_row_a_key(same[0].type_name, pa.concat_tables([rows.table for rows in same]))


class BulkWriter(Writer):
    """Writes a batch part by part. The caller holds the store alone, and closes the database after an error."""

    def run_behind(self, cypher: str, params: dict[str, Any] | None = None) -> None:
        """One statement that counts for seconds without the interpreter, when nobody else wants the processor.

        Only the statement stands back, not the thread that asks: Python that is put off while it has the interpreter
        would put off everybody.
        """
        _behind.submit(self.run, cypher, params).result()

    def bulk(self, seq: int, rowsets: Iterable[RowSet]) -> None:
        """Apply what is not applied yet of a batch, then record `seq`. Needs the same rows in the same order again."""
        self.run_behind("CHECKPOINT")
        most = int((self.pool_bytes - COPY_BYTES) * PART_SHARE)
        found = self.run(f"MATCH (p:{PART} {{seq: $seq}}) RETURN p.rows_done ORDER BY p.rows_done", {"seq": seq})
        before, done = ([0, 0] + [row[0] for row in found])[-2:]
        for part in parts(slices(self._behind(rowsets, done, before), most // COPIES_A_PART), most):
            done += sum(len(rows) for rows in part)
            self._apply_part(seq, part, done)
        self._logged(lambda: self.mark(seq))

    def _behind(self, rowsets: Iterable[RowSet], done: int, before: int) -> Iterator[RowSet]:
        """The rows after the first `done`. Changes of nodes of the last part (from row `before` on) are made again."""
        at = 0
        for rows in rowsets:
            copied = min(max(done - at, 0), len(rows))
            again = min(max(before - at, 0), copied)
            at += len(rows)
            if rows.changes and again < copied:
                self._change([_piece(rows, again, copied - again)])
            elif rows.is_node and again < copied:
                self._update(
                    rows.type_name, telling_rows(rows.type_name, _folded([_piece(rows, again, copied - again)]))
                )
            if copied:
                self._progress(rows.type_name, copied)
            yield _piece(rows, copied, len(rows) - copied)

    def _apply_part(self, seq: int, part: list[RowSet], done: int) -> None:
        need_space(self._path, sum(rows.table.nbytes for rows in part))
        copies: list[RowSet] = []
        updates: list[tuple[str, pa.Table]] = []
        changes: list[RowSet] = []
        for (name, is_node), same in groupby(part, lambda rows: (rows.type_name, rows.is_node)):
            if is_node:
                new, known = self._new_and_known(name, list(same))
                copies += new
                updates.append((name, known))
            else:
                for rows in same:
                    (changes if rows.changes else copies).append(rows)
        expected = self._expected(copies)
        self.run("BEGIN TRANSACTION")
        for rows in copies:
            self._copy(rows)
        mark = {"id": [f"{seq}:{done}"], "seq": [seq], "rows_done": [done]}
        self.run_behind(f"COPY {PART} FROM $rows", {"rows": pa.table(mark)})
        self.run_behind("COMMIT")
        self.run_behind("CHECKPOINT")
        self._check(expected)
        for label, known in updates:
            self._update(label, known)
        if changes:
            self._change(changes)
        for rows in part:
            self._progress(rows.type_name, len(rows))

    def _new_and_known(self, label: str, same: list[RowSet]) -> tuple[list[RowSet], pa.Table]:
        """(rows of nodes to make, in pieces no larger than they came; rows that change nodes that exist)."""
        table = _folded(same)
        new, known = split_by(table, self._existing(label, table))
        step = max(len(rows) for rows in same)
        made = [RowSet(label, new.slice(first, step)) for first in range(0, new.num_rows, step)]
        return made, telling_rows(label, known)

    def _update(self, label: str, table: pa.Table) -> None:
        if table.num_rows:
            self._logged(lambda: self.update_nodes(label, table))

    def _change(self, changes: list[RowSet]) -> None:
        def write() -> None:
            for rows in changes:
                self.update_rels(rows)

        self._logged(write)

    def _logged(self, work: Callable[[], None]) -> None:
        """A transaction through the write-ahead log, folded in at once: no log may wait beside a COPY."""
        self.run("BEGIN TRANSACTION")
        work()
        self.run_behind("COMMIT")
        self.run_behind("CHECKPOINT")

    def _copy(self, rows: RowSet) -> None:
        ends = ""
        if not rows.is_node and len(RELS[rows.type_name].pairs) > 1:
            ends = f" (from='{rows.from_label}', to='{rows.to_label}')"
        try:
            self.run_behind(f"COPY {rows.type_name} FROM $rows{ends}", {"rows": rows.table})
        except RuntimeError as error:
            marker = "Unable to find primary key value "
            if marker not in str(error):
                raise
            key = str(error).split(marker, 1)[1].rstrip(".")
            starts = rows.table["from_id"].to_pylist()
            raise dangling(rows, rows.from_label if key in starts else rows.to_label, key) from error

    def _expected(self, pieces: list[RowSet]) -> dict[str, int]:
        """What each type must count once these rows are in."""
        expected: dict[str, int] = {}
        for rows in pieces:
            if rows.type_name not in expected:
                expected[rows.type_name] = self._count(rows.type_name)
            expected[rows.type_name] += len(rows)
        return expected

    def _check(self, expected: dict[str, int]) -> None:
        """COPY can claim rows that are not there: believe the count."""
        for name, count in expected.items():
            found = self._count(name)
            if found != count:
                raise StoreDamaged(
                    f"graph store {self._path} holds {found} {name} after a copy that should have made {count}: "
                    "run `ringtrace rebuild`"
                )

    def _count(self, name: str) -> int:
        pattern = f"()-[x:{name}]->()" if name in RELS else f"(x:{name})"
        return int(self.run(f"MATCH {pattern} RETURN count(*)")[0][0])
