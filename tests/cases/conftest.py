"""A day on SQLite, and on PostgreSQL where the machine has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chase import Day


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def day(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Day]:
    made = Day(tmp_path, request.getfixturevalue("postgres_url") if request.param == "postgresql" else "")
    yield made
    made.close()


@pytest.fixture
def quick_day(tmp_path: Path) -> Iterator[Day]:
    """A day on SQLite alone."""
    made = Day(tmp_path)
    yield made
    made.close()
