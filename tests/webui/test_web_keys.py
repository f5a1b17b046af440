"""API keys over HTTP: where they open, where they do not, and that only there no CSRF token is asked for."""

from __future__ import annotations

import pytest

from core.db import transaction
from security import api_keys as keys
from security import audit
from security.audit import AuditFilter
from security.roles import Permission, system_actor
from usecases import api_keys
from webui.app import create_app
from webui.guard import needs


@pytest.fixture(scope="module")
def probe(services):
    """The application with one address for machines and one for people, both changes."""
    app = create_app(services, {"RATELIMIT_ENABLED": False})
    app.add_url_rule(
        "/api/v1/probe", "probe", needs(Permission.TRANSFERS_SCORE, machines=True)(lambda: "in"), methods=["POST"]
    )
    return app


@pytest.fixture
def made(services):
    return api_keys.create(services, system_actor(), "core banking", "bank_system", 5)


def ask(app, text, path="/api/v1/probe"):
    return app.test_client().post(path, json={}, headers={"Authorization": f"Bearer {text}"})


def test_a_key_opens_its_address_without_a_csrf_token(probe, made):
    answer = ask(probe, made.text)
    assert (answer.status_code, answer.text) == (200, "in")


def test_a_key_opens_nothing_that_people_use(probe, made, services):
    for path in ("/api/v1/expand", "/api/v1/cypher", "/logout", "/keys"):
        answer = ask(probe, made.text, path)
        assert answer.status_code == 403, path
    assert probe.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {made.text}"}).status_code == 403


def test_without_a_good_key_the_answer_is_401_and_names_the_scheme(probe, made):
    for header in ("", "Bearer", "Bearer nonsense", f"Basic {made.text}", f"Bearer {made.text[:-2]}zz"):
        answer = probe.test_client().post("/api/v1/probe", json={}, headers={"Authorization": header})
        assert (answer.status_code, answer.json["code"]) == (401, "key_refused"), header
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert probe.test_client().post("/api/v1/probe", json={}).json["code"] == "not_signed_in"


def test_a_cookie_beside_a_bad_key_does_not_help_and_a_cookie_alone_needs_its_token(probe, client_as):
    client = client_as("analyst")
    answer = client.post("/api/v1/cypher", json={"query": "RETURN 1"}, headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401
    token = client.environ_base.pop("HTTP_X_CSRFTOKEN")
    try:
        assert client.post("/api/v1/cypher", json={"query": "RETURN 1 AS one"}).json["code"] == "csrf"
    finally:
        client.environ_base["HTTP_X_CSRFTOKEN"] = token


def test_a_revoked_key_is_refused_at_once_and_its_use_is_on_record(probe, made, services):
    assert ask(probe, made.text).status_code == 200
    api_keys.revoke(services, system_actor(), made.key.id)
    assert ask(probe, made.text).status_code == 401
    with transaction(services.engine) as session:
        listed = {key.id: key for key in keys.everything(session)}
        lines, _ = audit.page(session, AuditFilter(action="key.revoke"), 50, 0)
    assert listed[made.key.id].last_used_ms is not None
    assert made.key.id in {line.target for line in lines}


def test_the_page_shows_a_key_once_and_revokes_it(client_as, services):
    client = client_as("administrator")
    page = client.post("/keys", data={"name": "gateway 7", "role": "bank_system", "days": "30"})
    assert page.status_code == 200 and page.text.count("rtk_") == 1
    again = client.get("/keys")
    assert "rtk_" not in again.text and "gateway 7" in again.text
    key = next(item for item in api_keys.list_keys(services, system_actor()) if item.name == "gateway 7")
    assert client.post(f"/keys/{key.id}/revoke").status_code == 303
    assert client.post("/keys", data={"name": "x", "role": "administrator", "days": "3"}).status_code == 422
    assert client.post("/keys", data={"name": "gateway 8", "role": "bank_system", "days": "-3"}).status_code == 422
