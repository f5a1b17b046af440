"""API keys: shown once, hashed, with a role, an end, and a state that is judged at the time of use."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.clock import DAY_MS, now_ms
from core.db import transaction
from core.errors import BadInput, NotFound
from security import api_keys
from security.roles import MACHINE_ROLES, ROLES, Permission


def test_a_key_opens_what_it_was_made_for_and_its_secret_is_kept_nowhere(engine):
    with transaction(engine) as session:
        key, whole = api_keys.create(session, "core banking", "bank_system", 30, "admin")
    with transaction(engine) as session:
        known = api_keys.sealed(session, key.id)
        stored = session.execute(text("SELECT * FROM api_key")).mappings().one()
    secret = whole.rsplit("_", 1)[1] if whole.count("_") == 2 else whole[17:]
    assert api_keys.id_of(whole) == key.id
    assert api_keys.opens(known, whole)
    assert not any(secret in str(value) for value in stored.values())
    assert key.actor().may(Permission.TRANSFERS_SCORE)
    assert not any(key.actor().may(item) for item in Permission if item not in MACHINE_ROLES["bank_system"])


def test_a_wrong_secret_an_unknown_id_and_other_text_open_nothing(engine):
    with transaction(engine) as session:
        key, whole = api_keys.create(session, "core banking", "bank_system", 30, "admin")
        known = api_keys.sealed(session, key.id)
        other = whole[:-1] + ("A" if whole[-1] != "A" else "B")
        assert not api_keys.opens(known, other)
        assert not api_keys.opens(None, whole)
        assert api_keys.sealed(session, "0" * 12) is None
    for text_ in ("", "rtk_", whole + "x", whole.upper(), " " + whole, "rtk_" + "0" * 12 + "_" + "é" * 43):
        assert not api_keys.opens(known, text_)


def test_states_follow_expiry_and_revocation(engine):
    with transaction(engine) as session:
        key, _ = api_keys.create(session, "m1", "bank_system", 1, "admin")
        now = now_ms()
        assert key.state(now) == "active"
        assert key.state(now + DAY_MS + 1000) == "expired"
        revoked = api_keys.revoke(session, key.id)
        assert revoked.state(now_ms() + 1) == "revoked"
        assert api_keys.revoke(session, key.id).revoked_at_ms == revoked.revoked_at_ms
        api_keys.touch(session, key.id, now)
    with transaction(engine) as session:
        assert [item.last_used_ms for item in api_keys.everything(session)] == [now]
        with pytest.raises(NotFound):
            api_keys.revoke(session, "nothing")


@pytest.mark.parametrize(
    ("name", "role", "days"),
    [("", "bank_system", 1), ("x" * 65, "bank_system", 1), ("ok", "administrator", 1), ("ok", "bank_system", 0),
     ("ok", "bank_system", 731), ("a\nb", "bank_system", 1), ("police/north", "agency_system", 1)],
)  # fmt: skip
def test_unusable_keys_are_refused(engine, name, role, days):
    with transaction(engine) as session, pytest.raises(BadInput):
        api_keys.create(session, name, role, days, "admin")


def test_roles_of_machines_and_people_are_apart():
    assert not set(ROLES) & set(MACHINE_ROLES)
    assert not any(Permission.TRANSFERS_SCORE in permissions for permissions in ROLES.values())
