"""The server as people start it: granian in its own process, one worker, the store opened in the worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
import small_town
from neo4j_server.launcher import free_port

from outbox.worker import Worker
from webui import serve as serving

pytestmark = pytest.mark.slow
START = "from core.settings import Settings; from webui.serve import serve; serve(Settings())"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    built = small_town.build(tmp_path / "home")
    built.store.close()
    built.engine.dispose()
    return tmp_path / "home"


def start(home: Path, port: int) -> subprocess.Popen[str]:
    told = {**os.environ, "RINGTRACE_HOME": str(home), "RINGTRACE_PORT": str(port), "RINGTRACE_BUFFER_POOL_MB": "128"}
    return subprocess.Popen(
        [sys.executable, "-c", START], env=told, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def wait(address: str, process: subprocess.Popen[str]) -> int:
    for _ in range(300):
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError("the server did not answer")


@contextmanager
def slow_bodies(port: int, number: int) -> Iterator[None]:
    """Strangers who have sent their headers, and never send their bodies."""
    head = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n"
    with ExitStack() as open_ones:
        for _ in range(number):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)).sendall(head)
        yield


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    return said


def test_it_serves_is_ready_and_stops_so_that_the_store_opens_again(home):
    port = free_port()
    process = start(home, port)
    try:
        assert wait(f"http://127.0.0.1:{port}/readyz", process) == 200
        with (
            slow_bodies(port, serving.SCORING_THREADS + 6),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=30) as page,
        ):
            assert b"Ringtrace" in page.read()
    finally:
        said = stop(process)
    assert "Traceback" not in said
    second = start(home, port)
    try:
        assert wait(f"http://127.0.0.1:{port}/readyz", second) == 200
    finally:
        stop(second)


def test_a_second_server_on_the_same_store_says_so_in_one_line(home):
    taken = free_port()
    first = start(home, taken)
    try:
        assert wait(f"http://127.0.0.1:{taken}/readyz", first) == 200
        second = start(home, free_port())
        said, _ = second.communicate(timeout=60)
        assert second.returncode != 0
        lines = [line for line in said.splitlines() if line.startswith("ringtrace: ")]
        assert len(lines) == 1, said
        assert "Traceback" not in said
    finally:
        stop(first)


def test_signals_to_the_whole_process_group_end_it_in_order(home):
    port = free_port()
    process = start(home, port)
    assert wait(f"http://127.0.0.1:{port}/readyz", process) == 200
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
        os.killpg(process.pid, number)
    said, _ = process.communicate(timeout=60)
    assert "Traceback" not in said and "kill" not in said.lower(), said


STORM = """
import os, signal, subprocess, sys
from webui.serve import _Awake
awake = _Awake()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: awake.set())
many = "import os, signal\\nfor _ in range(100000):\\n for number in (signal.SIGTERM, signal.SIGINT): os.kill(%d, number)" % os.getpid()
storm = subprocess.Popen([sys.executable, "-c", many])
while storm.poll() is None:
    awake.wait()
    awake.clear()
    awake.set()
print("awake")
"""


def test_signals_upon_signals_wake_the_parent_and_never_hold_it():
    done = subprocess.run(
        [sys.executable, "-c", STORM], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "awake\n", done.stderr[-2000:]


def test_a_stop_while_it_still_opens_ends_it(home):
    process = start(home, free_port())
    time.sleep(1.5)
    said = stop(process)
    assert "kill" not in said.lower(), said


def test_the_end_does_not_wait_for_a_worker_that_goes_on(monkeypatch):
    begun, go = [threading.Event(), threading.Event()], threading.Event()

    def work(number):
        begun[number].set()
        go.wait(120)

    workers = [Worker(str(number), partial(work, number), every_s=0.01) for number in range(2)]
    for worker in workers:
        worker.start()
    for started in begun:
        assert started.wait(60)
    monkeypatch.setattr(serving, "WORKERS_END_S", 0.2)
    serving._stop_all(workers)
    assert not go.is_set() and all(worker._thread.is_alive() for worker in workers)
    go.set()
    serving._stop_all(workers)
