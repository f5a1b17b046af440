"""Every address of the application, asked with what an attacker or a broken client sends: a 4xx that says why, never a 500."""

from __future__ import annotations

import gzip
import inspect
import json
import re
import time

import pytest
from test_web_guard import TAKES_FILE, endpoints
from werkzeug.http import parse_options_header

from security.roles import ROLES

#: Texts no field expects. As the value of a field each must be refused or taken as the text it is.
TEXTS = ["", "\0", "a\0b", "x" * 10_000, "\u202egnp.exe", "\ufffe\uffff", "'; DROP TABLE users;--", "../../etc/passwd",
         "<script>window.ran=1</script>", "=1+1", "%s%n{0}", "NaN", "-1", "1e400", "9" * 400, "１２３",
         "2024-02-30T00:00", "𠮷"]  # fmt: skip
#: Values of other types, beside those.
VALUES_OF_ANY_TYPE = [None, True, -1, 1.5, 10**30, 2**63, [], {}, [[]], [None], {"": ""}, ["x"] * 6_000]
#: Bodies that are no JSON text, or one that must not be taken as one.
NO_JSON = [b"", b"{", b"\xff\xfe{}", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000, b'{"a":' * 3_000, b"9" * 5_000,
           b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b"{} {}", b"\x1f\x8b\x08"]  # fmt: skip
#: Changes that must not happen in an installation other tests use, or that start work of minutes.
LEFT_OUT = {"login.sign_out", "me.change_password", "people.create", "api.runs.start", "runs.start"}


@pytest.fixture(scope="module")
def client(client_of, make_person):
    return client_of(make_person(*ROLES, name="hostile"))


def ask(client, method, address, **given):
    """One answer: never a failure of the server, never later than a minute (the first check of a number loads a model), and a problem where the API refuses."""
    begun = time.monotonic()
    answer = client.open(address, method=method, **given)
    said = (
        method,
        address[:200],
        str(given)[:300],
        answer.status,
        answer.text[:300] if answer.status_code > 399 else "",
    )
    assert answer.status_code < 500, said
    assert time.monotonic() - begun < 60, said
    assert "Traceback" not in answer.text if answer.mimetype.startswith(("text/", "application/problem")) else True, (
        said
    )
    if answer.status_code >= 400 and address.startswith("/api/v1/") and method != "HEAD":
        assert answer.mimetype == "application/problem+json", said
        assert json.loads(answer.text)["detail"], said
    return answer


def addresses(app, *, api, methods):
    """The addresses of a kind as (endpoint, method, address)."""
    for endpoint, method, address in endpoints(app):
        if method in methods and endpoint not in LEFT_OUT and address.startswith("/api/v1/") == api:
            yield endpoint, method, address


