"""An application over the small town, clients signed in by role, and the same app behind a real socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import small_town
from argon2 import PasswordHasher
from browsing import chromium_with
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from security import passwords
from security.roles import system_actor
from security.users import Person
from usecases import access, people
from usecases.services import Services
from webui.app import create_app

#: A page is waited for as long as a busy machine may take: 5 s, the default, were too few for a cold store beside other work.
expect.set_options(timeout=25_000)
PASSWORD = "correct horse battery staple"  # what every person of the tests signs in with


@dataclass(frozen=True)
class LiveServer:
    """Where the application listens, its services, the one-time password of its first administrator, and itself."""

    url: str
    services: Services
    admin_password: str
    app: object = None


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Argon2id with its lowest cost: what is tested is not how long a guess takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The small town, shared by all tests of the session: the graph is read only, people are made per test."""
    built = small_town.build(tmp_path_factory.mktemp("town"))
    yield built
    built.store.close()
    built.engine.dispose()


@pytest.fixture(scope="session")
def app(services: Services) -> object:
    """The application as served, but without the limit on sign-ins per address."""
    return create_app(services, {"RATELIMIT_ENABLED": False, "TESTING": False})


@pytest.fixture(scope="session")
def make_person(services: Services) -> Callable[..., Person]:
    """Makes a person who has already replaced the one-time password by PASSWORD."""
    counter = iter(range(10_000))

    def make(*roles: str, name: str = "") -> Person:
        made = people.create(services, system_actor(), name or f"{roles[0]}{next(counter)}", roles, "Test Person")
        access.change_password(services, made.person.actor("127.0.0.1"), made.password, PASSWORD)
        return made.person

    return make


@pytest.fixture(scope="session")
def client_of(app: object, services: Services) -> Callable[[Person], FlaskClient]:
    """A test client signed in as a person, sending a valid CSRF token with every change."""

    def make(person: Person) -> FlaskClient:
        client = app.test_client()  # type: ignore[attr-defined]
        signed = access.sign_in(services, person.name, PASSWORD, "127.0.0.1")
        assert signed is not None
        with client.session_transaction() as session:
            session["sid"] = signed.token
        client.environ_base["HTTP_X_CSRFTOKEN"] = client.get("/api/v1/me").json["csrf_token"]
        return client

    return make


@pytest.fixture(scope="session")
def _clients() -> dict[str, FlaskClient]:
    return {}


@pytest.fixture
def client_as(
    _clients: dict[str, FlaskClient], client_of: Callable[[Person], FlaskClient], make_person: Callable[..., Person]
) -> Callable[[str], FlaskClient]:
    """A client of someone who has exactly this role; one for each role and session."""

    def make(role: str) -> FlaskClient:
        if role not in _clients:
            _clients[role] = client_of(make_person(role))
        return _clients[role]

    return make


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[LiveServer]:
    """A fresh installation with the small town behind a real socket, nobody signed in yet but a first administrator."""
    built = small_town.build(home, **settings)
    password = people.create_first_admin(built)
    assert password is not None
    app = create_app(built, {"RATELIMIT_ENABLED": False})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield LiveServer(f"http://127.0.0.1:{server.server_port}", built, password, app)
    server.shutdown()
    thread.join(10)
    built.store.close()
    built.engine.dispose()


@pytest.fixture
def live_server(tmp_path: Path) -> Iterator[LiveServer]:
    """An installation of this test's own."""
    with serving(tmp_path) as live:
        yield live


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One installation for a file's tests: each makes people and views of its own, none changes the graph."""
    with serving(tmp_path_factory.mktemp("shared")) as live:
        yield live


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for a file's tests."""
    with chromium_with() as launched:
        yield launched


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser of this test's own, without WebGL."""
    with chromium_with("--disable-gpu") as launched:
        yield launched


@pytest.fixture
def sign_in(chromium: Browser, shared_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens a page of a person with these roles; at the end no page may have had an error or asked another site."""
    from explorer_pages import Seen, signed_in

    seen = Seen()

    def opened(name: str, *roles: str, **options: object) -> Page:
        return signed_in(chromium, shared_server, name, *roles, seen=seen, **options)

    yield opened
    for context in chromium.contexts:
        for page in context.pages:
            assert page.evaluate("window.ran") is None, "a name ran as script"
        context.close()
    assert seen.errors == [] and seen.strangers == []
