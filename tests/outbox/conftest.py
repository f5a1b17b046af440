"""The system database on SQLite and PostgreSQL, and a receiver on a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from outbox_receiver import Receiver
from sqlalchemy import Engine

from core.db import Base, make_engine
from outbox.tables import DeliveryRow, EndpointChangeRow, EndpointRow, ReceivedRow

TABLES = [Base.metadata.tables[row.__tablename__] for row in (EndpointRow, DeliveryRow, ReceivedRow, EndpointChangeRow)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database with this package's tables."""
    made = make_engine(database_url)
    Base.metadata.create_all(made, tables=TABLES)
    yield made
    made.dispose()
