"""Truth tables: which entities count as true."""

from __future__ import annotations

import pyarrow as pa
import pytest

from evaluation.truth import CHAIN_ROLES, join
from graph.intake import TRUTH_SCHEMA


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TRUTH_SCHEMA)


def test_ids() -> None:
    truth = join(
        [
            table([{"entity_type": "Account", "entity_id": "m", "role": "mule", "chain": "K1", "is_fraud": True}]),
            None,
            table(
                [
                    {"entity_type": "Account", "entity_id": "idle", "role": "mule", "is_fraud": True},
                    {"entity_type": "Account", "entity_id": "v", "role": "victim", "chain": "K1", "is_fraud": False},
                    {"entity_type": "Account", "entity_id": "plain", "is_fraud": None},
                    {"entity_type": "TRANSFER", "entity_id": "t", "role": "layering", "chain": "K1", "is_fraud": True},
                ]
            ),
        ]
    )
    assert truth.ids("Account") == {"m", "idle"}
    assert truth.ids("Account", CHAIN_ROLES) == {"m", "idle"}
    assert truth.ids("Account", CHAIN_ROLES, in_chain=True) == {"m"}
    assert truth.ids("TRANSFER", in_chain=True) == {"t"}
    assert truth.ids("Account", ("victim",)) == {"v"}


def test_another_table_is_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        join([pa.table({"id": ["a"]})])
