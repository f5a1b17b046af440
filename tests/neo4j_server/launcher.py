"""Starts and stops the test server. Needs a JDK (17 or 21) and Maven; the jars are fetched once into a cache folder."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import neo4j

HERE = Path(__file__).parent
START_SECONDS = 120
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.lang", "jdk.internal.misc")
CONFIG = """
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.memory.pagecache.size={pagecache}
db.tx_log.rotation.retention_policy=keep_none
dbms.security.auth_enabled=true
dbms.security.procedures.unrestricted=gds.*
dbms.security.allow_csv_import_from_file_urls=false
dbms.usage_report.enabled=false
"""


class CannotStart(Exception):
    """Why no server could be started, in one line."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    uri: str
    password: str = field(repr=False)
    pid: int


def cache_folder() -> Path:
    """Where the jars are kept: RINGTRACE_NEO4J_CACHE, or ~/.cache/ringtrace/neo4j."""
    return Path(os.environ.get("RINGTRACE_NEO4J_CACHE") or Path.home() / ".cache" / "ringtrace" / "neo4j")


def missing_tools() -> str:
    """The tools that are not installed, as text; empty when all are there (jars in the cache need no Maven)."""
    tools = ["java"] if (cache_folder() / "complete").exists() else ["java", "mvn"]
    return ", ".join(tool for tool in tools if shutil.which(tool) is None)


def fetch_jars() -> Path:
    """Folder with `lib` and `plugins`, fetched by Maven unless it is complete. Raises CannotStart."""
    folder = cache_folder()
    if (folder / "complete").exists():
        return folder
    for pom, name in (("neo4j.pom.xml", "lib"), ("gds.pom.xml", "plugins")):
        command = ["mvn", "-q", "-B", "-f", str(HERE / pom), "dependency:copy-dependencies", "-DincludeScope=runtime"]
        done = subprocess.run(
            [*command, f"-DoutputDirectory={folder / name}"], capture_output=True, text=True, timeout=900
        )
        if done.returncode:
            raise CannotStart(f"Maven could not fetch {pom}: {(done.stdout + done.stderr).strip()[-300:]}")
    for jar in (folder / "lib").glob("*.jar"):  # one copy of what both need
        (folder / "plugins" / jar.name).unlink(missing_ok=True)
    (folder / "complete").touch()
    return folder


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(heap: str = "1g", pagecache: str = "512m", jvm: Sequence[str] = ()) -> Iterator[Server]:
    """A server on a free port with an empty database and a random password, stopped and removed at the end.

    `heap` and `pagecache` are sizes as Neo4j writes them (`2g`); `jvm` are further options of Java.
    """
    with restartable(heap, pagecache, jvm) as kept:
        yield kept.server


class Restartable:
    """A server that can be killed and started again on its port, with its data and password."""

    def __init__(self, home: Path, jars: Path, jvm: Sequence[str], pagecache: str, gds: bool) -> None:
        self._home, self._jars, self._jvm, self._gds = home, jars, jvm, gds
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (home / "conf").mkdir()
        (home / "conf" / "neo4j.conf").write_text(CONFIG.format(port=self._port, pagecache=pagecache))
        if gds:  # procedures are found by scanning the home's plug-in folder, extensions on the class path
            (home / "plugins").symlink_to(jars / "plugins", target_is_directory=True)
        self._password = secrets.token_urlsafe(12)

    @property
    def server(self) -> Server:
        """Address, password and process of the running server."""
        assert self._process is not None
        return Server(f"bolt://127.0.0.1:{self._port}", self._password, self._process.pid)

    def start(self) -> None:
        """Start; returns when it answers. Raises CannotStart."""
        self._process = _start(self._home, self._jars, self._jvm, self._gds)

    def kill(self) -> None:
        """SIGKILL: no transaction is ended, no file closed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)


@contextmanager
def restartable(
    heap: str = "1g", pagecache: str = "512m", jvm: Sequence[str] = (), gds: bool = True
) -> Iterator[Restartable]:
    """As `running`, for tests that kill the server; without GDS it starts in half the time."""
    lacking = missing_tools()
    if lacking:
        raise CannotStart(f"not installed: {lacking}")
    jars = fetch_jars()
    home = Path(tempfile.mkdtemp(prefix="ringtrace-neo4j-"))
    kept = Restartable(home, jars, (f"-Xmx{heap}", *jvm), pagecache, gds)
    try:
        kept.start()
        _set_password(kept.server)
        yield kept
    finally:
        kept.kill()  # an orderly stop takes ten seconds, and the data goes with it
        shutil.rmtree(home, ignore_errors=True)


def _start(home: Path, jars: Path, jvm: Sequence[str], gds: bool) -> subprocess.Popen[bytes]:
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    command = [
        "java", *jvm, *opens, "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
        "-Djdk.nio.maxCachedBufferSize=1024", "-Dio.netty.tryReflectionSetAccessible=true", "-Dlog4j2.disable.jmx=true",
        "-cp", f"{jars}/plugins/*:{jars}/lib/*" if gds else f"{jars}/lib/*", str(HERE / "Launch.java"), str(home),
    ]  # fmt: skip
    output = home / "neo4j.out"
    with output.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    end = time.monotonic() + START_SECONDS
    while b"READY" not in output.read_bytes():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise CannotStart(f"Neo4j did not start: {output.read_text(errors='replace').strip()[-400:]}")
        time.sleep(0.2)
    return process


def _set_password(server: Server) -> None:
    with neo4j.GraphDatabase.driver(server.uri, auth=("neo4j", "neo4j")) as driver:
        driver.execute_query(
            "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new", {"new": server.password}, database_="system"
        )
