"""The system database on SQLite, and on PostgreSQL where the machine has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, text

from core.db import make_engine
from security import passwords
from security.tables import ensure_tables

TABLES = ("saved_query", "app_session", "app_user_role", "app_user", "api_key", "audit_log")


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Argon2id with its lowest cost: what is tested is not how long a guess takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh database with this package's tables."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / 'system.db'}")
    else:
        made = make_engine(request.getfixturevalue("postgres_url"))
        with made.begin() as connection:
            for table in TABLES:
                connection.execute(text(f"DROP TABLE IF EXISTS {table} CASCADE"))
    ensure_tables(made)
    yield made
    made.dispose()
