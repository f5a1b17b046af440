"""How often one address may try to sign in. The lock-out of one name is kept with the person."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SIGN_IN = "10 per minute; 100 per hour"


def install(app: Flask) -> None:
    """Count the sign-ins of this app; its pages must be registered.

    One process serves, so counting in memory is exact; it starts anew with the process.
    """
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=False)
    app.extensions["ringtrace_sign_in_limiter"] = limiter  # its own wrappers hold it weakly only
    view: Any = app.view_functions["login.sign_in"]
    app.view_functions["login.sign_in"] = cast(Any, limiter.limit(SIGN_IN)(view))
