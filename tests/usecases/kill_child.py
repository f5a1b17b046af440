"""A scoring service over HTTP that is forked from a process that has imported everything: it lives until it is killed."""

from __future__ import annotations

import faulthandler
import importlib
import os
import socket
import sys
from pathlib import Path

import numpy as np
from werkzeug.serving import make_server

from core.settings import Settings
from scoring.ids import KnownIds
from scoring.rules._base import catalog
from scoring.state import State
from scoring.transfer import transfer_of
from usecases import bootstrap
from usecases.api_keys import KeyRing
from usecases.flight import Flight  # noqa: F401  (imported before the fork: it takes a second)
from webui.fast_transfers import FastTransfers


def _nobody(_environ, start):
    start("404 Not Found", [("Content-Length", "0")])
    return [b""]


def serve(settings: Settings, port: int) -> None:
    """Open, load the state, answer; never returns."""
    services = bootstrap.with_scoring(bootstrap.open_ledger(settings))
    services.scoring.start()
    faulthandler.cancel_dump_traceback_later()
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
            serve(Settings(home=Path(home), database_url="" if url == "-" else url), int(port))
            os._exit(1)
        print(pid, flush=True)
        os.waitpid(pid, 0)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
