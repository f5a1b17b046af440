"""A temporary PostgreSQL for the tests: initdb, start, stop, remove."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neo4j_server.launcher import free_port


class NoPostgres(Exception):
    """Why no PostgreSQL could be started, in one line."""


def binaries() -> Path:
    """Folder of initdb and pg_ctl. Raises NoPostgres."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    raise NoPostgres("no initdb and pg_ctl on this machine")


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """URL of an empty database of a server on a free port; PostgreSQL refuses root, so root starts it as `postgres`."""
    tools, port = binaries(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="ringtrace-postgres-"))
    prefix: list[str] = []
    if os.geteuid() == 0:
        prefix = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(*command: str) -> None:
        done = subprocess.run([*prefix, *command], capture_output=True, text=True, cwd=folder)
        if done.returncode:
            raise NoPostgres(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-300:]}")

    try:
        run(str(tools / "initdb"), "-D", str(data), "-U", "ringtrace", "--auth=trust", "--no-sync", "-E", "UTF8")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(str(tools / "pg_ctl"), "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql+psycopg://ringtrace@127.0.0.1:{port}/postgres"
        finally:
            run(str(tools / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
