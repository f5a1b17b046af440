"""The JSON API under /api/v1: one group of endpoints a file, each with its blueprint as `API`."""

from __future__ import annotations

import sys
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from cases.files import MAX_BYTES
from core.registry import catalog
from webui.context import wants_api

_FILES = frozenset({"api.leads.add_file", "api.cases.add_file"})  # addresses whose body is a file as it is
OPENAPI: dict[str, Any] = {
    "DESCRIPTION": (
        "Everything the web UI shows, for scripts. Sign in at /login and send the session cookie; a change also "
        "needs the header X-CSRFToken. Machines send `Authorization: Bearer <API key>` where an address takes one. "
        "Errors are RFC 9457 problems with a stable `code`. Times are UTC epoch "
        "milliseconds (`*_ms`), money is integer minor units (`*_minor`). Every read of personal data is audited."
    ),
    "VALIDATION_ERROR_STATUS_CODE": 422,
    "AUTO_404_RESPONSE": False,
    "AUTO_SERVERS": False,
    "TAGS": [
        {"name": "Network", "description": "Search, nodes, neighbours and ways between them"},
        {"name": "Findings", "description": "What the algorithms suggest"},
        {"name": "Views", "description": "Kept views of the explorer, sharing, and graph files read back"},
        {"name": "Gangs", "description": "Groups that likely work together, and risk by area and hour"},
        {"name": "Analysis", "description": "Read-only Cypher"},
        {"name": "Casework", "description": "Leads, cases, stop-payment orders, returns and key figures"},
        {"name": "Messages", "description": "Signed messages from banks and other endpoints"},
        {"name": "Exports", "description": "What is on screen as a file"},
        {"name": "Transfers in flight", "description": "Scoring, holds, numbers and warnings, for banks' machines"},
        {"name": "About", "description": "The schema and who is asking"},
    ],
    "SECURITY_SCHEMES": {
        "session": {"type": "apiKey", "in": "cookie", "name": "ringtrace"},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
        "key": {"type": "http", "scheme": "bearer", "description": "A machine's API key, where an address takes one"},
    },
}  # fmt: skip


def install(app: APIFlask) -> None:
    """Register every group under /api/v1 and refuse bodies of another type before reading them."""
    parent = APIBlueprint("api", __name__, url_prefix="/api/v1", enable_openapi=True)
    for group in catalog(sys.modules[__name__], "API").values():
        parent.register_blueprint(group)
    app.register_blueprint(parent)
    app.before_request(_check_body)


def _check_body() -> None:
    if request.endpoint is None or not wants_api() or request.method not in ("POST", "PUT", "PATCH"):
        return
    takes_file = request.endpoint in _FILES
    if takes_file:
        request.max_content_length = MAX_BYTES + 1
    if (request.content_length or 0) > (request.max_content_length or 0):
        raise RequestEntityTooLarge(f"the body is larger than {request.max_content_length} bytes")
    wanted = "application/octet-stream" if takes_file else "application/json"
    if request.mimetype != wanted:
        raise UnsupportedMediaType(f"send {wanted}")
