"""The start page: what is loaded and what was found."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from graph.model import Node
from graph.queries._read import Page
from usecases import findings, overview
from usecases.findings import FindingFilter
from webui.context import actor, may, services
from webui.guard import signed_in
from webui.nav import Entry

PAGE = Blueprint("overview", __name__)
NAV = Entry("investigate", 10, _l("Overview"), "gauge")
#: What an investigation begins with, whole structures first; roles and single patterns are theirs to explain.
HEADLINES = ("gang", "mule_chain", "risk")
TOP_OF_EACH = 4
TOP = 12


@PAGE.get("/")
@signed_in()
def index() -> ResponseReturnValue:
    """Counts, findings by kind, the most suspicious findings, the latest loads."""
    now = overview.at_a_glance(services())
    return render_template("overview/index.html", now=now, tops=_tops(now) if may("findings.read") else None)


def _tops(now: overview.AtAGlance) -> dict[str, Page[Node]]:
    """The most suspicious findings, by headline kind; of every kind together when there is none of these."""
    kinds = [kind for kind in HEADLINES if now.counts.findings.get(kind)]
    if not kinds:
        return {"": findings.list_findings(services(), actor(), FindingFilter(), limit=TOP)}
    return {
        kind: findings.list_findings(services(), actor(), FindingFilter(kind=kind), limit=TOP_OF_EACH) for kind in kinds
    }
