"""Secrets of the settings stay out of what is printed."""

from __future__ import annotations

import pytest

from core.db import make_engine
from core.errors import StoreUnavailable
from core.settings import Settings
from graph.stores.neo4j_errors import explained

URL = "postgresql://u:hunter2@127.0.0.1:port/db"


def test_printed_settings_hold_no_secret():
    settings = Settings(database_url=URL, neo4j_password="hunter2", secret_key="hunter2")
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("url", [URL, "hunter2"])
def test_an_unusable_database_address_is_one_line_without_the_password(url):
    with pytest.raises(StoreUnavailable, match="RINGTRACE_DATABASE_URL") as raised:
        make_engine(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("uri", ["bolt://neo4j:hunter2@host:7687", "neo4j://host:7687/?password=hunter2"])
def test_a_password_put_into_the_neo4j_address_is_not_repeated(uri):
    with pytest.raises(StoreUnavailable, match="host:7687") as raised, explained(uri, "neo4j", "neo4j"):
        raise ValueError("wrong")
    assert "hunter2" not in str(raised.value)
