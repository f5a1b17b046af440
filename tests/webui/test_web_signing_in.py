"""Signing in and out: lock-out, CSRF, fixation, forced change, the end of sessions."""

from __future__ import annotations

import re

import pytest
from conftest import PASSWORD

from security.lockout import MAX_FAILURES
from security.roles import system_actor
from usecases import people
from webui.app import create_app


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)


def sign_in(client, name, password, **more):
    token = token_of(client.get("/login"))
    return client.post("/login", data={"name": name, "password": password, "csrf_token": token, **more})


def test_the_right_password_opens_and_the_wrong_one_does_not_say_why(app, make_person):
    person = make_person("investigator")
    client = app.test_client()
    for name, password in ((person.name, "wrong"), ("nobody", PASSWORD)):
        answer = sign_in(client, name, password)
        assert answer.status_code == 401
        assert "Name or password is not right" in answer.text
    answer = sign_in(client, person.name.upper(), PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app, services, make_person):
    answer = sign_in(app.test_client(), make_person("investigator").name, PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    from dataclasses import replace

    behind_tls = services.settings.model_copy(update={"secure_cookies": True})
    secure = create_app(replace(services, settings=behind_tls))
    answer = secure.test_client().get("/login", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_signing_in_changes_the_session_and_a_planted_one_is_worth_nothing(app, make_person):
    person = make_person("investigator")
    client = app.test_client()
    sign_in(client, person.name, PASSWORD)
    client.get("/me")  # a page with a form, so that the session has its token
    with client.session_transaction() as session:
        before = dict(session)
    client.post("/login", data={"name": person.name, "password": PASSWORD, "csrf_token": token_page(client)})
    with client.session_transaction() as session:
        assert session["sid"] != before["sid"]
        assert session.get("csrf_token") != before["csrf_token"]
    planted = app.test_client()
    with planted.session_transaction() as session:
        session["sid"] = before["sid"]
    assert planted.get("/api/v1/me").status_code == 401


def token_page(client):
    return token_of(client.get("/me"))


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(app, client_of, make_person):
    client = client_of(make_person("investigator"))
    stolen = client.get_cookie("ringtrace").value
    assert client.post("/logout", data={"csrf_token": token_page(client)}).status_code == 303
    thief = app.test_client()
    thief.set_cookie("ringtrace", stolen)
    assert thief.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("cut", ["roles", "disable", "password"])
def test_a_cut_in_rights_ends_open_sessions(services, client_of, make_person, cut):
    person = make_person("analyst")
    client = client_of(person)
    assert client.get("/api/v1/me").status_code == 200
    change = {
        "roles": lambda: people.set_roles(services, system_actor(), person.id, ["investigator"]),
        "disable": lambda: people.disable(services, system_actor(), person.id),
        "password": lambda: people.reset_password(services, system_actor(), person.id),
    }
    change[cut]()
    assert client.get("/api/v1/me").status_code == 401


def test_a_one_time_password_must_be_replaced_before_anything_else(app, services):
    made = people.create(services, system_actor(), "newcomer", ["investigator"])
    client = app.test_client()
    assert sign_in(client, "newcomer", made.password).location == "/me/password"
    assert client.get("/findings").location == "/me/password"
    refused = client.get("/api/v1/search?q=A")
    assert (refused.status_code, refused.json["code"]) == (403, "password_change_required")
    page = client.get("/me/password")
    form = {"csrf_token": token_of(page), "old": made.password}
    assert client.post("/me/password", data={**form, "new": "short", "again": "short"}).status_code == 422
    assert client.post("/me/password", data={**form, "new": PASSWORD, "again": PASSWORD + "x"}).status_code == 422
    assert client.post("/me/password", data={**form, "new": PASSWORD, "again": PASSWORD}).status_code == 303
    assert client.get("/findings").status_code == 200


def test_a_change_of_password_ends_the_other_sessions(client_of, make_person):
    person = make_person("investigator")
    here, there = client_of(person), client_of(person)
    form = {"csrf_token": token_page(here), "old": PASSWORD, "new": PASSWORD + "!", "again": PASSWORD + "!"}
    assert here.post("/me/password", data=form).status_code == 303
    assert here.get("/api/v1/me").status_code == 200
    assert there.get("/api/v1/me").status_code == 401


def test_without_a_token_nothing_changes(app, client_of, make_person):
    person = make_person("analyst", "administrator")
    client = client_of(person)
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    for address in ("/logout", "/people", "/me/preferences", "/console", "/language"):
        assert client.post(address, data={}).status_code == 403, address
    refused = client.post("/api/v1/expand", json={"label": "Account", "id": "A-mule1"})
    assert (refused.status_code, refused.json["code"]) == (403, "csrf")
    anonymous = app.test_client().post("/login", data={"name": person.name, "password": PASSWORD})
    assert anonymous.status_code == 403
    stranger = client_of(make_person("analyst"))
    answer = client.post("/logout", headers={"X-CSRFToken": stranger.environ_base["HTTP_X_CSRFTOKEN"]})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "\\evil", "javascript:alert(1)", "/a\nb"]
)
def test_after_signing_in_nobody_is_sent_elsewhere(app, make_person, target):
    answer = sign_in(app.test_client(), make_person("investigator").name, PASSWORD, next=target)
    assert answer.location == "/"


