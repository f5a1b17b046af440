"""Loading transfers onto Neo4j: the store's own apply beside the simple UNWIND form and the bare driver, same rows.

`python -m bench.load_neo4j [TRANSFERS [TURNS]]`; 200,000 and 3 unless said, a tenth as many accounts. Uses NEO4J_URI and
NEO4J_PASSWORD (**its Ringtrace data is removed**), else a server of its own when Java is there.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import neo4j
import numpy as np
import pyarrow as pa
from pydantic import SecretStr

from bench.measure import machine
from core.settings import Settings
from graph.model import RowSet, conform
from graph.stores.neo4j import Neo4jStore
from graph.stores.neo4j_apply import CHUNK_ROWS, WORKERS, rel_statement
from graph.stores.neo4j_places import Places

BATCH = 10_000
GOAL = 40_000


@contextmanager
def server() -> Iterator[tuple[str, str]]:
    """(address, password) of the server to measure. Raises CannotStart where there is none and no Java."""
    if os.environ.get("NEO4J_URI"):
        yield os.environ["NEO4J_URI"], os.environ["NEO4J_PASSWORD"]
        return
    from tests.neo4j_server.launcher import running

    heap = os.environ.get("NEO4J_HEAP", "4G")
    # As neo4j.conf ships it: the heap is there from the start. The collector of high throughput is for loading.
    jvm = (f"-Xms{heap}", "-XX:+AlwaysPreTouch", *os.environ.get("NEO4J_JVM", "-XX:+UseParallelGC").split())
    with running(heap, os.environ.get("NEO4J_PAGECACHE", "1G"), jvm) as own:
        yield own.uri, own.password


def accounts(count: int) -> RowSet:
    """`count` accounts."""
    return RowSet("Account", conform("Account", pa.table({"id": [f"bank:{n:012d}" for n in range(count)], "kind": ["bank"] * count, "source": ["accounts.csv"] * count})))  # fmt: skip


def transfers(prefix: str, size: int, count: int, seed: int = 7) -> RowSet:
    """`size` transfers with nine properties each; payees are skewed as collectors are."""
    rng = np.random.default_rng(seed)
    start, end = rng.integers(0, count, size), (rng.pareto(1.2, size) * 50).astype(np.int64) % count
    table = pa.table({
        "id": [f"{prefix}{number:010d}" for number in range(size)],
        "from_id": [f"bank:{number:012d}" for number in start], "to_id": [f"bank:{number:012d}" for number in end],
        "amount_minor": np.minimum(rng.lognormal(11, 1.5, size), 10**12).astype(np.int64) + 1, "currency": ["CNY"] * size,
        "at_ms": rng.integers(1_700_000_000, 1_707_000_000, size) * 1000, "channel": ["transfer"] * size,
        "source": ["transfers.csv"] * size, "source_row": np.arange(1, size + 1), "load_seq": [1] * size,
        "loaded_at_ms": [1_763_000_000_000] * size,
    })  # fmt: skip
    return RowSet("TRANSFER", conform("TRANSFER", table), "Account", "Account")


def simple(driver: neo4j.Driver, rows: RowSet) -> None:
    """The form of every tutorial: a list of maps, both ends matched by key."""
    cypher = (
        "UNWIND $rows AS row MATCH (a:Account {id: row.from_id}) MATCH (b:Account {id: row.to_id}) "
        "CREATE (a)-[t:TRANSFER]->(b) SET t = row.values"
    )
    for start in range(0, len(rows), BATCH):
        found = [{k: v for k, v in row.items() if v is not None} for row in rows.table.slice(start, BATCH).to_pylist()]
        _write(
            driver, cypher, [{"from_id": row.pop("from_id"), "to_id": row.pop("to_id"), "values": row} for row in found]
        )


def same_shape(driver: neo4j.Driver, rows: RowSet) -> None:
    """What any program must send to write these rows: all nine properties, the
    id's constraint, in our order, `WORKERS` transactions at a time; no look-up, no check that both ends were there, no mark."""
    rows = RowSet(rows.type_name, rows.table.sort_by("from_id"), rows.from_label, rows.to_label)
    starts, ends = _places(driver, rows)

    def chunk(start: int) -> None:
        part = slice(start, start + CHUNK_ROWS)
        cypher, params = rel_statement(rows, rows.table.slice(start, CHUNK_ROWS), starts[part], ends[part])
        with driver.session() as session:
            session.execute_write(lambda tx: tx.run(cypher, params).consume())

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(chunk, range(0, len(rows), CHUNK_ROWS)))


