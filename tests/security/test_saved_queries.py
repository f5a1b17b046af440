"""Kept queries are private."""

from __future__ import annotations

import pytest

from core.db import transaction
from core.errors import BadInput, NotFound
from security import saved_queries, users


@pytest.fixture
def people(engine):
    with transaction(engine) as session:
        return [users.create(session, name, ["analyst"])[0].id for name in ("wang", "li")]


def test_a_query_is_seen_and_deleted_by_its_owner_only(engine, people):
    mine, other = people
    with transaction(engine) as session:
        kept = saved_queries.save(session, mine, " Mules ", "MATCH (a) RETURN a")
        assert kept.title == "Mules"
    with transaction(engine) as session:
        assert [item.id for item in saved_queries.of_person(session, mine)] == [kept.id]
        assert saved_queries.of_person(session, other) == []
        with pytest.raises(NotFound):
            saved_queries.delete(session, other, kept.id)
        saved_queries.delete(session, mine, kept.id)
        with pytest.raises(NotFound):
            saved_queries.delete(session, mine, kept.id)


def test_the_same_title_replaces(engine, people):
    with transaction(engine) as session:
        first = saved_queries.save(session, people[0], "Mules", "RETURN 1")
        second = saved_queries.save(session, people[0], "Mules", "RETURN 2")
        assert first.id == second.id
        assert [item.cypher for item in saved_queries.of_person(session, people[0])] == ["RETURN 2"]


@pytest.mark.parametrize(
    ("title", "cypher"), [("", "RETURN 1"), ("x" * 121, "RETURN 1"), ("t", " "), ("t", "x" * 20_001)]
)
def test_empty_and_endless_ones_are_refused(engine, people, title, cypher):
    with transaction(engine) as session, pytest.raises(BadInput):
        saved_queries.save(session, people[0], title, cypher)
