"""A graph store whose whole-label scans are answered from the ledger, as of the batch the store has applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from graph.model import Path, Result, RowSet, check_columns, check_pair
from graph.port import Edges, GraphStore, Limits, Progress, no_progress
from ledger.book import Ledger
from ledger.columns import Columns

#: With more parts of a type than this, opening files costs more than the store's own scan.
MANY_PARTS = 1000


class LedgerBackedStore:
    """`GraphStore`: what a scan returns comes from the ledger's columns, everything else from the store itself.

    Both hold the same facts: a store is a projection of the ledger, and the scan is cut at `applied_seq()`.
    """

    def __init__(self, store: GraphStore, ledger: Ledger) -> None:
        self._store = store
        self._columns = Columns(ledger)
        self.name = store.name

    def __getattr__(self, name: str) -> Any:
        # What only one kind of store has: its driver, its checkpoint.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._store, name)

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        names, seq = check_columns(label, columns), self.applied_seq()
        if self._in_too_many_parts(label, seq):
            return self._store.scan_nodes(label, names)
        return self._columns.nodes(label, names, seq)

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        names, seq = check_columns(type_name, columns), self.applied_seq()
        ends = None if pair is None else check_pair(type_name, pair)
        if self._in_too_many_parts(type_name, seq):
            return self._store.scan_rels(type_name, names, ends)
        return self._columns.rels(type_name, names, ends, seq)

    def scan_edges(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> Edges:
        return self._edges(type_name, columns, pair, coded=False)

    def coded_edges(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> Edges:
        """See `CodedScans`."""
        return self._edges(type_name, columns, pair, coded=True)

    def _edges(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None, *, coded: bool) -> Edges:
        names, ends, seq = check_columns(type_name, columns), check_pair(type_name, pair), self.applied_seq()
        if any(self._in_too_many_parts(name, seq) for name in (type_name, *ends)):
            return self._store.scan_edges(type_name, names, ends)
        return self._columns.edges(type_name, names, ends, seq, coded=coded)

    def _in_too_many_parts(self, type_name: str, seq: int) -> bool:
        return len(self._columns.parts(type_name, seq)) > MANY_PARTS

    # --- the store's own ---

    def ensure_schema(self) -> None:
        self._store.ensure_schema()

    def applied_seq(self) -> int:
        return self._store.applied_seq()

    def apply(self, seq: int, rowsets: Iterable[RowSet], progress: Progress = no_progress) -> None:
        self._store.apply(seq, rowsets, progress)

    def query(self, cypher: str, params: Mapping[str, Any] | None = None) -> Result:
        return self._store.query(cypher, params)

    def console(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
        return self._store.console(cypher, params, limits)

    def shortest_paths(
        self,
        start: tuple[str, str],
        end: tuple[str, str],
        rel_types: Sequence[str],
        *,
        max_hops: int = 6,
        directed: bool = False,
        limit: int = 20,
    ) -> list[Path]:
        return self._store.shortest_paths(start, end, rel_types, max_hops=max_hops, directed=directed, limit=limit)

    def counts(self) -> dict[str, int]:
        return self._store.counts()

    def wipe(self) -> None:
        self._store.wipe()

    def close(self) -> None:
        self._store.close()
