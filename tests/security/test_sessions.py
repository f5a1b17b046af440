"""Sessions live on the server and end when they should."""

from __future__ import annotations

from core.db import transaction
from security import sessions, users
from security.tables import SessionRow


def start(engine):
    with transaction(engine) as session:
        person, _ = users.create(session, "wang.fang", ["investigator"])
        return person, sessions.start(session, person, "127.0.0.1")


def holder(engine, token):
    with transaction(engine) as session:
        return sessions.person_of(session, token)


def test_a_token_names_its_person_and_only_its_hash_is_kept(engine):
    person, token = start(engine)
    assert holder(engine, token) == person
    assert holder(engine, token + "x") is None
    with transaction(engine) as session:
        assert token not in session.query(SessionRow).one().token_sha256


def test_an_ended_session_is_worth_nothing(engine):
    _, token = start(engine)
    with transaction(engine) as session:
        sessions.end(session, token)
        sessions.end(session, "unknown")
    assert holder(engine, token) is None


def test_sessions_end_when_idle_and_when_old(engine, monkeypatch):
    _, token = start(engine)
    born = sessions.now_ms()
    monkeypatch.setattr(sessions, "now_ms", lambda: born + sessions.IDLE_MS - 1000)
    assert holder(engine, token)  # seen now, so idleness starts anew
    monkeypatch.setattr(sessions, "now_ms", lambda: born + 2 * sessions.IDLE_MS - 3000)
    assert holder(engine, token)
    monkeypatch.setattr(sessions, "now_ms", lambda: born + 3 * sessions.IDLE_MS)
    assert holder(engine, token) is None


def test_a_busy_session_still_ends_after_its_lifetime(engine, monkeypatch):
    _, token = start(engine)
    born = sessions.now_ms()
    for step in range(1, sessions.LIFETIME_MS // (sessions.IDLE_MS // 2)):
        at = born + step * sessions.IDLE_MS // 2
        monkeypatch.setattr(sessions, "now_ms", lambda at=at: at)
        assert holder(engine, token), step
    monkeypatch.setattr(sessions, "now_ms", lambda: born + sessions.LIFETIME_MS + 1000)
    assert holder(engine, token) is None


def test_ending_all_keeps_the_named_one(engine):
    person, first = start(engine)
    with transaction(engine) as session:
        second = sessions.start(session, person, "127.0.0.1")
        sessions.end_all(session, person.id, keep_token=second)
    assert holder(engine, first) is None
    assert holder(engine, second)
    with transaction(engine) as session:
        sessions.end_all(session, person.id)
    assert holder(engine, second) is None


def test_a_disabled_person_holds_no_session(engine):
    with transaction(engine) as session:
        users.create(session, "boss", ["administrator"])
    person, token = start(engine)
    with transaction(engine) as session:
        users.set_enabled(session, person.id, False)
    assert holder(engine, token) is None
