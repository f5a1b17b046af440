"""The port: what Ringtrace asks of a graph store. The contract suite (tests/graph/contract) runs on every store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from graph.model import Path, Result, RowSet

Progress = Callable[[str, int], None]
"""Called with (what, rows done since the last call)."""


def no_progress(_what: str, _rows: int) -> None:
    """A Progress that says nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one analyst query: wall-clock seconds, rows, and bytes of the values in them.

    Past `rows` or `bytes` the result holds the rows before and says `truncated`, for bytes also `over_bytes`.
    """

    seconds: float = 10.0
    rows: int = 1000
    bytes: int = 8 << 20


@dataclass(frozen=True, slots=True)
class Edges:
    """Relationships with integer ends, of one moment: `table` has `from_pos`, `to_pos`, then the columns asked for.

    `from_pos` is a position in `from_ids`, `to_pos` in `to_ids`: the ids of all nodes of the end labels, in the
    order of `scan_nodes` (the same array for both when the labels are the same).
    """

    from_ids: pa.Array
    to_ids: pa.Array
    table: pa.Table


@runtime_checkable
class CodedScans(Protocol):
    """A store that can hand over text columns as dictionary codes, which algorithms want rather than texts."""

    def coded_edges(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> Edges:
        """Like `GraphStore.scan_edges`; text columns other than `id` may be dictionary-encoded."""


class GraphStore(Protocol):
    """A projection of the ledger. Thread-safe: many readers, one writer.

    Errors: StoreUnavailable, StoreOutdated, StoreDamaged (one line each, saying what to do), QueryStopped, QueryRefused.
    """

    name: str

    def ensure_schema(self) -> None:
        """Make tables, constraints and indexes where missing. Raises StoreOutdated for another schema version."""

    def applied_seq(self) -> int:
        """Sequence of the last ledger batch wholly applied; 0 for an empty store."""

    def apply(self, seq: int, rowsets: Iterable[RowSet], progress: Progress = no_progress) -> None:
        """Apply one ledger batch and record `seq`; nothing of it is visible before all of it is (or it resumes).

        Nodes are upserted by key: non-null incoming values win, nulls leave what is there; a row with nothing but key
        and provenance changes nothing on a node that exists. Relationships are created once per id (the ledger lets
        an id pass once). Applying a batch again, also after a crash in the middle, changes nothing more.
        A big batch may be made durable in parts: until it is whole, also after an error or a kill, either nobody can
        read (Ladybug) or what is in of it can be seen (Neo4j), and the next `apply` of it goes on; it needs the same
        rows in the same order.
        A seq that is not `applied_seq() + 1` is ignored when older, and Conflict when it leaves a gap. BadInput (code
        dangling_end) when a relationship names a node that is not there; then nothing is applied, or the rest of a
        batch in parts.
        """

    def query(self, cypher: str, params: Mapping[str, Any] | None = None) -> Result:
        """Run trusted, portable, read-only Cypher from graph/queries or an algorithm.

        Raises KeyError when a `$name` in the text has no parameter (Ladybug would take it as null).
        """

    def console(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
        """Run an analyst's own read-only Cypher, sandboxed. Raises QueryRefused with the reason, or QueryStopped."""

    def plan(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> str:
        """How the store would run an analyst's query, as text in its own words, without running it.

        Raises QueryRefused as `console`.
        """

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        """All nodes of a label with these columns, ordered by id (UTF-8 bytes)."""

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        """All relationships of a type (of one pair of end labels): `from_id`, `to_id`, then these columns. Any order."""

    def scan_edges(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> Edges:
        """Like `scan_rels`, with positions instead of ids of the ends, which is several times faster on Ladybug.

        Raises ValueError when the type joins several pairs of labels and none is named.
        """

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
        """All shortest paths between two nodes by (label, id); an empty list when there is none within `max_hops`."""

    def counts(self) -> dict[str, int]:
        """Number of nodes by label and relationships by type, zero for empty ones."""

    def wipe(self) -> None:
        """Remove everything, so that a rebuild can start; `applied_seq()` is 0 afterwards."""

    def close(self) -> None:
        """Release files, locks and connections; idempotent."""
