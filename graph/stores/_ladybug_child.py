"""The child process of one console query on the embedded store: opens the copy, gives up its rights, runs, streams rows.

Started as a script by ladybug_sandbox.py with a JSON job on standard input; answers in JSON lines on standard output.
Imports nothing of Ringtrace, so that it starts fast and holds no secret.
"""

from __future__ import annotations

import json
import resource
import sys
from decimal import Decimal
from typing import Any

import ladybug


def main() -> None:
    """One job. Lines: {"ready"}, {"columns"}, {"row"}..., {"keys"}, {"done"}, or {"error", "message"}."""
    job = json.loads(sys.stdin.readline())
    try:
        pool = job["pool_mb"] << 20
        database = ladybug.Database(
            job["path"], read_only=True, buffer_pool_size=pool, max_num_threads=2, max_db_size=job["max_db_size"]
        )
        connection = ladybug.Connection(database)
        tables = dict(connection.execute("CALL show_tables() RETURN id, name").get_all())
        _give_up_rights(job)
        _say({"ready": True})
        _answer(connection, job, tables)
    except MemoryError:
        _say({"error": "memory", "message": ""})
    except Exception as error:  # whatever it is, the parent must hear of it
        _say({"error": type(error).__name__, "message": str(error)})


def _give_up_rights(job: dict[str, Any]) -> None:
    """No new file or socket, no file growth, and bounds on processor time and memory, from here to the end."""
    with open("/proc/self/statm") as file:  # noqa: PTH123  nothing more to import here
        used = int(file.read().split()[0]) * resource.getpagesize()
    memory = used + (job["memory_mb"] << 20)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_s"], job["cpu_s"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _answer(connection: ladybug.Connection, job: dict[str, Any], tables: dict[int, str]) -> None:
    result = connection.execute(job["cypher"], job["params"]) if job["params"] else connection.execute(job["cypher"])
    _say({"columns": result.get_column_names()})
    known: set[tuple[int, int]] = set()
    wanted: set[tuple[int, int]] = set()
    rows = size = 0
    over = False
    while rows < job["rows"] and result.has_next():
        row = result.get_next()
        size += _say({"row": row}, at_most=job["bytes"] - size)
        over = size > job["bytes"]
        if over:
            break
        _collect(row, known, wanted)
        rows += 1
    truncated = over or result.has_next()
    result.close()
    _say({"keys": _keys(connection, wanted - known, tables)})
    _say({"done": True, "truncated": truncated, "over_bytes": over})


def _collect(value: Any, known: set[tuple[int, int]], wanted: set[tuple[int, int]]) -> None:
    """Internal ids of the nodes in a value, and of the ends of its relationships."""
    if isinstance(value, dict):
        for mark in ("_SRC", "_DST"):
            if isinstance(value.get(mark), dict):
                wanted.add((value[mark]["table"], value[mark]["offset"]))
        if "_LABEL" in value and "_SRC" not in value and isinstance(value.get("_ID"), dict):
            known.add((value["_ID"]["table"], value["_ID"]["offset"]))
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            if isinstance(item, dict | list | tuple):
                _collect(item, known, wanted)


def _keys(
    connection: ladybug.Connection, wanted: set[tuple[int, int]], tables: dict[int, str]
) -> list[tuple[int, int, str, str]]:
    """Label and business id of internal ids: a relationship returned without its nodes still names its ends."""
    found: list[tuple[int, int, str, str]] = []
    for number in {table for table, _ in wanted}:
        offsets = [offset for table, offset in wanted if table == number]
        text = f"MATCH (n:{tables[number]}) WHERE offset(id(n)) IN $offsets RETURN offset(id(n)), n.id"
        rows = connection.execute(text, {"offsets": offsets}).get_all()
        found += [(number, offset, tables[number], key) for offset, key in rows]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _say(line: dict[str, Any], at_most: int | None = None) -> int:
    """Bytes of the line, which is not sent when it has more than `at_most`."""
    text = (json.dumps(line, default=_plain, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
    if at_most is None or len(text) <= at_most:
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
    return len(text)


if __name__ == "__main__":
    main()
