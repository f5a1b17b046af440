"""Runs an analyst's Cypher on a copy of the embedded store, in a child process with few rights and hard limits."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import QueryRefused, QueryStopped, StoreUnavailable
from graph.console import parameters
from graph.model import Result
from graph.port import Limits
from graph.stores.ladybug_values import Internal, normalise

CHILD = Path(__file__).with_name("_ladybug_child.py")
POOL_MB = 256
MEMORY_MB = 512
"""What the query may take beside the opened store's pages."""
START_S = 20.0
ANSWER_BYTES = 64 << 20


def run(snapshot_path: Path, cypher: str, params: Mapping[str, Any], limits: Limits) -> Result:
    """Rows of `cypher` (already checked by graph.console) on the copy, at most `limits.rows` of them.

    Raises QueryRefused for a missing parameter or text Ladybug does not accept, QueryStopped at the time, memory or
    size limit. The calling process and the live store are untouched whatever the query does.
    """
    missing = sorted(parameters(cypher) - params.keys())
    if missing:
        raise QueryRefused(f"the query needs parameter {', '.join(f'${name}' for name in missing)}")
    job = {
        "path": str(snapshot_path), "cypher": cypher, "params": dict(params), "rows": limits.rows,
        "bytes": limits.bytes,
        "pool_mb": POOL_MB, "memory_mb": MEMORY_MB, "cpu_s": int(2 * limits.seconds) + 3,
        "max_db_size": _database_size(snapshot_path),
    }  # fmt: skip
    try:
        text = json.dumps(job, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise QueryRefused(f"parameters must be plain JSON values: {error}") from error
    started = time.perf_counter()
    with _child() as (process, clock):
        assert process.stdin and process.stdout  # both are pipes
        clock.start(START_S)
        process.stdin.write(text.encode() + b"\n")
        process.stdin.close()
        answer = _Answer(clock, limits)
        for line in _lines(process.stdout):
            answer.take(json.loads(line))
        if not answer.done:
            process.wait()
            raise _stopped(clock, answer.ready, process.returncode, limits)
    return answer.result((time.perf_counter() - started) * 1000)


class _Clock:
    """Kills the child when its time is over."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._timer: threading.Timer | None = None
        self.over = False

    def start(self, seconds: float) -> None:
        self.stop()
        self._timer = threading.Timer(seconds, self._kill)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _kill(self) -> None:
        self.over = True
        self._process.kill()


@contextmanager
def _child() -> Iterator[tuple[subprocess.Popen[bytes], _Clock]]:
    """The child and its clock; gone when the block ends, however it ends."""
    process = subprocess.Popen(  # noqa: S603  our own file, no shell
        [sys.executable, "-I", str(CHILD)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8"}, cwd="/", start_new_session=True,
    )  # fmt: skip
    clock = _Clock(process)
    try:
        yield process, clock
    finally:
        clock.stop()
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()


def _lines(stream: Any) -> Iterator[bytes]:
    size = 0
    while line := stream.readline(ANSWER_BYTES + 1):
        size += len(line)
        if size > ANSWER_BYTES:
            raise QueryStopped(f"the answer is larger than {ANSWER_BYTES >> 20} MiB: return fewer columns or rows")
        if not line.endswith(b"\n"):
            return  # the child died in the middle of a line
        yield line


class _Answer:
    """What the child has said so far."""

    def __init__(self, clock: _Clock, limits: Limits) -> None:
        self._clock, self._limits = clock, limits
        self.ready = self.done = self._truncated = self._over_bytes = False
        self._columns: list[str] = []
        self._rows: list[list[Any]] = []
        self._keys: dict[Internal, tuple[str, str]] = {}

    def take(self, line: dict[str, Any]) -> None:
        if "error" in line:
            raise _refused(str(line["message"]), str(line["error"]), self.ready)
        if "ready" in line:
            self.ready = True
            self._clock.start(self._limits.seconds)
        elif "columns" in line:
            self._columns = line["columns"]
        elif "row" in line:
            self._rows.append(line["row"])
        elif "keys" in line:
            self._keys = {(table, offset): (label, key) for table, offset, label, key in line["keys"]}
        elif "done" in line:
            self.done, self._truncated, self._over_bytes = True, line["truncated"], line["over_bytes"]

    def result(self, elapsed_ms: float) -> Result:
        rows = normalise(self._rows, lambda _wanted: self._keys)
        return Result(tuple(self._columns), rows, self._truncated, elapsed_ms, self._over_bytes)


def _refused(message: str, kind: str, ready: bool) -> Exception:
    text = " ".join(message.split())[:300]
    if not ready:
        return StoreUnavailable(f"the console could not open its copy of the store: {text}")
    low = text.lower()
    if kind in ("memory", "MemoryError") or "buffer pool is full" in low or "bad_alloc" in low or "allocate" in low:
        return QueryStopped(f"stopped: the query needs more than {MEMORY_MB} MiB of memory: narrow it")
    return QueryRefused(text or kind)


def _stopped(clock: _Clock, ready: bool, code: int | None, limits: Limits) -> Exception:
    if not ready:
        return StoreUnavailable(f"the console's process did not start (exit {code}): try again")
    if clock.over:
        return QueryStopped(f"stopped after {limits.seconds:g} s: narrow the query or add a LIMIT")
    return QueryStopped(f"stopped at a memory or processor limit (exit {code}): narrow the query")


def _database_size(path: Path) -> int:
    """Address space for the copy: a power of two well above its size, as Ladybug wants."""
    return max(1 << 30, 1 << (4 * path.stat().st_size).bit_length())
