"""A key in use is read anew by one request for all; what another process revoked ends, and so does a silent database's grace."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import OperationalError

from core.db import transaction
from core.settings import Settings
from security import api_keys as keys
from security.roles import system_actor
from usecases import api_keys, bootstrap
from usecases.api_keys import FRESH_MS, GRACE_MS, KeyRing


class Clock:
    def __init__(self, at_ms):
        self.at_ms = at_ms

    def __call__(self):
        return self.at_ms


@pytest.fixture
def services(tmp_path):
    made = bootstrap.open_ledger(Settings(home=tmp_path / "home"))
    yield made
    bootstrap.close(made)


@pytest.fixture
def clock(monkeypatch):
    made = Clock(api_keys.now_ms())
    monkeypatch.setattr(api_keys, "now_ms", made)
    return made


@pytest.fixture
def key(services):
    return api_keys.create(services, system_actor(), "bank", "bank_system", 5)


def test_many_requests_at_once_read_a_stale_key_once(services, clock, key, monkeypatch):
    ring, reads, inside, free = KeyRing(services), [], threading.Event(), threading.Event()
    assert ring.actor(key.text, "") is not None
    real = keys.sealed

    def slow(session, key_id):
        reads.append(key_id)
        inside.set()
        assert free.wait(10)
        return real(session, key_id)

    monkeypatch.setattr(keys, "sealed", slow)
    clock.at_ms += FRESH_MS
    first = threading.Thread(target=ring.actor, args=(key.text, ""))
    first.start()
    try:
        assert inside.wait(10)
        assert all(ring.actor(key.text, "") is not None for _ in range(20)), "the others go on with what is known"
    finally:
        free.set()
        first.join(10)
    assert len(reads) == 1


def test_what_another_process_revoked_ends_at_the_next_reading(services, clock, key):
    ring = KeyRing(services)
    assert ring.actor(key.text, "") is not None
    with transaction(services.engine) as session:
        keys.revoke(session, key.key.id)
    clock.at_ms += FRESH_MS
    assert ring.actor(key.text, "") is None and ring.actor(key.text, "") is None


def test_a_silent_database_has_its_grace_and_no_more(services, clock, key, monkeypatch):
    ring = KeyRing(services)
    assert ring.actor(key.text, "") is not None

    def away(*_):
        raise OperationalError("select", {}, OSError("away"))

    monkeypatch.setattr(keys, "sealed", away)
    clock.at_ms += GRACE_MS - 1
    assert ring.actor(key.text, "") is not None and ring.actor(key.text, "") is not None
    clock.at_ms += 1
    for _ in range(3):
        with pytest.raises(OperationalError):
            ring.actor(key.text, "")
