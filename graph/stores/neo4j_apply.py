"""Applying one ledger batch to Neo4j: small batches in one transaction, big ones in chunks that can be resumed.

Rows travel as columns (`$amount_minor[i]`), not as maps: the property names cross the wire once, and a column with one
value crosses as that value. Neo4j community plans are interpreted, so the server is the slower side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import neo4j
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import StoreDamaged, StoreUnavailable
from graph.model import RowSet
from graph.port import Progress
from graph.schema import NODES, PROVENANCE
from graph.stores._rows import one_row_a_key, split_by, telling_mask
from graph.stores.neo4j_ddl import META
from graph.stores.neo4j_places import Places

SMALL_ROWS = 10_000
"""Batches below this are one transaction, so that readers see all or nothing."""
CHUNK_ROWS = 10_000
"""Rows of one transaction of a big batch."""
WORKERS = 2
"""Transactions under way at a time; the driver retries those that Neo4j stops because of a deadlock."""

Statement = tuple[str, dict[str, Any]]


def column_values(table: pa.Table, names: Iterable[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """(Cypher of each column's value in row `i`, parameters); columns without a value are left out."""
    texts: dict[str, str] = {}
    params: dict[str, Any] = {}
    for name in names:
        column = table[name]
        if column.null_count == len(column):
            continue
        constant = not pa.types.is_list(column.type) and _is_constant(column)
        texts[name] = f"${name}" if constant else f"${name}[i]"
        params[name] = column[0].as_py() if constant else column.to_pylist()
    return texts, params


def _is_constant(column: pa.ChunkedArray) -> bool:
    return column.null_count == 0 and bool(pc.all(pc.equal(column, column[0])).as_py())


def node_statements(label: str, table: pa.Table) -> Iterator[Statement]:
    """Upserts of nodes: rows that tell something set it, stubs only make the node where it is missing."""
    table = one_row_a_key(label, table)
    tells = telling_mask(label, table)
    for rows, mode in ((table.filter(tells), "SET"), (table.filter(pc.invert(tells)), "ON CREATE SET")):
        if not rows.num_rows:
            continue
        names = [prop.name for prop in (NODES[label].columns if mode == "SET" else PROVENANCE) if prop.name != "id"]
        texts, params = column_values(rows, names)
        sets = ", ".join(f"n.{name} = coalesce({value}, n.{name})" for name, value in texts.items())
        yield (
            f"UNWIND range(0, size($keys) - 1) AS i MERGE (n:{label} {{id: $keys[i]}}) "
            + (f"{mode} {sets}" if sets else ""),
            {**params, "keys": rows["id"].to_pylist()},
        )


def rel_statement(rows: RowSet, table: pa.Table, starts: list[int], ends: list[int]) -> Statement:
    """Creates the relationships of `table` between nodes given by internal id; answers with how many."""
    texts, params = column_values(table, [name for name in table.column_names if name not in ("from_id", "to_id")])
    texts["id"], params["id"] = "$id[i]", table["id"].to_pylist()
    values = ", ".join(f"{name}: {value}" for name, value in texts.items())
    return (
        f"UNWIND range(0, size($id) - 1) AS i MATCH (a:{rows.from_label}) WHERE id(a) = $starts[i] "
        f"MATCH (b:{rows.to_label}) WHERE id(b) = $ends[i] CREATE (a)-[:{rows.type_name} {{{values}}}]->(b) "
        "RETURN count(*) AS made",
        {**params, "starts": starts, "ends": ends},
    )


def write_nodes(tx: neo4j.ManagedTransaction, rows: RowSet, table: pa.Table) -> None:
    """Upsert one chunk of nodes."""
    for cypher, params in node_statements(rows.type_name, table):
        tx.run(cypher, params).consume()


def write_rels(
    tx: neo4j.ManagedTransaction, rows: RowSet, table: pa.Table, places: Places, *, resuming: bool = False
) -> None:
    """Create one chunk of relationships; when resuming, those that are there already are left. Raises DanglingEnd.

    Rows with `changes` set the values of relationships that are there.
    """
    if rows.changes:
        _change_rels(tx, rows, table)
        return
    if resuming:
        cypher = f"UNWIND $ids AS id {_by_id(rows.type_name, 'id')} RETURN r.id AS id"
        there = [record["id"] for record in tx.run(cypher, {"ids": table["id"].to_pylist()})]
        table, _ = split_by(table, pa.array(there, pa.string()))
    if not table.num_rows:
        return
    cypher, params = rel_statement(rows, table, *places.ends(tx, rows, table))
    made = tx.run(cypher, params).single(strict=True)["made"]
    if made != table.num_rows:  # somebody else removed a node just now
        raise StoreUnavailable("Neo4j lost nodes while a batch was applied: run `ringtrace rebuild`")


def _change_rels(tx: neo4j.ManagedTransaction, rows: RowSet, table: pa.Table) -> None:
    names = [name for name in table.column_names if name not in ("id", "from_id", "to_id")]
    texts, params = column_values(table, names)
    sets = ", ".join(f"r.{name} = coalesce({value}, r.{name})" for name, value in texts.items())
    cypher = f"UNWIND range(0, size($ids) - 1) AS i {_by_id(rows.type_name, '$ids[i]')} SET {sets} RETURN count(*) AS n"
    if tx.run(cypher, {**params, "ids": table["id"].to_pylist()}).single(strict=True)["n"] != table.num_rows:
        raise StoreDamaged(f"Neo4j lacks {rows.type_name} that are to be changed: run `ringtrace rebuild`")


def _by_id(type_name: str, id: str) -> str:
    """Cypher of the relationship `r` with this id. The index is named: a plan made while the graph was small goes through all."""
    return f"MATCH ()-[r:{type_name} {{id: {id}}}]->() USING INDEX r:{type_name}(id)"


def mark_applied(tx: neo4j.ManagedTransaction, seq: int) -> None:
    """Record `seq` as the last batch applied, none under way."""
    tx.run(f"MATCH (m:{META} {{id: 'store'}}) SET m.applied_seq = $seq, m.applying_seq = 0", {"seq": seq}).consume()


def apply_small(session: neo4j.Session, seq: int, rowsets: list[RowSet], progress: Progress) -> None:
    """Apply a whole batch in one transaction."""

    def work(tx: neo4j.ManagedTransaction) -> None:
        places = Places()  # of this try: nodes it made are gone when the driver tries again
        for rows in rowsets:
            if rows.is_node:
                write_nodes(tx, rows, rows.table)
            else:
                write_rels(tx, rows, rows.table, places)
        mark_applied(tx, seq)

    session.execute_write(work)
    for rows in rowsets:
        progress(rows.type_name, len(rows))


def apply_big(driver: neo4j.Driver, database: str, seq: int, rowsets: Iterable[RowSet], progress: Progress) -> None:
    """Apply a batch in chunks; `applying_seq` says so until it is done, and makes the next try skip what is there."""
    with driver.session(database=database) as session:
        resuming = session.execute_write(_begin, seq)
    places = Places()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="neo4j-load") as pool:
        for rows in rowsets:
            # Neighbouring rows share their start node: fewer pages and fewer locks at a time.
            table = rows.table if rows.is_node else rows.table.sort_by("from_id")
            under_way: deque[tuple[Future[None], int]] = deque()
            for start in range(0, table.num_rows, CHUNK_ROWS):
                chunk = table.slice(start, CHUNK_ROWS)
                if len(under_way) > WORKERS:
                    _finish(under_way, rows.type_name, progress)
                under_way.append((pool.submit(_chunk, driver, database, rows, chunk, places, resuming), chunk.num_rows))
            while under_way:
                _finish(under_way, rows.type_name, progress)
    with driver.session(database=database) as session:
        session.execute_write(mark_applied, seq)


def _begin(tx: neo4j.ManagedTransaction, seq: int) -> bool:
    """Record that `seq` is being applied; whether it was already, before a crash."""
    cypher = f"MATCH (m:{META} {{id: 'store'}}) WITH m, m.applying_seq AS before SET m.applying_seq = $seq RETURN before = $seq"
    return bool(tx.run(cypher, {"seq": seq}).single(strict=True)[0])


def _finish(under_way: deque[tuple[Future[None], int]], what: str, progress: Progress) -> None:
    future, rows = under_way.popleft()
    future.result()
    progress(what, rows)


def _chunk(driver: neo4j.Driver, database: str, rows: RowSet, table: pa.Table, places: Places, resuming: bool) -> None:
    with driver.session(database=database) as session:
        if rows.is_node:
            session.execute_write(write_nodes, rows, table)
        else:
            session.execute_write(write_rels, rows, table, places, resuming=resuming)
