"""People as the administrator and the command line manage them, and what the audit log keeps of it."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.db import make_engine, transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.settings import Settings
from ledger.book import Ledger
from security import audit, passwords
from security.audit import AuditFilter
from security.roles import Actor, Permission, system_actor
from security.tables import ensure_tables
from usecases import access, audit_log, people
from usecases.auditing import audited
from usecases.services import AbsentStore, Services

GOOD = "correct horse battery staple"


@pytest.fixture
def services(tmp_path, monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    settings = Settings(home=tmp_path)
    engine = make_engine(settings.sql_url)
    ensure_tables(engine)
    yield Services(settings, engine, Ledger(engine, settings.ledger_dir), AbsentStore())
    engine.dispose()


def told(services):
    with transaction(services.engine) as session:
        lines, _ = audit.page(session, AuditFilter(), 200, 0)
    return [(line.action, line.outcome) for line in reversed(lines)]


def test_the_first_administrator_is_made_once_and_can_do_both_jobs(services):
    password = people.create_first_admin(services)
    assert password
    assert people.create_first_admin(services) is None
    signed = access.sign_in(services, "admin", password, "127.0.0.1")
    assert signed.person.roles == {"administrator", "analyst"}
    assert signed.person.must_change_password
    assert told(services) == [("person.create", "ok"), ("session.sign_in", "ok")]


def test_every_step_of_a_persons_life_is_on_record(services):
    boss = people.create(services, system_actor(), "boss", ["administrator"]).person.actor("10.0.0.1")
    made = people.create(services, boss, "wang", ["investigator"])
    people.set_roles(services, boss, made.person.id, ["analyst"])
    people.reset_password(services, boss, made.person.id)
    people.disable(services, boss, made.person.id)
    people.set_enabled(services, boss, made.person.id, True)
    assert [person.name for person in people.list_people(services, boss)] == ["boss", "wang"]
    assert [action for action, outcome in told(services) if outcome == "ok"] == [
        "person.create", "person.create", "person.set_roles", "person.reset_password", "person.disable",
        "person.enable", "person.list",
    ]  # fmt: skip
    page = audit_log.read(services, boss, AuditFilter(action="person.set_roles"))
    assert '"before": ["investigator"]' in page.lines[0].detail
    assert made.password not in "".join(line.detail for line in audit_log.read(services, boss, AuditFilter()).lines)


def test_without_the_permission_nothing_happens_and_the_try_is_on_record(services):
    analyst = Actor("a", "Li", frozenset({"analyst"}))
    for attempt in (
        lambda: people.create(services, analyst, "friend", ["administrator"]),
        lambda: people.list_people(services, analyst),
        lambda: audit_log.read(services, analyst, AuditFilter()),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert told(services) == [("person.create", "refused"), ("person.list", "refused"), ("audit.read", "refused")]


def test_nobody_changes_their_own_rights_and_one_administrator_stays(services):
    boss = people.create(services, system_actor(), "boss", ["administrator"]).person.actor()
    with pytest.raises(NotAllowed):
        people.set_roles(services, boss, boss.id, ["administrator", "analyst"])
    with pytest.raises(NotAllowed):
        people.disable(services, boss, boss.id)
    with pytest.raises(Conflict):
        people.disable(services, system_actor(), boss.id)
    with pytest.raises(NotFound):
        people.by_name(services, boss, "nobody")


def test_signing_in_again_ends_the_browsers_earlier_session(services):
    password = people.create_first_admin(services)
    first = access.sign_in(services, "admin", password, "127.0.0.1")
    second = access.sign_in(services, "admin", password, "127.0.0.1", first.token)
    assert access.who(services, first.token) is None
    assert access.who(services, second.token).name == "admin"
    token = access.change_password(services, second.person.actor(), password, GOOD)
    assert access.who(services, second.token) is None
    access.sign_out(services, second.person.actor(), token)
    assert access.who(services, token) is None
    assert access.sign_in(services, "admin", password, "127.0.0.1") is None
    assert told(services)[-1] == ("session.sign_in", "refused")


def test_an_unforeseen_failure_is_on_record_too(services):
    with pytest.raises(ZeroDivisionError), audited(services, system_actor(), Permission.GRAPH_READ, "node.read", "x"):
        _ = 1 / 0
    assert told(services) == [("node.read", "internal")]


def test_a_refused_change_of_password_is_on_record(services):
    person, password = people.create(services, system_actor(), "boss", ["administrator"]).person, "wrong"
    with pytest.raises(BadInput):
        access.change_password(services, person.actor("10.0.0.1"), password, GOOD)
    assert told(services)[-1] == ("person.change_password", "wrong_password")


def test_errors_of_the_database_do_not_name_what_was_written(services):
    with pytest.raises(IntegrityError) as raised, transaction(services.engine) as session:
        session.execute(text("INSERT INTO app_user_role (user_id, role) VALUES (:who, 'x')"), {"who": "王芳"})
    assert "王芳" not in str(raised.value)
