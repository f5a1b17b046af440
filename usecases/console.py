"""Analysts' own read-only Cypher, and the queries they keep."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from core.db import transaction
from core.errors import BadInput, QueryStopped
from core.message import say
from exports.csv_zip import cell
from graph.model import Node, Path, Rel, Result, Subgraph, things_in
from graph.port import Limits
from graph.queries import node as node_queries
from security import saved_queries
from security.roles import Actor, Permission
from security.saved_queries import MAX_CYPHER, SavedQuery
from usecases import privacy
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

MAX_PARAMS = 50_000
#: Fewer than the server's threads, so that long queries never keep pages, sign-in and health checks waiting.
MAX_AT_ONCE = 3
WAIT_S = 1.0
_PLACES = threading.BoundedSemaphore(MAX_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a console query and the nodes and relationships among them, to draw."""

    result: Result
    subgraph: Subgraph


def limits(services: Services) -> Limits:
    """Bounds of one console query, from the settings."""
    settings = services.settings
    return Limits(settings.console_seconds, settings.console_rows, int(settings.console_mb * (1 << 20)))


def run(services: Services, actor: Actor, cypher: str, params: Mapping[str, Any]) -> Answer:
    """Run one read-only query in the sandbox; the query is on record whatever becomes of it.

    Raises NotAllowed, BadInput for an empty or over-long text, QueryRefused with the reason, QueryStopped,
    also when MAX_AT_ONCE queries run already.
    """
    with audited(
        services, actor, Permission.CYPHER_RUN, "cypher.run", "console", query=cypher, parameters=dict(params)
    ) as said:
        if not cypher.strip() or len(cypher) > MAX_CYPHER:
            raise BadInput(say("a query has 1 to {most} characters", most=MAX_CYPHER), code="query_length")
        if len(json.dumps(params, default=str)) > MAX_PARAMS:  # more would not be on record whole
            raise BadInput(
                say("parameters have at most {most} characters as JSON", most=MAX_PARAMS), code="query_length"
            )
        with _place():
            result = services.store.console(cypher, params, limits(services))
        said["rows"] = len(result.rows)
        rows = privacy.rows(result, cypher)
        return Answer(replace(result, rows=rows), _drawn(services, rows))


def plan(services: Services, actor: Actor, cypher: str, params: Mapping[str, Any]) -> str:
    """How the store would run this query, as text. Raises as `run`."""
    with audited(services, actor, Permission.CYPHER_RUN, "cypher.plan", "console", query=cypher):
        if not cypher.strip() or len(cypher) > MAX_CYPHER:
            raise BadInput(say("a query has 1 to {most} characters", most=MAX_CYPHER), code="query_length")
        with _place():
            return services.store.plan(cypher, params, limits(services))


@contextmanager
def _place() -> Iterator[None]:
    """One of the MAX_AT_ONCE places to run a query. Raises QueryStopped `console_busy` when none comes free in WAIT_S."""
    if not _PLACES.acquire(timeout=WAIT_S):
        raise QueryStopped("the console is busy with other queries: try again in a few seconds", code="console_busy")
    try:
        yield
    finally:
        _PLACES.release()


def as_csv(result: Result) -> bytes:
    """The rows as RFC 4180 CSV, UTF-8 with BOM; no cell can become a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(name) for name in result.columns])
    writer.writerows([cell(flat(value)) for value in row] for row in result.rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def flat(value: Any) -> Any:
    """A value as one cell: a node by its key, a relationship by type and id, a path by its steps."""
    match value:
        case Node():
            return f"{value.label}:{value.id}"
        case Rel():
            return f"{value.type}:{value.id}"
        case Path():
            return " - ".join(str(flat(node)) for node in value.nodes)
        case list() | tuple():
            return ", ".join(str(flat(item)) for item in value)
        case Mapping():
            return ", ".join(f"{name}={flat(item)}" for name, item in value.items())
    return value


def saved(services: Services, actor: Actor) -> list[SavedQuery]:
    """One's own kept queries. Raises NotAllowed."""
    actor.need(Permission.CYPHER_RUN)
    with transaction(services.engine) as session:
        return saved_queries.of_person(session, actor.id)


def save(services: Services, actor: Actor, title: str, cypher: str) -> SavedQuery:
    """Keep a query for oneself; the same title replaces. Raises BadInput, NotAllowed."""
    with (
        audited(services, actor, Permission.CYPHER_RUN, "query.save", title) as said,
        recorded(services, said) as session,
    ):
        return saved_queries.save(session, actor.id, title, cypher)


def delete(services: Services, actor: Actor, query_id: str) -> None:
    """Delete one's own kept query. Raises NotFound, also for somebody else's; NotAllowed."""
    with (
        audited(services, actor, Permission.CYPHER_RUN, "query.delete", query_id) as said,
        recorded(services, said) as session,
    ):
        saved_queries.delete(session, actor.id, query_id)


def _drawn(services: Services, rows: Iterable[Any]) -> Subgraph:
    """Nodes and relationships anywhere in the rows; ends a row names only by key are read from the store."""
    nodes: dict[tuple[str, str], Node] = {}
    rels: dict[tuple[str, str], Rel] = {}
    for item in things_in(rows):
        if isinstance(item, Node):
            nodes.setdefault(item.key, item)
        else:
            rels.setdefault((item.type, item.id), item)
    missing = {end for rel in rels.values() for end in (rel.start, rel.end)} - nodes.keys()
    if missing:
        nodes.update({node.key: node for node in node_queries.nodes(services.store, sorted(missing))})
    kept = [rel for rel in rels.values() if rel.start in nodes and rel.end in nodes]
    return Subgraph(tuple(nodes.values()), tuple(kept))
