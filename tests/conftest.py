"""What all tests share: settings in a temporary home, both stores, a temporary PostgreSQL, and what is required.

Optional parts (neo4j, chromium, postgres) are skipped with the reason when they are missing, and fail when
RINGTRACE_REQUIRE names them, e.g. `RINGTRACE_REQUIRE=neo4j,chromium,postgres`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from neo4j_server.launcher import CannotStart, Server, running
from optional_parts import missing, optional
from postgres_server import NoPostgres, temporary_postgres, temporary_server
from postgres_server import Server as PostgresServer
from pydantic import SecretStr

from core.settings import Settings
from graph.port import GraphStore
from graph.stores.ladybug import LadybugStore
from graph.stores.neo4j import Neo4jStore

Require = Callable[[str, str], NoReturn]
NEO4J = pytest.param("neo4j", marks=[pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")])


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use the one Neo4j server carry its marker and stay on one worker."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if {"neo4j_store", "neo4j_settings", "neo4j_server"} & set(names):
            item.add_marker(pytest.mark.neo4j)
            item.add_marker(pytest.mark.xdist_group("neo4j"))
        elif item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))  # a file's tests share what they set up


@pytest.fixture
def require() -> Require:
    """`require(part, reason)` for a test that finds an optional part missing."""
    return missing


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh installation in a temporary folder, embedded store, small memory."""
    return Settings(home=tmp_path / "home", buffer_pool_mb=256)


@pytest.fixture
def ladybug_store(settings: Settings) -> Iterator[LadybugStore]:
    """An empty embedded store."""
    store = LadybugStore.open(settings)
    yield store
    store.close()


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Server]:
    """A Neo4j with GDS for the whole run. It is emptied by tests: never name one that holds data."""
    uri = os.environ.get("RINGTRACE_TEST_NEO4J_URI")
    if uri:
        yield Server(uri, os.environ.get("RINGTRACE_TEST_NEO4J_PASSWORD", ""), 0)
        return
    with optional("neo4j", running, CannotStart) as started:
        yield started


@pytest.fixture
def neo4j_settings(tmp_path: Path, neo4j_server: Server) -> Settings:
    """Settings of an installation on the test server."""
    return Settings(
        home=tmp_path / "home",
        store="neo4j",
        neo4j_uri=neo4j_server.uri,
        neo4j_password=SecretStr(neo4j_server.password),
    )


@pytest.fixture
def neo4j_store(neo4j_settings: Settings) -> Iterator[Neo4jStore]:
    """An empty Neo4j store."""
    store = Neo4jStore.open(neo4j_settings)
    store.wipe()
    yield store
    store.close()


@pytest.fixture(params=["ladybug", NEO4J])
def store(request: pytest.FixtureRequest) -> GraphStore:
    """Each store in turn, empty."""
    found: GraphStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    url = os.environ.get("RINGTRACE_TEST_POSTGRES_URL")
    if url:
        yield url
        return
    with optional("postgres", temporary_postgres, NoPostgres) as started:
        yield started


@pytest.fixture(scope="module")
def restartable_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of one module's own, for tests that stop it and start it again."""
    with optional("postgres", temporary_server, NoPostgres) as started:
        yield started
