"""Ground truth of a labelled data set, as the ledger keeps it (TRUTH_SCHEMA)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph.intake import TRUTH_SCHEMA

#: Roles through which stolen money runs. Recruiters and controllers deal with gangs, but no chain's money need pass them.
CHAIN_ROLES = ("mule", "collector", "cash_out", "exchanger")


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """All truth rows of one data set."""

    table: pa.Table

    def ids(self, entity_type: str, roles: Iterable[str] | None = None, *, in_chain: bool = False) -> set[str]:
        """Fraudulent entities of a type, with one of these roles, and named by a chain when `in_chain`."""
        rows = self.table.filter(pc.equal(self.table["entity_type"], entity_type))
        if roles is None:
            rows = rows.filter(pc.fill_null(rows["is_fraud"], False))
        else:
            rows = rows.filter(pc.is_in(rows["role"], value_set=pa.array(list(roles))))
        if in_chain:
            rows = rows.filter(pc.is_valid(rows["chain"]))
        return set(rows["entity_id"].to_pylist())


def join(tables: Iterable[pa.Table | None]) -> Truth:
    """Truth of all parts of a load. Raises ValueError when a table does not have the truth's columns."""
    present = [table for table in tables if table is not None]
    for table in present:
        if table.schema.names != TRUTH_SCHEMA.names:
            raise ValueError(f"truth table has columns {table.schema.names}, expected {TRUTH_SCHEMA.names}")
    return Truth(pa.concat_tables([TRUTH_SCHEMA.empty_table(), *present]))
