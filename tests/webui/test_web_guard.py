"""Default deny: every address of the application, asked by nobody and by each role."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from security.roles import ROLES, Permission
from webui.guard import access_of

ROOT = Path(__file__).parents[2]
#: Values for the variable parts of addresses.
VALUES = {
    "id": "F-chain", "verification_id": "V-1", "format": "json_graph", "filename": "app.css", "verb": "note", "kind": "finding",
}  # fmt: skip
OPEN = {
    "static", "login.form", "login.sign_in", "login.language", "health.alive", "health.ready", "api.hooks.receive",
    "outcome.index", "outcome.ask",
}  # fmt: skip
SIGNED_IN = {
    "overview.index", "login.sign_out", "me.index", "me.preferences", "me.password", "me.change_password", "docs.index",
    "api.schema.schema", "api.schema.me", "api.schema.openapi",
}  # fmt: skip


def endpoints(app):
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, rule.build({name: VALUES[name] for name in rule.arguments})[1]


def test_every_endpoint_says_who_may_use_it(app):
    undeclared = [endpoint for endpoint, _, _ in endpoints(app) if access_of(app, endpoint) is None]
    assert undeclared == []


def test_what_is_open_is_meant_to_be_open(app):
    declared = {endpoint: access_of(app, endpoint) for endpoint, _, _ in endpoints(app)}
    assert {name for name, access in declared.items() if access.everybody} == OPEN
    assert {
        name for name, access in declared.items() if not access.everybody and access.permission is None
    } == SIGNED_IN


def test_nobody_reaches_anything_but_what_is_open(app):
    for endpoint, method, address in endpoints(app):
        if endpoint in OPEN:
            continue
        answer = app.test_client().open(address, method=method, json={} if method == "POST" else None)
        if address.startswith("/api/v1/") or method != "GET":
            assert answer.status_code == 401, (endpoint, answer.status)
        else:
            assert (answer.status_code, answer.location.startswith("/login")) == (302, True), (endpoint, answer.status)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_exactly_what_its_permissions_say(app, client_as, role):
    client = client_as(role)
    for endpoint, method, address in endpoints(app):
        permission = access_of(app, endpoint).permission
        if permission is None:
            continue
        body = {"json": {}} if address.startswith("/api/v1/") else {"data": {}}
        answer = client.open(address, method=method, **(body if method == "POST" else {}))
        if permission in ROLES[role]:
            assert answer.status_code != 403 and answer.status_code < 500, (endpoint, answer.status, answer.text[:300])
        else:
            assert answer.status_code == 403, (endpoint, answer.status)


def test_an_endpoint_that_says_nothing_is_refused(services):
    from webui.app import create_app

    app = create_app(services)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_every_permission_guards_something_or_is_used_by_the_command_line(app):
    guarding = {access_of(app, endpoint).permission for endpoint, _, _ in endpoints(app)}
    assert set(Permission) - guarding == {Permission.DATA_LOAD, Permission.EVALUATION_RUN}


def test_a_read_does_not_change_and_a_change_is_not_a_read(app, client_as):
    client = client_as("analyst")
    for address in ("/api/v1/expand", "/api/v1/cypher", "/api/v1/exports/csv_zip", "/logout", "/console/csv"):
        assert client.get(address).status_code == 405, address


#: Changes that need no token: a signed message of another house, which no browser sends.
WITHOUT_TOKEN = {"api.hooks.receive"}
#: Changes of the API whose body is a file, not JSON.
TAKES_FILE = {"api.leads.add_file", "api.cases.add_file"}


@pytest.mark.parametrize("token", ["", "forged", "somebody else's"])
def test_no_change_goes_through_without_the_sessions_own_token(app, client_of, make_person, token):
    """What another site could make a signed-in person's browser send: the cookie goes along, the token does not."""
    client = client_of(make_person(*ROLES))
    of_another = client_of(make_person("analyst")).environ_base["HTTP_X_CSRFTOKEN"]
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    headers = {"X-CSRFToken": of_another if token.startswith("somebody") else token} if token else {}
    tried = 0
    for endpoint, method, address in endpoints(app):
        if method == "GET" or endpoint in WITHOUT_TOKEN:
            continue
        body = {"json": {}} if address.startswith("/api/v1/") else {"data": {"csrf_token": token}}
        if endpoint in TAKES_FILE:
            body = {"data": b"x", "content_type": "application/octet-stream"}
        answer = client.open(address, method=method, headers=headers, **body)
        assert answer.status_code == 403, (endpoint, method, answer.status)
        tried += 1
    assert tried > 80


def test_every_address_the_documents_name_is_there(app):
    """`GET /search`, `POST /api/v1/warnings/opt-out`: with their method, in back quotes; `<id>` stands for any part."""
    known = {
        (method, re.sub(r"<[^>]*>", "<>", rule.rule)) for rule in app.url_map.iter_rules() for method in rule.methods
    }
    missing = set()
    for document in sorted((ROOT / "docs").rglob("*.md")):
        for method, given in re.findall(r"`(GET|POST|PUT|DELETE) (/[\w/<>\-.]*)", document.read_text(encoding="utf-8")):
            address = re.sub(r"<[^>]*>", "<>", given).rstrip("/") or "/"
            if not {(method, address), (method, f"/api/v1{address}")} & known:
                missing.add(f"{document.name}: {method} {given}")
    assert missing == set()
