"""The Neo4j store: the official driver against any Neo4j 5.26 by address."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import neo4j
import pyarrow as pa

from core.errors import StoreOutdated, StoreUnavailable
from core.settings import Settings
from graph import budget
from graph.model import ARROW, Path, Result, RowSet, check_columns, check_pair, columns_of
from graph.port import Edges, Limits, Progress, no_progress
from graph.schema import NODES, RELS, SCHEMA_VERSION
from graph.stores._cypher import check_parameters, check_seq, shortest
from graph.stores._rows import by_id, peek, place_of
from graph.stores.neo4j_apply import SMALL_ROWS, apply_big, apply_small
from graph.stores.neo4j_ddl import META, statements
from graph.stores.neo4j_errors import explained
from graph.stores.neo4j_values import Key, label_of, unnamed_ends, value_of

T = TypeVar("T")
SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
_SCAN_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Connection:
    """How the store reaches its server, for a client of its own (the GDS engine)."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str


class Neo4jStore:
    """`GraphStore` on Neo4j. Use `open`; see graph/port.py for what each method promises."""

    name = "neo4j"

    def __init__(self, connection: Connection) -> None:
        self._at = connection
        self._write = threading.Lock()
        scheme = connection.uri.partition("://")[0]
        if scheme not in SCHEMES:
            raise StoreUnavailable(
                f"Neo4j address {connection.uri} must start with one of {', '.join(SCHEMES)}: set RINGTRACE_NEO4J_URI"
            )
        with self._explained():
            self._driver = neo4j.GraphDatabase.driver(
                connection.uri,
                auth=(connection.username, connection.password),
                connection_timeout=5,
                max_transaction_retry_time=30,
                notifications_min_severity="OFF",
                user_agent="ringtrace",
            )
        try:
            self._auto("RETURN 1")  # not in a retried transaction: a wrong password should fail at once
        except BaseException:
            self._driver.close()
            raise

    @classmethod
    def open(cls, settings: Settings) -> Neo4jStore:
        """Connect to the server the settings name, with the schema ensured.

        Raises StoreUnavailable (no answer, wrong password, no such database) or StoreOutdated, one line each.
        """
        store = cls._connect(settings)
        try:
            store.ensure_schema()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def _connect(cls, settings: Settings) -> Neo4jStore:
        password = settings.neo4j_password.get_secret_value()
        if not password:
            raise StoreUnavailable("no Neo4j password is set: set RINGTRACE_NEO4J_PASSWORD")
        return cls(Connection(settings.neo4j_uri, settings.neo4j_username, password, settings.neo4j_database))

    @classmethod
    def discard(cls, settings: Settings) -> None:
        """Remove Ringtrace's nodes whatever their schema version, so that a rebuild can start. Raises StoreUnavailable."""
        store = cls._connect(settings)
        try:
            store._clear()
        finally:
            store.close()

    @property
    def driver(self) -> neo4j.Driver:
        """The open driver, for what only Neo4j has."""
        return self._driver

    def connection(self) -> Connection:
        """Address, user, password and database of the server."""
        return self._at

    # --- schema and batches ---

    def ensure_schema(self) -> None:
        for statement in (*statements(), "CALL db.awaitIndexes(300)"):
            self._auto(statement)
        found = self._auto(
            f"MERGE (m:{META} {{id: 'store'}}) ON CREATE SET m.schema_version = $version, m.applied_seq = 0, "
            "m.applying_seq = 0 RETURN m.schema_version AS version",
            {"version": SCHEMA_VERSION},
        )[0]["version"]
        if found != SCHEMA_VERSION:
            raise StoreOutdated(
                f"Neo4j at {self._at.uri} holds schema version {found}, this Ringtrace writes {SCHEMA_VERSION}: "
                "run `ringtrace rebuild`"
            )

    def applied_seq(self) -> int:
        return self._mark("applied_seq")

    def applying_seq(self) -> int:
        """The batch under way, or one that a crash interrupted and that the next `apply` resumes; 0 when none."""
        return self._mark("applying_seq")

    def _mark(self, name: str) -> int:
        rows = self.query(f"OPTIONAL MATCH (m:{META} {{id: 'store'}}) RETURN coalesce(m.{name}, 0)").rows
        return int(rows[0][0])

    def apply(self, seq: int, rowsets: Iterable[RowSet], progress: Progress = no_progress) -> None:
        with self._write, self._explained():
            if not check_seq(seq, self.applied_seq()):
                return
            small, rowsets = peek(rowsets, SMALL_ROWS)
            if small and self.applying_seq() != seq:
                with self._session() as session:
                    apply_small(session, seq, list(rowsets), progress)
            else:
                apply_big(self._driver, self._at.database, seq, rowsets, progress)

    # --- reading ---

    def query(self, cypher: str, params: Mapping[str, Any] | None = None) -> Result:
        given = dict(params or {})
        check_parameters(cypher, given)
        started = time.perf_counter()

        def work(tx: neo4j.ManagedTransaction) -> Result:
            answer = tx.run(cypher, given)
            columns, records = tuple(answer.keys()), list(answer)
            keys = _keys(tx, unnamed_ends(records))
            rows = tuple(tuple(value_of(value, keys) for value in record.values()) for record in records)
            return Result(columns, rows, elapsed_ms=(time.perf_counter() - started) * 1000)

        return self._read(work)

    def console(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
        from graph.console import check
        from graph.console_values import check_values
        from graph.stores import neo4j_console

        check(cypher, dialect="neo4j")
        check_values(params, dialect="neo4j")
        return neo4j_console.run(self._driver, self._at.database, cypher, params, limits)

    def plan(self, cypher: str, params: Mapping[str, Any], limits: Limits) -> str:
        from graph.console import check
        from graph.console_values import check_values
        from graph.stores import neo4j_console

        check(cypher, dialect="neo4j")
        check_values(params, dialect="neo4j")
        return neo4j_console.plan(self._driver, self._at.database, cypher, params, limits)

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        names = check_columns(label, columns)
        wanted = tuple(dict.fromkeys(("id", *names)))
        returned = ", ".join(f"n.{name} AS {name}" for name in wanted)
        return by_id(self._scan(label, f"MATCH (n:{label}) RETURN {returned}", wanted)).select(list(names))

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        names = check_columns(type_name, columns)
        start, end = (f":{label}" for label in check_pair(type_name, pair)) if pair else ("", "")
        returned = ", ".join(["a.id AS from_id", "b.id AS to_id", *(f"r.{name} AS {name}" for name in names)])
        cypher = f"MATCH (a{start})-[r:{type_name}]->(b{end}) RETURN {returned}"
        return self._scan(type_name, cypher, ("from_id", "to_id", *names))

    def scan_edges(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> Edges:
        start, end = check_pair(type_name, pair)
        # Relationships first: nodes are never removed, so the ends of all of these are among the nodes read after.
        table = self.scan_rels(type_name, columns, (start, end))
        ids = {label: self.scan_nodes(label, ("id",))["id"].combine_chunks() for label in {start, end}}
        for number, (name, label) in enumerate((("from", start), ("to", end))):
            table = table.set_column(number, f"{name}_pos", place_of(table[f"{name}_id"], ids[label]))
        return Edges(ids[start], ids[end], table)

    def shortest_paths(
        self,
        start: tuple[str, str],
        end: tuple[str, str],
        rel_types: Sequence[str],
        *,
        max_hops: int = 6,
        directed: bool = False,
        limit: int = 20,
    ) -> list[Path]:
        def text(types: str, arrow: str, most: int) -> str:
            return (
                f"MATCH (a:{start[0]} {{id: $start_id}}) MATCH (b:{end[0]} {{id: $end_id}}) "
                f"MATCH p = allShortestPaths((a)-[:{types}*..{max_hops:d}]{arrow}(b)) RETURN p LIMIT {most:d}"
            )

        return shortest(self.query, text, start, end, rel_types, max_hops=max_hops, directed=directed, limit=limit)

    def counts(self) -> dict[str, int]:
        def work(tx: neo4j.ManagedTransaction) -> dict[str, int]:
            texts = {name: f"MATCH (n:{name}) RETURN count(n)" for name in NODES}
            texts |= {name: f"MATCH ()-[r:{name}]->() RETURN count(r)" for name in RELS}
            return {name: int(tx.run(cypher).single(strict=True)[0]) for name, cypher in texts.items()}

        return self._read(work)

    # --- life ---

    def wipe(self) -> None:
        with self._write:
            self._clear()
            self.ensure_schema()

    def _clear(self) -> None:
        # Relationships apart from nodes: one node with a million of them would not fit in a transaction.
        for name in RELS:
            self._auto(f"MATCH ()-[r:{name}]->() CALL (r) {{ DELETE r }} IN TRANSACTIONS OF 20000 ROWS")
        for label in (*NODES, META):
            self._auto(f"MATCH (n:{label}) CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF 20000 ROWS")

    def close(self) -> None:
        self._driver.close()

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self._at.uri, self._at.username, self._at.database)

    def _session(self, **options: Any) -> neo4j.Session:
        return self._driver.session(database=self._at.database, **options)

    def _read(self, work: Callable[[neo4j.ManagedTransaction], T]) -> T:
        left = budget.left_s()
        timed = work if left is None else neo4j.unit_of_work(timeout=left)(_within_memory(work))
        with self._explained(), self._session(default_access_mode=neo4j.READ_ACCESS) as session:
            try:
                return session.execute_read(timed)
            except neo4j.exceptions.Neo4jError as error:
                if left is not None and any(word in (error.code or "") for word in ("TimedOut", "Terminated")):
                    raise budget.stopped() from error
                raise

    def _auto(self, cypher: str, params: Mapping[str, Any] | None = None) -> list[neo4j.Record]:
        with self._explained(), self._session() as session:
            return list(session.run(cypher, dict(params or {})))

    def _scan(self, type_name: str, cypher: str, names: Sequence[str]) -> pa.Table:
        """Answers of a scan as an Arrow table with the schema's types, made part by part."""
        kinds = {prop.name: ARROW[prop.kind] for prop in columns_of(type_name)}
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])

        def work(tx: neo4j.ManagedTransaction) -> pa.Table:
            answer = tx.run(cypher)
            batches = []
            while records := answer.fetch(_SCAN_ROWS):
                columns = zip(*(record.values() for record in records), strict=True)
                arrays = [pa.array(values, item.type) for values, item in zip(columns, schema, strict=True)]
                batches.append(pa.record_batch(arrays, schema=schema))
            return pa.Table.from_batches(batches, schema)

        with self._explained(), self._session(default_access_mode=neo4j.READ_ACCESS, fetch_size=_SCAN_ROWS) as session:
            return session.execute_read(work)


def _within_memory(work: Callable[[neo4j.ManagedTransaction], T]) -> Callable[[neo4j.ManagedTransaction], T]:
    """The work, stopped when it needs more memory than Neo4j has: the driver would try that again for half a minute."""

    def done(tx: neo4j.ManagedTransaction) -> T:
        try:
            return work(tx)
        except neo4j.exceptions.Neo4jError as error:
            if any(word in (error.code or "") for word in ("OutOfMemory", "StackOverFlow")):
                raise budget.stopped(for_lack_of="memory") from error
            raise

    return done


def _keys(tx: neo4j.ManagedTransaction, wanted: set[str]) -> dict[str, Key]:
    """Business keys of nodes by element id: what a relationship returned without its nodes needs."""
    if not wanted:
        return {}
    found = tx.run(
        "MATCH (n) WHERE elementId(n) IN $ids RETURN elementId(n) AS place, labels(n) AS labels, n.id AS id",
        {"ids": list(wanted)},
    )
    return {record["place"]: (label_of(record["labels"]), str(record["id"])) for record in found}
