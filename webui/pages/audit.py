"""The audit log for those who watch over its use."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from security.audit import AuditFilter
from security.roles import Permission
from usecases import audit_log
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import MAX_OFFSET, choice, local_ms, number, pages

PAGE = Blueprint("audit", __name__, url_prefix="/audit")
NAV = Entry("administer", 30, _l("Audit log"), "history", Permission.AUDIT_READ)
PER_PAGE = 100


@PAGE.get("")
@needs(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """Lines newest first, filtered."""
    offset, zone, asked = number("offset", 0, 0, MAX_OFFSET), services().settings.timezone, request.args
    wanted = AuditFilter(
        asked.get("actor", "")[:64], asked.get("action", "")[:64], choice("outcome", ("", "ok", "other"), ""),
        asked.get("text", "")[:200], local_ms("from", zone), local_ms("to", zone),
    )  # fmt: skip
    page = audit_log.read(services(), actor(), wanted, PER_PAGE, offset)
    at = pages(offset, PER_PAGE, len(page.lines), page.total)
    return render_template("audit/index.html", page=page, wanted=wanted, at=at)
