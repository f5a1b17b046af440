"""How often one address may try to sign in, and one person to change the password. The lock-out of one name is kept with the person."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webui.context import actor

SIGN_IN = "10 per minute; 100 per hour"


def install(app: Flask) -> None:
    """Count the sign-ins of this app; its pages must be registered.

    One process serves, so counting in memory is exact; it starts anew with the process.
    """
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=False)
    app.extensions["ringtrace_sign_in_limiter"] = limiter  # its own wrappers hold it weakly only
    for endpoint, key in (
        ("login.sign_in", get_remote_address), ("me.change_password", _person_id), ("outcome.ask", get_remote_address)
    ):  # fmt: skip
        view: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = cast(Any, limiter.limit(SIGN_IN, key_func=key)(view))


def _person_id() -> str:
    return actor().id
