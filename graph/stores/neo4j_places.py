"""Neo4j's internal ids of nodes, asked once a node while a batch is applied: cheaper than a look-up by key a row."""

from __future__ import annotations

from collections.abc import Iterable

import neo4j
import pyarrow as pa
import pyarrow.compute as pc

from graph.model import RowSet
from graph.stores._rows import dangling


class Places:
    """Internal ids by label and business key. For one batch only: Neo4j may give the id of a removed node to another.

    Ringtrace removes nodes only in `wipe`, which waits for the batch. About 150 bytes a node. Shared by the workers:
    two that ask for the same node at once get the same answer.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[str, int]] = {}

    def ends(self, tx: neo4j.ManagedTransaction, rows: RowSet, table: pa.Table) -> tuple[list[int], list[int]]:
        """Internal ids of the start and end node of each row. Raises DanglingEnd naming the first key not there."""
        wanted: dict[str, set[str]] = {}
        for label, column in ((rows.from_label, "from_id"), (rows.to_label, "to_id")):
            wanted.setdefault(label, set()).update(pc.unique(table[column]).to_pylist())
        for label, keys in wanted.items():
            self._ask(tx, label, keys)
        return self._of(rows, rows.from_label, table["from_id"]), self._of(rows, rows.to_label, table["to_id"])

    def _ask(self, tx: neo4j.ManagedTransaction, label: str, keys: Iterable[str]) -> None:
        known = self._known.setdefault(label, {})
        unknown = [key for key in keys if key not in known]
        if unknown:
            # Two lists in one record: a record a node would cost the driver more than the look-up costs the server.
            cypher = f"UNWIND $keys AS key MATCH (n:{label} {{id: key}}) RETURN collect(n.id) AS keys, collect(id(n)) AS places"
            found = tx.run(cypher, {"keys": unknown}).single(strict=True)
            known.update(zip(found["keys"], found["places"], strict=True))

    def _of(self, rows: RowSet, label: str, keys: pa.ChunkedArray) -> list[int]:
        known = self._known[label]
        try:
            return [known[key] for key in keys.to_pylist()]
        except KeyError as missing:
            raise dangling(rows, label, missing.args[0]) from None
