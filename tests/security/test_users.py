"""People, passwords, lock-out and roles."""

from __future__ import annotations

import pytest

from core.db import transaction
from core.errors import BadInput, Conflict, NotFound
from security import lockout, passwords, users
from security.tables import SignInOriginRow, UserRow

GOOD = "correct horse battery staple"


def make(engine, name="wang.fang", roles=("investigator",)):
    with transaction(engine) as session:
        return users.create(session, name, roles)


def attempt(engine, name, password, origin="10.0.0.1"):
    with transaction(engine) as session:
        return users.attempt(session, name, password, origin)


def test_a_new_person_signs_in_once_with_the_one_time_password_and_must_change_it(engine):
    person, password = make(engine)
    assert attempt(engine, "wang.fang", password).id == person.id
    assert person.must_change_password
    with transaction(engine) as session:
        changed = users.change_password(session, person.id, password, GOOD)
    assert not changed.must_change_password
    assert attempt(engine, "wang.fang", password) is None
    assert attempt(engine, "WANG.FANG", GOOD).name == "wang.fang"


def test_only_the_hash_is_kept_and_it_is_argon2id(engine):
    _, password = make(engine)
    with transaction(engine) as session:
        row = session.query(UserRow).one()
    assert row.password_hash.startswith("$argon2id$")
    assert password not in row.password_hash


def test_names_are_unique_in_any_case_and_normal_form(engine):
    make(engine, "Café")
    with pytest.raises(Conflict):
        make(engine, "CAFE\u0301")


@pytest.mark.parametrize("name", ["", "a", "two words", "<script>", "x" * 65, "-dash", "a\x00b"])
def test_unusable_names_are_refused(engine, name):
    with pytest.raises(BadInput):
        make(engine, name)


@pytest.mark.parametrize("roles", [(), ("emperor",), ("investigator", "root")])
def test_roles_must_be_known_and_at_least_one(engine, roles):
    with pytest.raises(BadInput):
        make(engine, roles=roles)


def test_wrong_passwords_make_their_origin_wait_longer_each_time(engine, monkeypatch):
    person, password = make(engine)
    clock = [users.now_ms()]
    monkeypatch.setattr(users, "now_ms", lambda: clock[0])
    for _ in range(lockout.MAX_FAILURES):
        assert attempt(engine, person.name, "wrong") is None
    for wait in (1, 2, 4, 8):  # minutes
        clock[0] += wait * 60_000 - 1
        assert attempt(engine, person.name, password) is None, "waits, also with the right one"
        clock[0] += 1
        assert attempt(engine, person.name, "wrong") is None
    clock[0] += lockout.LONGEST_WAIT_MS
    assert attempt(engine, person.name, password).id == person.id


def test_wrong_passwords_of_others_do_not_lock_a_person_out_at_their_own_place(engine):
    person, password = make(engine)
    assert attempt(engine, person.name, password, "10.0.0.1")
    for number in range(lockout.MAX_STRANGERS * 2):
        assert attempt(engine, person.name, "wrong", f"10.9.{number}.1") is None
    assert attempt(engine, person.name, password, "10.0.0.1").id == person.id


def test_many_origins_together_are_slowed_down_for_one_name(engine, monkeypatch):
    person, password = make(engine)
    for number in range(lockout.MAX_STRANGERS):
        assert attempt(engine, person.name, "wrong", f"10.9.{number}.1") is None
    assert attempt(engine, person.name, password, "10.8.0.1") is None, "a stranger waits though it never guessed"
    later = users.now_ms() + lockout.STRANGERS_WAIT_MS + 1
    monkeypatch.setattr(users, "now_ms", lambda: later)
    assert attempt(engine, person.name, password, "10.8.0.1").id == person.id


def test_an_administrator_lifts_every_wait(engine):
    person, password = make(engine)
    for _ in range(lockout.MAX_FAILURES):
        attempt(engine, person.name, "wrong")
    assert attempt(engine, person.name, password) is None
    with transaction(engine) as session:
        users.set_enabled(session, person.id, True)
    assert attempt(engine, person.name, password).id == person.id


def test_what_strangers_tried_long_ago_is_forgotten(engine, monkeypatch):
    person, _ = make(engine)
    attempt(engine, person.name, "wrong", "10.9.0.1")
    later = users.now_ms() + 2 * lockout.LONGEST_WAIT_MS + 1
    monkeypatch.setattr(users, "now_ms", lambda: later)
    attempt(engine, person.name, "wrong", "10.9.0.2")
    with transaction(engine) as session:
        rows = session.query(SignInOriginRow).filter_by(user_id=person.id)
        assert [row.origin for row in rows] == ["10.9.0.2"]


def test_a_right_password_forgets_earlier_wrong_ones(engine):
    person, password = make(engine)
    for _ in range(lockout.MAX_FAILURES - 1):
        attempt(engine, person.name, "wrong")
    assert attempt(engine, person.name, password)
    for _ in range(lockout.MAX_FAILURES - 1):
        attempt(engine, person.name, "wrong")
    assert attempt(engine, person.name, password)


def test_a_disabled_person_does_not_sign_in_until_enabled_again(engine):
    person, password = make(engine)
    with transaction(engine) as session:
        users.set_enabled(session, person.id, False)
    assert attempt(engine, person.name, password) is None
    with transaction(engine) as session:
        users.set_enabled(session, person.id, True)
    assert attempt(engine, person.name, password)


def test_the_last_administrator_stays(engine):
    admin, _ = make(engine, "boss", ("administrator",))
    for change in (
        lambda session: users.set_enabled(session, admin.id, False),
        lambda session: users.set_roles(session, admin.id, ["auditor"]),
    ):
        with pytest.raises(Conflict), transaction(engine) as session:
            change(session)
    make(engine, "second", ("administrator",))
    with transaction(engine) as session:
        assert users.set_roles(session, admin.id, ["auditor"]).roles == {"auditor"}


def test_setting_roles_replaces_them(engine):
    person, _ = make(engine, roles=("investigator", "analyst"))
    with transaction(engine) as session:
        users.set_roles(session, person.id, ["analyst", "auditor"])
    with transaction(engine) as session:
        assert users.get(session, person.id).roles == {"analyst", "auditor"}


def test_unknown_people_are_not_found(engine):
    with transaction(engine) as session, pytest.raises(NotFound):
        users.get(session, "nobody")
    assert attempt(engine, "nobody", "x") is None


@pytest.mark.parametrize(
    "password", ["short", "x" * 129, "aaaaaaaaaaaaaa", "my wang.fang password", "password1234", "qwertyuiop12"]
)
def test_weak_passwords_are_refused(password):
    with pytest.raises(BadInput) as caught:
        passwords.check_new(password, name="wang.fang")
    assert caught.value.code == "weak_password"


def test_changing_needs_the_current_password_and_another_one(engine):
    person, password = make(engine)
    for old, new, code in (("wrong", GOOD, "wrong_password"), (password, password, "weak_password")):
        with pytest.raises(BadInput) as caught, transaction(engine) as session:
            users.change_password(session, person.id, old, new)
        assert caught.value.code == code


def test_one_time_passwords_are_long_and_never_the_same():
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50
    assert all(len(word) == 23 for word in made)
    for word in made:
        passwords.check_new(word, name="wang.fang")


def test_composed_and_decomposed_letters_are_one_password():
    assert passwords.matches(passwords.hash_password("Crème brûlée 2024"), "Cre\u0300me bru\u0302le\u0301e 2024")
    assert not passwords.matches(None, "anything")
