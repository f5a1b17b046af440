"""The system database on SQLite, and on PostgreSQL where the machine has one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

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


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database with this package's tables."""
    made = make_engine(database_url)
    ensure_tables(made)
    yield made
    made.dispose()
