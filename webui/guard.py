"""The one guard: an endpoint that does not say who may use it is refused. Default deny.

Each view says one of `@open_to_all`, `@signed_in` or `@needs(Permission...)`; `@needs(..., machines=True)` also takes
`Authorization: Bearer <API key>`, and then, and only then, asks for no CSRF token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from core.errors import NotAllowed
from security.roles import Permission
from usecases import access
from usecases.api_keys import KeyRing
from usecases.auditing import refused
from webui.context import EXTENSION, KeyRefused, Unauthenticated, origin, person, services, wants_api

KEY_RING = "ringtrace_key_ring"
_ATTRIBUTE = "ringtrace_access"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use an endpoint: everybody, whoever is signed in, or holders of a permission.

    `before_change` stays usable while a one-time password still has to be replaced. `machines` takes API keys too.
    """

    everybody: bool = False
    permission: Permission | None = None
    before_change: bool = False
    machines: bool = False


def open_to_all(view: View) -> View:
    """Let anybody use this endpoint, signed in or not."""
    return _declare(view, Access(everybody=True))


def signed_in(*, before_change: bool = False) -> Callable[[View], View]:
    """Let anybody signed in use this endpoint."""
    return lambda view: _declare(view, Access(before_change=before_change))


def needs(permission: Permission, *, machines: bool = False) -> Callable[[View], View]:
    """Let holders of the permission use this endpoint; the use case behind it checks again.

    With `machines` a holder may be an API key; without, a key is refused whatever its role.
    """
    return lambda view: _declare(view, Access(permission=permission, machines=machines))


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What an endpoint declared, or None."""
    return getattr(app.view_functions.get(endpoint), _ATTRIBUTE, None)


def install(app: Flask) -> None:
    """Check every request before anything else looks at it."""
    app.view_functions["static"] = open_to_all(_static(app))
    app.extensions[KEY_RING] = KeyRing(app.extensions[EXTENSION])
    app.before_request(_check)


def _static(app: Flask) -> Callable[..., Response]:
    def static(filename: str) -> Response:
        return app.send_static_file(filename)

    return static


def _declare(view: View, access: Access) -> View:
    setattr(view, _ATTRIBUTE, access)
    return view


class KeyAwareCSRF(CSRFProtect):  # type: ignore[misc]
    """CSRF protection of everything but a request whose API key the guard has accepted.

    No browser sends an Authorization header by itself, so such a request cannot be forged across sites.
    """

    def protect(self, **options: Any) -> None:
        """Refuse a change without its token, unless a machine makes it."""
        if g.get("machine") is None:
            super().protect(**options)


def _check() -> Response | None:
    if "Authorization" in request.headers:
        _check_machine(request.headers["Authorization"])
        return None
    if request.endpoint != "static":
        g.person = access.who(services(), session.get("sid", ""))
    if request.endpoint is None:
        return None  # no such address or method: routing answers 404 or 405
    declared = access_of(current_app, request.endpoint)
    if declared is None:
        raise NotAllowed(f"{request.endpoint} does not say who may use it")
    if declared.everybody:
        return None
    found = person()
    if found is None:
        return _to_sign_in()
    if found.must_change_password and not declared.before_change:
        if wants_api():
            raise NotAllowed("replace the one-time password first", code="password_change_required")
        return redirect(url_for("me.password"), 303)
    acting = found.actor(origin())
    if declared.permission is not None and not acting.may(declared.permission):
        refused(services(), acting, declared.permission, request.path)
    return None


def _check_machine(header: str) -> None:
    """A request with a key is a machine's: cookies are not looked at, and what people use stays closed to it."""
    if request.endpoint is None:
        return
    declared = access_of(current_app, request.endpoint)
    if declared is None:
        raise NotAllowed(f"{request.endpoint} does not say who may use it")
    if declared.everybody:
        return
    scheme, _, text = header.partition(" ")
    ring: KeyRing = current_app.extensions[KEY_RING]
    machine = ring.actor(text.strip(), origin()) if scheme.lower() == "bearer" else None
    if machine is None:
        raise KeyRefused("the API key is unknown, expired or revoked")
    if not declared.machines or declared.permission is None:
        raise NotAllowed("this address takes no API key: people use it, signed in")
    if not machine.may(declared.permission):
        refused(services(), machine, declared.permission, request.path)
    g.machine = machine


def _to_sign_in() -> Response:
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": url_for("login.form")})
    if wants_api() or request.method not in ("GET", "HEAD"):
        raise Unauthenticated("sign in first")
    target = request.full_path.rstrip("?") if request.query_string else request.path
    return redirect(url_for("login.form", next=target if target != "/" else None), 302)
