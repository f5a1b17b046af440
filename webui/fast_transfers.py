"""The short way for machines: POST /api/v1/transfers with a key is answered before Flask is asked.

Same guard (key ring, role), same limits, same use case; without sessions, translations and route matching, which cost
several times what scoring does. Everything else, also a request without a key, goes to the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import msgspec
import structlog

from core.db import AWAY
from core.errors import DatabaseUnavailable, RingtraceError
from core.message import as_text
from scoring.intake import MAX_BODY
from security.roles import Permission
from usecases import flight_http
from usecases.api_keys import KeyRing
from usecases.auditing import refused
from usecases.services import Services
from webui.headers import MACHINE_HEADERS
from webui.slow_bodies import Bodies

_LOG = structlog.get_logger()
_ENCODER = msgspec.json.Encoder(enc_hook=as_text)
PATH = "/api/v1/transfers"
Environ = dict[str, Any]
Start = Callable[..., Any]


class FastTransfers:
    """WSGI middleware over the application; `hosts` are the host names answered to, None for any."""

    def __init__(
        self, app: Any, services: Services, ring: KeyRing, hosts: list[str] | None, bodies: Bodies | None = None
    ) -> None:
        self._app, self._services, self._ring, self._hosts = app, services, ring, hosts
        self._bodies = bodies or Bodies(threads=64)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a machine's transfers here, anything else there."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start)  # type: ignore[no-any-return]
        header = environ.get("HTTP_AUTHORIZATION", "")
        if not header or not self._known_host(environ):
            return self._app(environ, start)  # type: ignore[no-any-return]
        try:
            return _answer(start, 200, self._submit(environ, header))
        except AWAY as error:
            _LOG.warning("the system database does not answer", path=PATH, error=type(error).__name__)
            away = DatabaseUnavailable("the system database does not answer now: nothing was taken")
            return _problem(start, away.status, away.code, str(away), away.retry_after_s)
        except RingtraceError as error:
            return _problem(start, error.status, error.code, str(error), getattr(error, "retry_after_s", None))
        except Exception as error:
            _LOG.error("request failed", path=PATH, error=type(error).__name__, reason=str(error)[:300])
            return _problem(start, 500, "internal", "something went wrong here; the log of the server says what")

    def _submit(self, environ: Environ, header: str) -> bytes:
        scheme, _, text = header.partition(" ")
        origin = environ.get("REMOTE_ADDR", "")
        machine = self._ring.actor(text.strip(), origin) if scheme.lower() == "bearer" else None
        if machine is None:
            raise _Said(401, "key_refused", "the API key is unknown, expired or revoked")
        if not machine.may(Permission.TRANSFERS_SCORE):
            refused(self._services, machine, Permission.TRANSFERS_SCORE, PATH)
        if environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower() != "application/json":
            raise _Said(415, "unsupported_media_type", "send application/json")
        if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
            raise _Said(415, "unsupported_media_type", "Content-Encoding is not taken: send the body as it is")
        return flight_http.submit(self._services, machine, self._body(environ, machine.id))

    def _body(self, environ: Environ, key_id: str) -> bytes:
        """The whole body, never more than MAX_BODY of it."""
        stated = environ.get("CONTENT_LENGTH") or ""
        if stated and not (stated.isascii() and stated.isdigit()):
            raise _Said(400, "bad_request", "Content-Length must be a whole number")
        if len(stated) > 9 or int(stated or 0) > MAX_BODY:
            raise _Said(413, "request_entity_too_large", f"the body is larger than {MAX_BODY} bytes")
        size = int(stated) if stated else MAX_BODY + 1
        found = self._bodies.machines.read(key_id, lambda: environ["wsgi.input"].read(size))
        if len(found) > MAX_BODY:
            raise _Said(413, "request_entity_too_large", f"the body is larger than {MAX_BODY} bytes")
        return found

    def _known_host(self, environ: Environ) -> bool:
        return self._hosts is None or environ.get("HTTP_HOST", "").rsplit(":", 1)[0] in self._hosts


class _Said(RingtraceError):
    """An error of this way only, with its own status."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail, code=code)
        self.status = status


def _answer(
    start: Start, status: int, body: bytes, *more: tuple[str, str], kind: str = "application/json"
) -> list[bytes]:
    start(
        f"{status} {HTTPStatus(status).phrase}",
        [("Content-Type", kind), ("Content-Length", str(len(body))), *MACHINE_HEADERS, *more],
    )
    return [body]


def _problem(start: Start, status: int, code: str, detail: str, retry_after_s: int | None = None) -> list[bytes]:
    body = _ENCODER.encode({
        "type": f"urn:ringtrace:problem:{code}", "title": HTTPStatus(status).phrase, "status": status, "code": code,
        "detail": detail, "instance": PATH,
    })  # fmt: skip
    more = [("WWW-Authenticate", "Bearer")] if status == 401 else []
    if retry_after_s is not None:
        more.append(("Retry-After", str(retry_after_s)))
    return _answer(start, status, body, *more, kind="application/problem+json")
