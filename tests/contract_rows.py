"""Small row sets for the contract suite."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from graph.model import RowSet, arrow_schema, conform


def _table(type_name: str, rows: list[dict[str, Any]]) -> pa.Table:
    wanted = arrow_schema(type_name)
    names = [name for name in wanted.names if any(name in row for row in rows)]
    columns = {name: pa.array([row.get(name) for row in rows], wanted.field(name).type) for name in names}
    return conform(type_name, pa.table(columns))


def nodes(label: str, *rows: dict[str, Any] | str) -> RowSet:
    """Rows of a label; a string is a row with that id alone."""
    return RowSet(label, _table(label, [{"id": row} if isinstance(row, str) else row for row in rows]))


def rels(type_name: str, start: str, end: str, *rows: dict[str, Any]) -> RowSet:
    """Rows of a relationship type between two labels."""
    return RowSet(type_name, _table(type_name, list(rows)), start, end)


def transfers(*rows: tuple[str, str, str] | tuple[str, str, str, int]) -> RowSet:
    """Transfers as (id, from, to, amount in fen, 100 by default), one second apart."""
    return rels("TRANSFER", "Account", "Account", *(
        {
            "id": row[0], "from_id": row[1], "to_id": row[2], "amount_minor": row[3] if len(row) > 3 else 100,
            "currency": "CNY", "at_ms": 1_700_000_000_000 + 1000 * number,
        }
        for number, row in enumerate(rows)
    ))  # fmt: skip


def many_accounts(count: int, first: int = 0, **columns: Any) -> RowSet:
    """`count` accounts `a<number>`, with the same value in each named column."""
    ids = [f"a{number}" for number in range(first, first + count)]
    table = {"id": ids, **{name: [value] * count for name, value in columns.items()}}
    return RowSet("Account", conform("Account", pa.table(table)))


def many_transfers(count: int, accounts: int, first: int = 0) -> RowSet:
    """`count` transfers `t<number>` of `number` fen among accounts `a0`.. ."""
    numbers = range(first, first + count)
    table = {
        "from_id": [f"a{number % accounts}" for number in numbers],
        "to_id": [f"a{(number * 7 + 1) % accounts}" for number in numbers],
        "id": [f"t{number}" for number in numbers],
        "amount_minor": list(numbers), "currency": ["CNY"] * count, "at_ms": [1_700_000_000_000] * count,
    }  # fmt: skip
    return RowSet("TRANSFER", conform("TRANSFER", pa.table(table)), "Account", "Account")
