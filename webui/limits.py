"""How often one address may try to sign in, and one person to change the password. The lock-out of one name is kept with the person."""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import Any, cast

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse_many
from werkzeug.exceptions import TooManyRequests

from security.sealing import normal_code
from webui.context import actor

SIGN_IN = "10 per minute; 100 per hour"
#: Codes from all addresses together, so that many addresses do not guess faster than one; one code is asked for now and then.
ALL_CODES, ONE_CODE = parse_many("120 per minute; 1200 per hour"), parse_many("20 per hour")


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
    app.view_functions["outcome.ask"] = _few_codes(limiter, app.view_functions["outcome.ask"])


def _few_codes(limiter: Limiter, view: Any) -> Any:
    """The view, refused with 429 when one code, or codes from all addresses together, were asked for too often."""

    @wraps(view)
    def counted(**given: Any) -> Any:
        for rates, key in ((ONE_CODE, _code()), (ALL_CODES, "all codes")):
            if limiter.enabled and not all(limiter.limiter.hit(rate, "outcome", key) for rate in rates):
                raise TooManyRequests
        return view(**given)

    return counted


def _code() -> str:
    """The typed code's hash: the limiter's memory keeps no code."""
    return hashlib.sha256(normal_code(request.form.get("code", "")[:64]).encode()).hexdigest()


def _person_id() -> str:
    return actor().id
