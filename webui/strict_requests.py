"""What no request may carry: JSON that is none, a body in a coding nobody asked for, a NUL.

PostgreSQL keeps no NUL in a text and SQLite cuts one off at it: refused here, nothing behind has to ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from flask import Flask, Request, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class StrictRequest(Request):
    """A request whose JSON says what is wrong with it, which Flask says in debugging only."""

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        """Raise 400 with the reason and the place; 415 when the body is not sent as JSON."""
        if e is None:
            raise UnsupportedMediaType("send application/json")
        raise BadRequest(f"the body is not JSON: {said(e)}") from e


def said(error: ValueError) -> str:
    """Why a text is no JSON, in one line without a byte of it that could not be shown."""
    if isinstance(error, UnicodeDecodeError):
        return f"expected {error.encoding.upper().replace('_', '-')}, byte {error.start} is none"
    return str(error)[:200]


def install(app: Flask) -> None:
    """Refuse such requests before a view sees them; what the guard refuses is refused first."""
    app.request_class = StrictRequest
    app.before_request(_check)


def _check() -> None:
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedMediaType(f"Content-Encoding {coding[:20]!a} is not taken: send the body as it is")
    _no_nul((request.view_args or {}).items(), "address")
    _no_nul(request.args.items(multi=True), "query")
    if request.mimetype in _FORMS:
        _no_nul(request.form.items(multi=True), "form")


def _no_nul(fields: Iterable[tuple[str, object]], where: str) -> None:
    for name, value in fields:
        if "\0" in name or (isinstance(value, str) and "\0" in value):
            raise BadRequest(f"{where}, {name[:64]!a}: expected a text without NUL characters")