def test_one_is_sent_on_to_where_one_wanted(app, make_person):
    client = app.test_client()
    wanted = client.get("/node?label=Account&id=A-mule1").location
    assert wanted == "/login?next=/node?label%3DAccount%26id%3DA-mule1"
    answer = sign_in(client, make_person("investigator").name, PASSWORD, next="/node?label=Account&id=A-mule1")
    assert answer.location == "/node?label=Account&id=A-mule1"


def test_a_name_locks_after_wrong_passwords(app, make_person):
    person = make_person("investigator")
    for _ in range(MAX_FAILURES):
        assert sign_in(app.test_client(), person.name, "wrong").status_code == 401
    assert sign_in(app.test_client(), person.name, PASSWORD).status_code == 401


def test_an_address_is_slowed_down(services):
    client = create_app(services).test_client()
    token = token_of(client.get("/login"))
    form = {"name": "nobody", "password": "x", "csrf_token": token}
    answers = [client.post("/login", data=form).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


def test_forwarding_headers_are_not_believed_and_foreign_hosts_refused(app, services, client_of, make_person):
    client = client_of(make_person("investigator"))
    client.get("/api/v1/search?q=zz-forged", headers={"X-Forwarded-For": "8.8.8.8", "X-Real-IP": "8.8.8.8"})
    from core.db import transaction
    from security import audit

    with transaction(services.engine) as session:
        (line,), _ = audit.page(session, audit.AuditFilter(text="zz-forged"), 10, 0)
    assert line.origin == "127.0.0.1"
    assert app.test_client().get("/login", headers={"Host": "evil.example"}).status_code == 400


def test_the_language_switch_holds_before_and_after_signing_in(app, make_person):
    client = app.test_client()
    token = token_of(client.get("/login"))
    client.post("/language", data={"language": "zh", "csrf_token": token, "next": "/login"})
    assert "登录名" in client.get("/login").text
    assert "Sign-in name" in app.test_client().get("/login").text
    assert "登录名" in app.test_client().get("/login", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text


def test_a_stolen_session_does_not_give_endless_tries_at_the_old_password(services, make_person):
    person = make_person("investigator")
    client = create_app(services).test_client()
    sign_in(client, person.name, PASSWORD)
    form = {"old": "wrong", "new": "a long new one 12345", "again": "a long new one 12345"}
    form["csrf_token"] = token_of(client.get("/me/password"))
    answers = [client.post("/me/password", data=form).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
