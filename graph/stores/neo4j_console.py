"""Runs an analyst's Cypher on Neo4j: a read transaction of a query that EXPLAIN calls read-only, with limits."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import neo4j
from neo4j import graph
from neo4j.exceptions import DriverError, Neo4jError

from core.errors import QueryRefused, QueryStopped, RingtraceError, StoreUnavailable
from graph.console import check, parameters
from graph.model import Result
from graph.port import Limits
from graph.stores.neo4j_values import label_of, unnamed_ends, value_of

#: Rows the driver takes from the server at once: with its usual thousand, a thousand rows of megabytes would be in
#: memory here before the first is looked at.
FETCH_ROWS = 16
_ENDS = "MATCH (n) WHERE elementId(n) IN $ids RETURN elementId(n) AS element, labels(n) AS labels, n.id AS id"


def run(driver: neo4j.Driver, database: str, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
    """Rows of `cypher`, at most `limits.rows` of them and `limits.bytes` in all, read within `limits.seconds`.

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
        with driver.session(database=database, default_access_mode=neo4j.READ_ACCESS, fetch_size=FETCH_ROWS) as session:
            _explain(session, cypher, given)
            with session.begin_transaction(timeout=limits.seconds) as transaction:
                got = _fetch(transaction, cypher, given, limits, started + limits.seconds)
                values = _values(transaction, got.records)
    except (Neo4jError, DriverError) as error:
        raise _translated(error, limits) from error
    return Result(got.columns, values, got.truncated, (time.perf_counter() - started) * 1000, got.over_bytes)


def _explain(session: neo4j.Session, cypher: str, params: dict[str, Any]) -> None:
    """Raises QueryRefused unless the planner itself calls the query read-only."""
    summary = session.run(f"EXPLAIN {cypher}", params).consume()  # type: ignore[arg-type]
    if summary.query_type != "r":
        raise QueryRefused("only reading queries are allowed in the console")


def plan(driver: neo4j.Driver, database: str, cypher: str, params: Mapping[str, Any], limits: Limits) -> str:
    """The planner's operators, one a line, indented by depth, with estimated rows. Raises QueryRefused."""
    try:
        with driver.session(database=database, default_access_mode=neo4j.READ_ACCESS) as session:
            summary = session.run(f"EXPLAIN {cypher}", dict(params)).consume()  # type: ignore[arg-type]
    except (Neo4jError, DriverError) as error:
        raise _translated(error, limits) from error
    if summary.query_type != "r":
        raise QueryRefused("only reading queries are allowed in the console")
    return "\n".join(_operators(summary.plan or {}, 0))


def _operators(step: Mapping[str, Any], depth: int) -> list[str]:
    about = step.get("args", {})
    rows = about.get("EstimatedRows")
    line = f"{'  ' * depth}{step.get('operatorType', '')}  {about.get('Details', '')}"
    line += f"  (about {rows:,.0f} rows)" if isinstance(rows, int | float) else ""
    return [line, *(deeper for child in step.get("children", ()) for deeper in _operators(child, depth + 1))]


@dataclass(frozen=True, slots=True)
class _Fetched:
    columns: tuple[str, ...]
    records: list[neo4j.Record]
    truncated: bool = False
    over_bytes: bool = False


def _fetch(
    transaction: neo4j.Transaction, cypher: str, params: dict[str, Any], limits: Limits, until: float
) -> _Fetched:
    result = transaction.run(cypher, params)  # type: ignore[arg-type]
    records: list[neo4j.Record] = []
    size = 0
    for record in result:
        size += sum(map(_bytes, record.values()))
        if len(records) == limits.rows or size > limits.bytes:
            return _Fetched(tuple(result.keys()), records, True, size > limits.bytes)
        if time.perf_counter() > until:
            raise QueryStopped("stopped at the time limit: narrow the query or add a LIMIT")
        records.append(record)
    return _Fetched(tuple(result.keys()), records)


def _bytes(value: Any) -> int:
    """About what a value takes as text: strings as UTF-8, anything else a word."""
    match value:
        case str():
            return len(value.encode("utf-8", "surrogatepass"))
        case bytes() | bytearray():
            return len(value)
        case graph.Path():
            return sum(map(_bytes, (*value.nodes, *value.relationships)))
        case graph.Entity() | Mapping():
            return 16 + sum(_bytes(name) + _bytes(item) for name, item in value.items())
        case list() | tuple():
            return 2 + sum(map(_bytes, value))
    return 8


def _values(transaction: neo4j.Transaction, records: list[neo4j.Record]) -> tuple[tuple[Any, ...], ...]:
    wanted = sorted(unnamed_ends(records))
    found = transaction.run(_ENDS, ids=wanted) if wanted else ()
    keys = {row["element"]: (label_of(row["labels"]), row["id"] or "") for row in found}
    return tuple(tuple(value_of(value, keys) for value in record.values()) for record in records)


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
