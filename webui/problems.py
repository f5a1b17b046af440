"""The one translator of errors for HTTP: RFC 9457 problems for the API, a plain page for people."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import Any

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from core.db import AWAY
from core.errors import DatabaseUnavailable, RingtraceError
from webui.context import wants_api
from webui.stored_words import error_title
from webui.words import sentence

_LOG = structlog.get_logger()
#: Where an error is when no single field has it.
_BODY = "body"


def problem(status: int, code: str, detail: str, errors: Any = None) -> Response:
    """An `application/problem+json` answer; `code` is stable, `errors` names fields."""
    body: dict[str, Any] = {
        "type": f"urn:ringtrace:problem:{code}", "title": HTTPStatus(status).phrase, "status": status,
        "code": code, "detail": detail, "instance": request.path,
    }  # fmt: skip
    if errors:
        body["errors"] = errors
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def install(app: APIFlask) -> None:
    """Translate every error the app raises."""
    app.error_processor(_invalid)
    app.register_error_handler(RingtraceError, _known)
    for away in AWAY:
        app.register_error_handler(away, _away)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _answer(status: int, code: str, detail: str, errors: Any = None) -> ResponseReturnValue:
    if wants_api():
        return problem(status, code, detail, errors)
    detail = sentence(code, detail)
    if "HX-Request" in request.headers:
        # htmx swaps only successful answers: the message goes where the result would have stood
        return render_template("error/fragment.html", detail=detail), 200, {"X-Problem": code}
    return render_template("error/page.html", status=status, title=error_title(status), detail=detail), status


def _known(error: RingtraceError) -> ResponseReturnValue:
    answer = _answer(error.status, error.code, str(error))
    wait_s = getattr(error, "retry_after_s", None)
    if wait_s is not None and isinstance(answer, Response):
        answer.headers["Retry-After"] = str(wait_s)
    if error.status == 401 and isinstance(answer, Response):
        answer.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 11.6.1: a 401 names a scheme
    return answer


def _away(error: Exception) -> ResponseReturnValue:
    _LOG.warning("the system database does not answer", path=request.path, error=type(error).__name__)
    return _known(DatabaseUnavailable("the system database does not answer now: try again in a moment"))


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return _answer(403, "csrf", f"{error.description} Load the page again and repeat.")


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None:
        return error
    if isinstance(error, SecurityError):  # an unknown host name: no address of ours may be built for it
        return Response("this host name is not served here", 400, mimetype="text/plain")
    phrase = HTTPStatus(error.code).phrase.lower().replace(" ", "_")
    answer = _answer(error.code, phrase, str(error.description or phrase))
    if error.code == 405 and isinstance(answer, Response):
        answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return answer


def _invalid(error: HTTPError) -> ResponseReturnValue:
    """APIFlask's own errors: a body or query that does not fit its model."""
    detail = error.detail if isinstance(error.detail, dict) else {}
    errors = {
        _field(field): said for fields in detail.values() if isinstance(fields, dict) for field, said in fields.items()
    }
    if _BODY in errors:  # pydantic names its class, which means nothing to who asks
        errors[_BODY] = ["expected a JSON object"]
    said = "; ".join(f"{field}: {', '.join(map(str, texts))}" for field, texts in errors.items()) or error.message
    return _answer(error.status_code, "invalid" if error.status_code == 422 else "bad_request", said, errors)


def _field(name: str) -> str:
    return _BODY if name == "_schema" else name


def _unknown(error: Exception) -> ResponseReturnValue:
    # frames without their local values: those hold personal data, which has no place in a log
    trace = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("request failed", path=request.path, error=type(error).__name__, reason=str(error)[:500], trace=trace)
    return _answer(500, "internal", "something went wrong here; the log of the server says what")
