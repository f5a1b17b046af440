"""A temporary PostgreSQL for the tests: initdb, start, stop, remove."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from neo4j_server.launcher import free_port
from sqlalchemy import create_engine, text


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


class Server:
    """A server that can be stopped and started again on the same port, with its data."""

    def __init__(self) -> None:
        self._tools, port = binaries(), free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="ringtrace-postgres-"))
        self._prefix: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses root
            self._prefix = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self._folder, "postgres")
        self._data = self._folder / "data"
        self._options = f"-p {port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.url = f"postgresql+psycopg://ringtrace@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        """An empty cluster, started."""
        self._run("initdb", "-D", str(self._data), "-U", "ringtrace", "--auth=trust", "--no-sync", "-E", "UTF8")
        self.start()

    def start(self) -> None:
        """Start; returns when it takes connections."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-o", self._options, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """Stop at once, as a crash would: every connection breaks."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of the server stands still, as on a machine that hangs: connections stay open, nothing answers."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        every = [first, *_children(first)]
        try:
            for pid in every:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in every:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def remove(self) -> None:
        """Delete everything."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, tool: str, *arguments: str) -> None:
        command = [*self._prefix, str(self._tools / tool), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, timeout=120)
        if done.returncode:
            raise NoPostgres(f"{tool} failed: {(done.stderr or done.stdout).strip()[-300:]}")


def _children(parent: int) -> Iterator[int]:
    """Processes whose parent it is."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                yield int(stat.parent.name)


@contextmanager
def temporary_server() -> Iterator[Server]:
    """A running server with an empty database; stopped and removed at the end."""
    server = Server()
    try:
        server.make()
        try:
            yield server
        finally:
            with suppress(NoPostgres):  # a test may have stopped it
                server.stop()
    finally:
        server.remove()


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """URL of an empty database of a server on a free port."""
    with temporary_server() as server:
        yield server.url


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """URL of an empty database on the server of this one; removed at the end, whoever is still connected."""
    server, name = create_engine(url, isolation_level="AUTOCOMMIT"), f"own_{secrets.token_hex(8)}"
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.url.set(database=name).render_as_string(hide_password=False)
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        server.dispose()
