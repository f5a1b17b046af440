"""A day on SQLite, and on PostgreSQL where the machine has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chase import Day


@pytest.fixture
def day(database_url: str, tmp_path: Path) -> Iterator[Day]:
    made = Day(tmp_path, database_url)
    yield made
    made.close()


@pytest.fixture
def quick_day(tmp_path: Path) -> Iterator[Day]:
    """A day on SQLite alone."""
    made = Day(tmp_path)
    yield made
    made.close()
