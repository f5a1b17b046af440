"""Analysts' own Cypher on Ladybug: checked here, run in a limited child process on a copy of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from graph.console import check
from graph.console_values import check_values
from graph.model import Result
from graph.port import Limits
from graph.stores import ladybug_sandbox

Snapshot = Callable[[], AbstractContextManager[Path]]


def run(snapshot: Snapshot, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
    """One reading query's rows. Raises QueryRefused with the reason before a copy is made; QueryStopped at a limit."""
    _check(cypher, params)
    with snapshot() as copy:
        return ladybug_sandbox.run(copy, cypher, params, limits)


def plan(snapshot: Snapshot, cypher: str, params: Mapping[str, Any], limits: Limits) -> str:
    """How Ladybug would run the query, as text. Raises as `run`."""
    _check(cypher, params)
    with snapshot() as copy:
        result = ladybug_sandbox.run(copy, f"EXPLAIN {cypher}", params, limits)
    return "\n".join(str(value) for row in result.rows for value in row)


def _check(cypher: str, params: Mapping[str, Any]) -> None:
    check(cypher, dialect="ladybug")
    check_values(params, dialect="ladybug")
