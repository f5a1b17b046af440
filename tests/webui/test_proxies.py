"""Behind a TLS proxy: who is asking, told by proxies the settings name and by nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import PASSWORD
from pydantic import ValidationError
from test_web_signing_in import token_of
from werkzeug.test import Client
from werkzeug.wrappers import Response

from core.db import transaction
from core.settings import Settings
from security import audit
from webui.proxies import BehindProxies
from webui.serve import wsgi

TRUSTED = "10.0.0.2, 172.18.0.0/16, fd00::/8"
PROXY = {"REMOTE_ADDR": "10.0.0.2"}


def seen(peer, forwarded, scheme=None, trusted=TRUSTED):
    """(the client's address, the scheme) that the application behind is told."""
    told = {}
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    if scheme is not None:
        environ["HTTP_X_FORWARDED_PROTO"] = scheme
    BehindProxies(lambda given, _start: told.update(given) or [], Settings(trusted_proxies=trusted).proxies)(
        environ, None
    )
    return told["REMOTE_ADDR"], told["wsgi.url_scheme"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.2", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "8.8.8.8, 203.0.113.7", "203.0.113.7"),  # the left part is what the client says of itself
        ("10.0.0.2", "8.8.8.8, 203.0.113.7, 172.18.0.9", "203.0.113.7"),  # two proxies of ours
        ("10.0.0.2", "10.0.0.2, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "172.18.0.9", "172.18.0.9"),  # a machine of the proxies' own network
        ("10.0.0.2", None, "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "unknown", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.7, <script>", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.7, 999.1.1.1, 172.18.0.9", "172.18.0.9"),
        ("10.0.0.2", "203.0.113.7:51234", "203.0.113.7"),
        ("10.0.0.2", '"[2001:db8::7]:51234"', "2001:db8::7"),
        ("10.0.0.2", "::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "1.1.1.1," * 5_000 + "203.0.113.7", "203.0.113.7"),
        ("::ffff:10.0.0.2", "203.0.113.7", "203.0.113.7"),
        ("fd00::5", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.3", "203.0.113.7", "10.0.0.3"),  # a neighbour of the proxy is no proxy
        ("203.0.113.9", "127.0.0.1", "203.0.113.9"),
        ("", "203.0.113.7", ""),
    ],
)
def test_the_client_is_the_last_address_no_trusted_proxy_has(peer, forwarded, client):
    assert seen(peer, forwarded)[0] == client


@pytest.mark.parametrize(
    ("peer", "scheme", "told"),
    [("10.0.0.2", "https", "https"), ("10.0.0.2", "http, HTTPS", "https"), ("10.0.0.2", "gopher", "http"),
     ("10.0.0.2", None, "http"), ("203.0.113.9", "https", "http")],
)  # fmt: skip
def test_the_scheme_is_what_a_trusted_proxy_says(peer, scheme, told):
    assert seen(peer, "203.0.113.7", scheme)[1] == told


def test_nobody_is_trusted_unless_named():
    assert Settings().proxies == ()
    assert seen("127.0.0.1", "203.0.113.7", "https", trusted="") == ("127.0.0.1", "http")


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.2;10.0.0.3", "*"])
def test_a_setting_that_is_none_or_trusts_everybody_is_refused(text):
    with pytest.raises(ValidationError, match=r"expected addresses|trusts everybody"):
        Settings(trusted_proxies=text)


@pytest.fixture
def served(services):
    """The application as served behind a TLS proxy at 10.0.0.2, limits on."""
    settings = services.settings.model_copy(
        update={"trusted_proxies": "10.0.0.2", "secure_cookies": True, "allowed_hosts": "ring.example"}
    )
    return wsgi(replace(services, settings=settings))


def over_tls(client):
    """The headers a TLS proxy at 10.0.0.2 sends for a client, as keywords of a request."""
    return {
        "base_url": "https://ring.example",
        "headers": {"X-Forwarded-For": f"198.51.100.1, {client}", "X-Forwarded-Proto": "https", "Referer": "https://ring.example/login"},
        "environ_overrides": {**PROXY, "wsgi.url_scheme": "http"},
    }  # fmt: skip


def test_one_clients_guesses_slow_down_that_client_only(served, make_person):
    person = make_person("investigator")
    guesser, person_there = Client(served, Response), Client(served, Response)
    answers = []
    for client, at, password in [*[(guesser, "203.0.113.7", "wrong")] * 11, (person_there, "203.0.113.8", PASSWORD)]:
        token = token_of(client.get("/login", **over_tls(at)))
        form = {"name": person.name, "password": password, "csrf_token": token}
        answers.append(client.post("/login", data=form, **over_tls(at)))
    assert [answer.status_code for answer in answers] == [401] * 10 + [429, 303]
    cookie = answers[-1].headers["Set-Cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie
    assert "max-age=31536000" in answers[-1].headers["Strict-Transport-Security"]


def test_the_audit_log_has_the_client_and_forged_parts_do_not_reach_it(served, services, make_person):
    person = make_person("investigator")
    client = Client(served, Response)
    token = token_of(client.get("/login", **over_tls("203.0.113.20")))
    client.post(
        "/login", data={"name": person.name, "password": PASSWORD, "csrf_token": token}, **over_tls("203.0.113.20")
    )
    for mark, given in (("by-proxy", over_tls("203.0.113.20")), ("past-it", over_tls("8.8.8.8"))):
        if mark == "past-it":  # straight at the application, with the proxy's headers
            given["environ_overrides"]["REMOTE_ADDR"] = "198.51.100.66"
        assert client.get(f"/api/v1/search?q=zz-{mark}", **given).status_code == 200
    with transaction(services.engine) as session:
        lines, _ = audit.page(session, audit.AuditFilter(text="zz-"), 10, 0)
    assert [line.origin for line in lines] == ["198.51.100.66", "203.0.113.20"]


def test_a_forwarded_host_is_not_believed(served):
    answer = Client(served, Response).get(
        "/login", base_url="https://ring.example", environ_overrides=PROXY,
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"},
    )  # fmt: skip
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    refused = Client(served, Response).get(
        "/login", base_url="https://evil.example", environ_overrides=PROXY, headers={"X-Forwarded-Host": "ring.example"}
    )
    assert refused.status_code == 400
