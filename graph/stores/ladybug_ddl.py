"""Tables of the embedded store, made from the one schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph.schema import NODES, RELS, Kind, NodeType, RelType

TYPES: dict[Kind, str] = {
    Kind.STRING: "STRING", Kind.INT: "INT64", Kind.FLOAT: "DOUBLE", Kind.BOOL: "BOOL",
    Kind.TIME_MS: "INT64", Kind.MONEY: "INT64", Kind.STRINGS: "STRING[]",
}  # fmt: skip

#: One row: schema version, and the last batch applied by a small transaction.
META = "RingtraceMeta"
#: One row for each part of a batch applied in bulk: how many rows of the batch are in up to it. It comes in by COPY in
#: the same transaction as the part's rows.
PART = "RingtracePart"

META_DDL = (
    f"CREATE NODE TABLE IF NOT EXISTS {META}(id STRING PRIMARY KEY, schema_version INT64, applied_seq INT64)",
    f"CREATE NODE TABLE IF NOT EXISTS {PART}(id STRING PRIMARY KEY, seq INT64, rows_done INT64)",
)


def node_table(node: NodeType) -> str:
    """`CREATE NODE TABLE` of a label."""
    columns = ", ".join(f"{prop.name} {TYPES[prop.kind]}" for prop in node.columns)
    return f"CREATE NODE TABLE IF NOT EXISTS {node.label}({columns}, PRIMARY KEY (id))"


def rel_table(rel: RelType) -> str:
    """`CREATE REL TABLE` of a relationship type with all its end pairs."""
    ends = ", ".join(f"FROM {start} TO {end}" for start, end in rel.pairs)
    columns = ", ".join(f"{prop.name} {TYPES[prop.kind]}" for prop in rel.columns)
    return f"CREATE REL TABLE IF NOT EXISTS {rel.name}({ends}, {columns})"


def add_late_columns(run: Callable[[str], Sequence[Sequence[Any]]]) -> None:
    """Give the tables of an older file the columns that came later (behind those it has, where a new file has them too).

    The caller holds the store alone; `run` gives the rows of one statement.
    """
    late = [(name, prop) for name, node in NODES.items() for prop in node.added]
    late += [(name, prop) for name, rel in RELS.items() for prop in rel.added]
    for name, prop in late:
        if prop.name not in {row[1] for row in run(f"CALL table_info('{name}') RETURN *")}:
            run(f"ALTER TABLE {name} ADD IF NOT EXISTS {prop.name} {TYPES[prop.kind]}")
            run("CHECKPOINT")


def statements() -> list[str]:
    """All DDL, in an order that runs; each statement does nothing when its table is there."""
    return [*META_DDL, *(node_table(node) for node in NODES.values()), *(rel_table(rel) for rel in RELS.values())]