def example(shape, spec, name=""):
    """A value of a JSON schema of the description: what a client would send that read it."""
    while "$ref" in shape:
        shape = spec["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in shape:
            return example(shape[choice][0], spec, name)
    if "const" in shape or "enum" in shape:
        return shape.get("const", shape.get("enum", [None])[0])
    match shape.get("type"):
        case "object":
            return {field: example(of, spec, field) for field, of in shape.get("properties", {}).items()}
        case "array":
            items = shape.get("prefixItems") or [shape.get("items", {})]
            return [example(item, spec, name) for item in items]
        case "integer" | "number":
            return max(1, shape.get("minimum", 1))
        case "boolean":
            return True
    return {"label": "Account", "rel": "TRANSFER", "currency": "CNY"}.get(name, "A-victim-of-them")


def bodies(app, client):
    """(address, a body as described) of every change of the API that takes JSON."""
    spec = client.get("/api/v1/openapi.json").json
    templates = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    for endpoint, _, address in addresses(app, api=True, methods={"POST"}):
        if endpoint in TAKES_FILE:
            continue
        path = templates[endpoint].replace("<", "{").replace(">", "}")
        content = spec["paths"][path]["post"].get("requestBody", {}).get("content", {})
        yield address, example(content.get("application/json", {}).get("schema", {"type": "object"}), spec)


def test_bodies_that_are_no_json_are_refused_with_the_reason(app, client):
    for address, _ in bodies(app, client):
        for text in NO_JSON:
            answer = ask(client, "POST", address, data=text, content_type="application/json")
            assert 400 <= answer.status_code < 500, (address, text[:40], answer.status)
            assert "browser" not in answer.json["detail"], answer.text


def test_no_field_of_the_api_brings_the_server_down(app, client):
    """Each field in turn has each hostile value, the rest as described."""
    tried = 0
    for address, body in bodies(app, client):
        assert 400 <= ask(client, "POST", address, json={**body, "approved_by": "me"}).status_code < 500, address
        for value in ([], "text", 5, None):
            ask(client, "POST", address, json=value)
        for place, field in enumerate(body):
            ask(client, "POST", address, json={name: item for name, item in body.items() if name != field})
            for value in (*VALUES_OF_ANY_TYPE[place % 2 :: 2], *TEXTS[place % 3 :: 3]):
                ask(client, "POST", address, json={**body, field: value})
                tried += 1
    assert tried > 1_000


def test_no_address_brings_the_server_down(app, client):
    """Ids of ten thousand characters, NUL, bytes that are no UTF-8, ways out of the folder; and queries of the same."""
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for endpoint, method, address in [
        *addresses(app, api=True, methods={"GET"}),
        *addresses(app, api=False, methods={"GET"}),
    ]:
        variable = sorted(rules[endpoint].arguments)
        for text in (
            ("x" * 10_000, "%00", "%FF%FE", "%ED%A0%80", "..", "%2e%2e%2fetc", "\u202e", "𠮷", "'--")
            if variable
            else ()
        ):
            path = rules[endpoint].rule.replace("path:", "")
            for name in variable:
                path = path.replace(f"<{name}>", text)
            ask(client, method, path)
        names = fields_of(app, endpoint)
        for place, text in enumerate(TEXTS[::2]):
            ask(client, method, address, query_string=dict.fromkeys(names, text))
            ask(client, method, address, query_string=dict.fromkeys(names[place % max(1, len(names)) :][:1], text))


def test_no_form_brings_the_server_down(app, client):
    for endpoint, method, address in addresses(app, api=False, methods={"POST"}):
        names = fields_of(app, endpoint)
        for text in TEXTS[::2]:
            ask(client, method, address, data=dict.fromkeys(names, text))
        for place, name in enumerate(names):
            ask(client, method, address, data={**dict.fromkeys(names, "1"), name: TEXTS[place % len(TEXTS)]})
        ask(client, method, address, data=b"--B\r\nContent-Dis", content_type="multipart/form-data; boundary=B")
        ask(client, method, address, data=b"a=%FF&=&&", content_type="application/x-www-form-urlencoded")
        ask(client, method, address, data=b"{}", content_type="application/json")


def fields_of(app, endpoint):
    """The names a view's module reads from a form or an address, as its source has them."""
    view = inspect.unwrap(app.view_functions[endpoint])
    source = inspect.getsource(inspect.getmodule(view))
    read = re.findall(r"(?:form|args|values)(?:\.get|\.getlist)?[\[(]\"([a-z_]+)\"", source)
    read += re.findall(r"\b(?:number|choice|share|local_ms|text|_text|_field)\(\"([a-z_]+)\"", source)
    return [name for name in sorted(set(read)) if name != "csrf_token"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Encoding": "gzip"}, 415), ({"Content-Encoding": "br, gzip"}, 415), ({"Host": "evil.example"}, 400),
     ({"Host": "localhost\t"}, 400)],
)  # fmt: skip
def test_headers_that_lie_are_refused(client, headers, status):
    answer = client.post("/api/v1/expand", data=b"{}", content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("given", ["bytes=0-1," * 2_000 + "3-4", "bytes=5-1", "bytes=99999999999-", "lines=1-2", "x"])
def test_ranges_nobody_can_serve_are_refused(client, given):
    assert client.get("/static/app.css", headers={"Range": given}).status_code in (200, 416)


def test_a_gzip_bomb_is_not_unpacked(client):
    bomb = gzip.compress(b" " * 50_000_000)
    answer = client.post(
        "/api/v1/expand", data=bomb, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 415  # refused by its header, not a byte unpacked
    assert "Content-Encoding" in answer.json["detail"]


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"label": "Account", "id": "\\ud800"}', "id: expected whole characters"),
     ('{"label": "Account", "id": "a\\u0000"}', "id: expected a text without NUL"),
     ('{"label": "Account", "label": "x"}', "'label' stands twice"), ('{"label": NaN}', "NaN is not JSON"),
     ('{"label": "Account"', "line 1"), ("", "line 1"), ("[]", "body: expected a JSON object"),
     ("[" * 100_000, "nested too deeply")],
)  # fmt: skip
def test_the_answer_names_what_is_wrong_with_the_json(client, text, said):
    assert said in client.post("/api/v1/expand", data=text, content_type="application/json").json["detail"]


def test_a_surrogate_pair_is_one_character(client):
    answer = client.post(
        "/api/v1/expand", data='{"label": "Account", "id": "\\ud83d\\ude00"}', content_type="application/json"
    )
    assert (answer.status_code, "😀" in answer.json["detail"]) == (404, True)


@pytest.mark.parametrize(
    "title", ["名" * 200, "𠮷" * 200, "../../..", "=1+1;\r\nX: y", "\u202egnp.exe", "CON", "a" * 200]
)
def test_an_exports_file_has_a_name_every_file_system_takes(client, title):
    answer = client.post("/api/v1/exports/json_graph", json={"keys": [["Account", "A-clean"]], "title": title})
    assert answer.status_code == 200, answer.text
    _, options = parse_options_header(answer.headers["Content-Disposition"])
    name = options["filename"]
    assert len(name.encode()) <= 255
    assert not {"/", "\\", "\r", "\n", "\u202e"} & set(name)
    assert not name.startswith((".", " "))
