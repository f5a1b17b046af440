"""Runs an analyst's Cypher on Neo4j: a read transaction of a query that EXPLAIN calls read-only, with limits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import neo4j
from neo4j import graph as driver_graph
from neo4j.exceptions import DriverError, Neo4jError

from core.errors import QueryRefused, QueryStopped, RingtraceError, StoreUnavailable
from graph.console import check, parameters
from graph.model import Node, Path, Rel, Result
from graph.port import Limits

Ends = dict[str, tuple[str, str]]

_ENDS = "MATCH (n) WHERE elementId(n) IN $ids RETURN elementId(n) AS element, labels(n)[0] AS label, n.id AS id"


def run(driver: neo4j.Driver, database: str, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
    """Rows of `cypher`, at most `limits.rows` of them, read within `limits.seconds`.

    Raises QueryRefused for what graph.console or EXPLAIN does not let through and for a missing parameter,
    QueryStopped at the time or memory limit, StoreUnavailable when Neo4j cannot be reached.
    """
    check(cypher, dialect="neo4j")
    missing = sorted(parameters(cypher) - params.keys())
    if missing:
        raise QueryRefused(f"the query needs parameter {', '.join(f'${name}' for name in missing)}")
    given = dict(params)
    started = time.perf_counter()
    try:
        with driver.session(database=database, default_access_mode=neo4j.READ_ACCESS) as session:
            _explain(session, cypher, given)
            with session.begin_transaction(timeout=limits.seconds) as transaction:
                columns, rows, truncated = _fetch(transaction, cypher, given, limits.rows, started + limits.seconds)
                values = _normalise(transaction, rows)
    except (Neo4jError, DriverError) as error:
        raise _translated(error, limits) from error
    return Result(columns, values, truncated, (time.perf_counter() - started) * 1000)


def _explain(session: neo4j.Session, cypher: str, params: dict[str, Any]) -> None:
    """Raises QueryRefused unless the planner itself calls the query read-only."""
    summary = session.run(f"EXPLAIN {cypher}", params).consume()  # type: ignore[arg-type]
    if summary.query_type != "r":
        raise QueryRefused("only reading queries are allowed in the console")


def _fetch(
    transaction: neo4j.Transaction, cypher: str, params: dict[str, Any], limit: int, until: float
) -> tuple[tuple[str, ...], list[list[Any]], bool]:
    result = transaction.run(cypher, params)  # type: ignore[arg-type]
    rows: list[list[Any]] = []
    for record in result:
        if len(rows) == limit:
            return tuple(result.keys()), rows, True
        if time.perf_counter() > until:
            raise QueryStopped("stopped at the time limit: narrow the query or add a LIMIT")
        rows.append(list(record.values()))
    return tuple(result.keys()), rows, False


def _normalise(transaction: neo4j.Transaction, rows: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    ends: Ends = {}
    wanted: set[str] = set()
    for row in rows:
        _collect(row, ends, wanted)
    unknown = sorted(wanted - ends.keys())
    if unknown:
        found = transaction.run(_ENDS, ids=unknown)
        ends.update({row["element"]: (row["label"], row["id"] or "") for row in found})
    return tuple(tuple(_value(item, ends) for item in row) for row in rows)


def _collect(value: Any, ends: Ends, wanted: set[str]) -> None:
    if isinstance(value, driver_graph.Node):
        ends[value.element_id] = (next(iter(value.labels), ""), value.get("id") or "")
    elif isinstance(value, driver_graph.Relationship):
        wanted.update(node.element_id for node in value.nodes if node is not None)
    elif isinstance(value, driver_graph.Path):
        _collect_all((*value.nodes, *value.relationships), ends, wanted)
    elif isinstance(value, dict):
        _collect_all(value.values(), ends, wanted)
    elif isinstance(value, list | tuple):
        _collect_all(value, ends, wanted)


def _collect_all(values: Iterable[Any], ends: Ends, wanted: set[str]) -> None:
    for value in values:
        _collect(value, ends, wanted)


def _value(value: Any, ends: Ends) -> Any:
    if isinstance(value, driver_graph.Node):
        return Node(*ends[value.element_id], _properties(value))
    if isinstance(value, driver_graph.Relationship):
        start, end = (ends.get(node.element_id, ("", "")) if node else ("", "") for node in value.nodes)
        return Rel(value.type, value.get("id") or "", start, end, _properties(value))
    if isinstance(value, driver_graph.Path):
        nodes, rels = (tuple(_value(item, ends) for item in part) for part in (value.nodes, value.relationships))
        return Path(nodes, rels)
    if isinstance(value, dict):
        return {name: _value(item, ends) for name, item in value.items()}
    if isinstance(value, list):
        return [_value(item, ends) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _properties(value: driver_graph.Node | driver_graph.Relationship) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != "id" and item is not None}


def _translated(error: Exception, limits: Limits) -> RingtraceError:
    code = str(getattr(error, "code", "") or "")
    text = " ".join(str(getattr(error, "message", None) or error).split())[:300]
    if "TransactionTimedOut" in code or "Terminated" in code:
        return QueryStopped(f"stopped after {limits.seconds:g} s: narrow the query or add a LIMIT")
    if "OutOfMemory" in code or "StackOverFlow" in code:
        return QueryStopped("stopped: the query needs more memory than Neo4j gives one transaction: narrow it")
    if code.startswith("Neo.ClientError.Statement") or code.startswith("Neo.ClientError.Procedure"):
        return QueryRefused(text)
    if code.startswith("Neo.ClientError.Security"):
        return QueryRefused(f"not allowed: {text}")
    return StoreUnavailable(f"Neo4j could not answer: {text}")
