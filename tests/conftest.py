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
from postgres_server import NoPostgres, own_database, temporary_postgres, temporary_server
from postgres_server import Server as PostgresServer
from pydantic import SecretStr

from core.settings import Settings
from graph.port import GraphStore
from graph.stores.ladybug import LadybugStore
from graph.stores.neo4j import Neo4jStore

Require = Callable[[str, str], NoReturn]
NEO4J = pytest.param("neo4j", marks=[pytest.mark.neo4j])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use Neo4j carry its marker. Files stay whole (`--dist loadfile`): their tests share what they set up."""
    for item in items:
        if {"neo4j_store", "neo4j_settings", "neo4j_server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.neo4j)


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
    """A Neo4j with GDS for the whole run of a worker. It is emptied by tests: never name one that holds data, nor to two workers."""
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty system database of this test's own: on SQLite, and on PostgreSQL where the machine has one."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'system.db'}"
        return
    with own_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="module")
def restartable_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of one module's own, for tests that stop it and start it again."""
    with optional("postgres", temporary_server, NoPostgres) as started:
        yield started
