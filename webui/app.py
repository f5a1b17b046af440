"""Builds the web application from services. Nothing connects or reads the environment at import."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from apiflask import APIFlask

from core.registry import catalog
from core.settings import Settings
from usecases.runs import RunBoard
from usecases.services import Services
from webui import api, guard, headers, language, limits, nav, pages, problems, show, strict_requests
from webui.context import EXTENSION, RUNS
from webui.strict_json import StrictJSON

MAX_BODY = 2 * 1024 * 1024


def create_app(services: Services, config: Mapping[str, Any] | None = None) -> APIFlask:
    """The WSGI application; `config` overrides Flask's configuration, for tests."""
    app = APIFlask(
        "webui", title="Ringtrace API", version=_version(), spec_path=None, docs_path=None, json_errors=False
    )
    app.config.update(
        SECRET_KEY=_secret_key(services.settings),
        SESSION_COOKIE_NAME="ringtrace",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=services.settings.secure_cookies,
        TRUSTED_HOSTS=_trusted_hosts(services.settings),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=services.settings.secure_cookies,
        **api.OPENAPI,
    )
    app.config.update(config or {})
    app.json = StrictJSON(app)
    app.extensions[EXTENSION] = services
    app.extensions[RUNS] = RunBoard(services)
    show.install(app, services.settings.timezone)  # first: it sets up Jinja
    guard.install(app)
    strict_requests.install(app)
    api.install(app)
    csrf = guard.KeyAwareCSRF(app)
    csrf.exempt("webui.api.hooks.receive")  # its messages are signed; no cookie speaks for them
    headers.install(app, over_https=services.settings.secure_cookies)
    problems.install(app)
    language.install(app, services.settings.timezone)
    found = catalog(pages, "PAGE")
    for page in found.values():
        app.register_blueprint(page)
    app.jinja_env.globals["menu"] = partial(nav.menu, nav.collect(found))
    limits.install(app)
    return app


def _version() -> str:
    try:
        return version("ringtrace")
    except PackageNotFoundError:
        return "0"


def _trusted_hosts(settings: Settings) -> list[str] | None:
    """Host names a request may carry; None (any) when listening on every address without naming hosts."""
    named = [name.strip() for name in settings.allowed_hosts.split(",") if name.strip()]
    if settings.host in ("0.0.0.0", "::"):  # noqa: S104 compared, not bound
        return [*named, "localhost", "127.0.0.1"] if named else None
    return [*named, settings.host, "localhost", "127.0.0.1"]


def _secret_key(settings: Settings) -> str:
    """The session signing key: as set, else made once and kept readable by the owner alone."""
    given = settings.secret_key.get_secret_value()
    if given:
        return given
    path = settings.home / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii").strip()
