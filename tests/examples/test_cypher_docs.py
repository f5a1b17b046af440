"""Every query of docs/cypher.md runs through the console on both stores and finds what it says."""

from __future__ import annotations

import re
from pathlib import Path

from graph_case import MINUTE, T0, load

from graph.console import parameters
from graph.port import Limits

TEXT = (Path(__file__).parents[2] / "docs" / "cypher.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```cypher\n(.*?)```", TEXT, re.S)
GIVEN = {
    "finding": "F-chain", "account": "CCB-M1", "person": "P-1", "payers": 1, "from_ms": T0, "to_ms": T0 + 99 * MINUTE,
}  # fmt: skip
#: First value of the first row, and number of rows, of each query in order.
EXPECTED = [
    ("F-chain", 2), ("ICBC-Victim", 4), ("ICBC-Victim", 4), ("F-chain", 2), ("ICBC-Victim", 2), ("ICBC-Victim", 2),
    ("ABC-M3", 4), ("+8613800138000", 1), ("ATM-1", 1), ("CCB-M1", 1),
]  # fmt: skip


def test_every_documented_query(store):
    load(store)
    assert len(QUERIES) == len(EXPECTED) == 10
    found = []
    for cypher in QUERIES:
        given = {name: GIVEN[name] for name in parameters(cypher)}
        rows = store.console(cypher, given, Limits(10, 100)).rows
        found.append((rows[0][0] if rows else None, len(rows)))
    assert [count for _, count in found] == [count for _, count in EXPECTED]
    assert [found[at][0] for at in (0, 1, 2, 3, 7, 8, 9)] == [EXPECTED[at][0] for at in (0, 1, 2, 3, 7, 8, 9)]
