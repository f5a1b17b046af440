"""The audit log is append-only, filtered, and never fails on what people type."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.db import transaction
from security import audit
from security.audit import AuditFilter
from security.roles import Actor
from security.tables import ensure_tables

WHO = Actor("u1", "Wang", frozenset({"analyst", "auditor"}), "10.1.2.3")


def lines(engine, limit=100, offset=0, **filters):
    with transaction(engine) as session:
        return audit.page(session, AuditFilter(**filters), limit, offset)


def test_a_line_says_who_when_what_to_what_from_where(engine):
    audit.record(engine, WHO, "node.read", "Account:1", {"why": "审查"})
    (line,), total = lines(engine)
    assert total == 1
    assert (line.actor_name, line.roles, line.action, line.target, line.outcome, line.origin) == (
        "Wang", "analyst,auditor", "node.read", "Account:1", "ok", "10.1.2.3",
    )  # fmt: skip
    assert line.detail == '{"why": "审查"}'


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET target = 'x'", "DELETE FROM audit_log"])
def test_the_database_itself_refuses_to_change_a_line(engine, statement):
    audit.record(engine, WHO, "node.read", "Account:1")
    with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    assert lines(engine)[1] == 1


def test_making_the_tables_again_changes_nothing(engine):
    audit.record(engine, WHO, "node.read", "Account:1")
    ensure_tables(engine)
    assert lines(engine)[1] == 1


def test_filters_narrow_and_wildcards_are_plain_letters(engine):
    audit.record(engine, WHO, "node.read", "Account:1")
    audit.record(engine, WHO, "graph.search", "100%_sure", outcome="refused")
    other = Actor("u2", "Li", frozenset({"analyst"}))
    audit.record(engine, other, "cypher.run", "console", {"query": "MATCH (N) RETURN n"})
    assert [line.action for line in lines(engine)[0]] == ["cypher.run", "graph.search", "node.read"]
    assert [line.action for line in lines(engine, actor="LI")[0]] == ["cypher.run"]
    assert [line.action for line in lines(engine, action="node.read")[0]] == ["node.read"]
    assert [line.action for line in lines(engine, outcome="ok")[0]] == ["cypher.run", "node.read"]
    assert [line.action for line in lines(engine, outcome="other")[0]] == ["graph.search"]
    assert [line.action for line in lines(engine, text="match (n)")[0]] == ["cypher.run"]
    assert [line.action for line in lines(engine, text="%_")[0]] == ["graph.search"]
    assert lines(engine, from_ms=0, to_ms=1) == ([], 0)


def test_pages_are_newest_first_and_capped(engine):
    with transaction(engine) as session:
        for number in range(audit.MAX_PAGE + 5):
            audit.append(session, WHO, "node.read", str(number), "ok")
    found, total = lines(engine, limit=10**6)
    assert (len(found), total) == (audit.MAX_PAGE, audit.MAX_PAGE + 5)
    assert lines(engine, limit=2, offset=1)[0][0].target == str(audit.MAX_PAGE + 3)


def test_zero_bytes_and_endless_details_are_kept_as_they_can_be(engine):
    audit.record(engine, WHO, "cypher.run", "a\x00b" + "x" * 600, {"query": "\x00" + "y" * 2 * audit.MAX_DETAIL})
    (line,), _ = lines(engine)
    assert len(line.target) == 512
    assert len(line.detail) < audit.MAX_DETAIL + 10
    assert line.detail.endswith("(cut)")


def test_unpaired_surrogates_do_not_keep_a_line_off_the_record(engine):
    audit.record(engine, Actor("", "a\x00\ud800", frozenset()), "cypher.run", "\udfff", {"parameters": {"p": "\ud800"}})
    (line,), _ = lines(engine)
    assert (line.actor_name, line.target) == ("a\\u0000\\ud800", "\\udfff")
    assert "ud800" in line.detail
