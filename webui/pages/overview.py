"""The start page: what is loaded and what was found."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from usecases import findings, overview
from usecases.findings import FindingFilter
from webui.context import actor, may, services
from webui.guard import signed_in
from webui.nav import Entry

PAGE = Blueprint("overview", __name__)
NAV = Entry("investigate", 10, _l("Overview"), "gauge")
TOP = 12


@PAGE.get("/")
@signed_in()
def index() -> ResponseReturnValue:
    """Counts, findings by kind, the most suspicious findings, the latest loads."""
    top = None
    if may("findings.read"):
        top = findings.list_findings(services(), actor(), FindingFilter(), limit=TOP)
    return render_template("overview/index.html", now=overview.at_a_glance(services()), top=top)
