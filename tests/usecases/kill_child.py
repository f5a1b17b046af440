"""A scoring service over HTTP that is forked from a process that has imported everything: it lives until it is killed.

It does what the real one does beside answering, often: segments become ledger batches every SEAL_S, so that a kill meets that too.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from werkzeug.serving import make_server

from core.settings import Settings
from outbox.worker import Worker
from scoring.ids import KnownIds
from scoring.rules._base import catalog
from scoring.state import State
from scoring.transfer import transfer_of
from usecases import bootstrap
from usecases.api_keys import KeyRing
from usecases.flight import Flight  # noqa: F401  (imported before the fork: it takes a second)
from usecases.flight_upkeep import Upkeep
from webui.fast_transfers import FastTransfers

REPO = Path(__file__).parents[2]
SEAL_S = 0.15


def _nobody(_environ, start):
    start("404 Not Found", [("Content-Length", "0")])
    return [b""]


def serve(settings: Settings, port: int) -> None:
    """Open, load the state, answer; never returns."""
    services = bootstrap.with_scoring(bootstrap.open_ledger(settings))
    services.scoring.start()
    faulthandler.cancel_dump_traceback_later()
    Worker("flight", Upkeep(services).once, every_s=0.05).start()
    app = FastTransfers(_nobody, services, KeyRing(services), None)
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


def compiled() -> None:
    """Have everything compiled that a start needs, so that a child inherits it (no threads are started by this)."""
    for name in (
        "pandas",
        "pyarrow.pandas_compat",
        "sqlite3",
        "zoneinfo",
        "_strptime",
        "sqlalchemy.dialects.sqlite.pysqlite",
        "psycopg",
    ):
        importlib.import_module(name)  # what reading Parquet and opening a database import when first used
    catalog()
    state, known = State(), KnownIds()
    transfer = transfer_of({"id": "1", "payer": "a", "payee": "b", "amount_minor": 1, "currency": "CNY", "at_ms": 10**12,
                            "device": "d"})  # fmt: skip
    state.look(transfer)
    state.take(transfer, 1)
    state.replay(np.array([state.encode(transfer)]), np.ones(1, np.int64))
    state.link([("a", "d")], "d")
    state.network({}, ["a"])
    known.add_all(["1"])
    known.add("2")
    assert "1" in known


def main() -> None:
    """Reads lines `start HOME URL PORT`; forks a service for each and prints its process id."""
    compiled()
    for line in sys.stdin:
        home, url, port = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            log = os.open(Path(home) / "child.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            faulthandler.dump_traceback_later(12)  # says where a start hangs
            faulthandler.register(signal.SIGUSR1)
            told = Settings(home=Path(home), database_url="" if url == "-" else url, scoring_seal_s=SEAL_S)
            serve(told, int(port))
            os._exit(1)
        print(pid, flush=True)
        os.waitpid(pid, 0)


class Mother:
    """A process of `main`, and the service it forked last."""

    def __init__(self, settings: Settings, port: int) -> None:
        self._line = f"{settings.home}\t{settings.database_url or '-'}\t{port}\n"
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPO,
            env={**os.environ, "PYTHONPATH": str(REPO)},
        )  # fmt: skip
        self.pid = 0
        self.log = settings.home / "child.log"

    def start(self) -> int:
        """Fork a service once the last one has ended; its process id."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(self._line)
        self._process.stdin.flush()
        self.pid = int(self._process.stdout.readline())
        return self.pid

    def kill(self) -> None:
        """SIGKILL to the service, whatever it does."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the service, and let the mother go."""
        self.kill()
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(20)


@contextmanager
def mother_of(settings: Settings, port: int) -> Iterator[Mother]:
    """A mother that is ready to fork services on this home and port; nothing of it is left afterwards."""
    made = Mother(settings, port)
    try:
        yield made
    finally:
        made.end()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