def bare_rels(driver: neo4j.Driver, rows: RowSet) -> None:
    """The least that still makes relationships: neither end looked up by key, no property, no index."""
    places = _places(driver, rows)
    pairs = list(zip(*places, strict=True))
    for start in range(0, len(pairs), BATCH):
        _write(
            driver,
            "UNWIND $rows AS row MATCH (a) WHERE id(a) = row[0] MATCH (b) WHERE id(b) = row[1] CREATE (a)-[:BARE]->(b)",
            [list(pair) for pair in pairs[start : start + BATCH]],
        )


def sent_only(driver: neo4j.Driver, rows: RowSet) -> None:
    """Our statements' parameters sent, and nothing done with them: the limit of the driver."""
    starts, ends = _places(driver, rows)
    for start in range(0, len(rows), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        _, params = rel_statement(rows, rows.table.slice(start, CHUNK_ROWS), starts[part], ends[part])
        with driver.session() as session:
            session.run("RETURN " + " + ".join(f"size($p.{name})" for name in params if isinstance(params[name], list)), {"p": params}).consume()  # fmt: skip


def _write(driver: neo4j.Driver, cypher: str, rows: list[object]) -> None:
    with driver.session() as session:
        session.execute_write(lambda tx: tx.run(cypher, {"rows": rows}).consume())


def _places(driver: neo4j.Driver, rows: RowSet) -> tuple[list[int], list[int]]:
    with driver.session() as session:
        return session.execute_read(lambda tx: Places().ends(tx, rows, rows.table))


def _remove_bare(driver: neo4j.Driver) -> None:
    with driver.session() as session:
        session.run("MATCH ()-[r:BARE]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 20000 ROWS").consume()


def profile_line(driver: neo4j.Driver, rows: RowSet) -> str:
    """Operators of our statement with database hits a row, from PROFILE in a transaction that is rolled back."""
    starts, ends = _places(driver, rows)
    cypher, params = rel_statement(rows, rows.table, starts, ends)
    with driver.session() as session, session.begin_transaction() as tx:
        plan, steps = tx.run("PROFILE " + cypher, params).consume().profile, []
        while plan:
            steps.append(f"{plan['operatorType'].split('@')[0]} {plan.get('dbHits', 0) / len(rows):.1f}")
            plan = plan["children"][0] if plan.get("children") else None
        tx.rollback()
    return "profile, database hits a row: " + " < ".join(steps)


def main(size: int = 200_000, turns: int = 3) -> None:
    """Measure all forms in turn, print relationships/s (best of the repeats, all of them behind) and ratios."""
    count = max(1000, size // 10)
    with server() as (uri, password):
        store = Neo4jStore.open(Settings(home=Path(), store="neo4j", neo4j_uri=uri, neo4j_password=SecretStr(password)))
        store.wipe()
        print(
            f"load_neo4j: {size:,} transfers, {count:,} accounts; {machine()}; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        seq = iter(range(1, 1000))
        store.apply(next(seq), [accounts(count)])
        store.apply(next(seq), [transfers("W", min(size, 100_000), count)])  # the server compiles its hot paths
        forms: dict[str, Callable[[RowSet], None]] = {
            "Ringtrace apply": lambda rows: store.apply(next(seq), [rows]),
            "bare driver: same rows, ends known": lambda rows: same_shape(store.driver, rows),
            "simple UNWIND, MATCH, CREATE": lambda rows: simple(store.driver, rows),
            "bare driver: no key, no property": lambda rows: bare_rels(store.driver, rows),
            "driver alone: sent, not written": lambda rows: sent_only(store.driver, rows),
        }
        rates: dict[str, list[float]] = {name: [] for name in forms}
        for turn in range(turns):
            for number, (name, form) in enumerate(forms.items()):
                rows = transfers(f"R{turn}F{number}-", size, count, seed=turn)
                started = time.perf_counter()
                form(rows)
                rates[name].append(size / (time.perf_counter() - started))
        best = {name: max(found) for name, found in rates.items()}
        for name, found in rates.items():
            print(f"{name:<36}{best[name]:>10,.0f} relationships/s  median {median(found):>9,.0f}  ours x{best['Ringtrace apply'] / best[name]:.2f}", flush=True)  # fmt: skip
        print(f"goal {GOAL:,}/s; {WORKERS} workers, {CHUNK_ROWS:,} rows a transaction; load {os.getloadavg()[0]:.1f}")
        print(profile_line(store.driver, transfers("P", BATCH, count)))
        _remove_bare(store.driver)
        store.close()


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
