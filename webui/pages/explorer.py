"""The network explorer: one page, drawn in the browser from the JSON API."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from security.roles import Permission
from webui.guard import needs
from webui.nav import Entry

PAGE = Blueprint("explorer", __name__, url_prefix="/explorer")
NAV = Entry("investigate", 30, _l("Explorer"), "network", Permission.GRAPH_READ)


@PAGE.get("")
@needs(Permission.GRAPH_READ)
def index() -> ResponseReturnValue:
    """Starts empty, at a node (`label`, `id`), with a finding (`finding`), a saved view (`view`), or from the console."""
    return render_template(
        "explorer/index.html", label=request.args.get("label", ""), id=request.args.get("id", ""),
        finding=request.args.get("finding", ""), view=request.args.get("view", ""), from_console="console" in request.args,
    )  # fmt: skip
