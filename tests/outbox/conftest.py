"""The system database on SQLite and PostgreSQL, and a receiver on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from outbox_receiver import Receiver
from sqlalchemy import Engine, text

from core.db import Base, make_engine
from outbox.tables import DeliveryRow, EndpointChangeRow, EndpointRow, ReceivedRow

TABLES = [Base.metadata.tables[row.__tablename__] for row in (EndpointRow, DeliveryRow, ReceivedRow, EndpointChangeRow)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh database with this package's tables."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / 'system.db'}")
    else:
        made = make_engine(request.getfixturevalue("postgres_url"))
        with made.begin() as connection:
            for table in TABLES:
                connection.execute(text(f"DROP TABLE IF EXISTS {table.name} CASCADE"))
    Base.metadata.create_all(made, tables=TABLES)
    yield made
    made.dispose()
