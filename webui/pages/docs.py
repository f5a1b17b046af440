"""The API's documentation, from local files only."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webui.guard import signed_in
from webui.nav import Entry

PAGE = Blueprint("docs", __name__)
NAV = Entry("administer", 90, _l("API"), "braces")


@PAGE.get("/api/docs")
@signed_in()
def index() -> ResponseReturnValue:
    """Swagger UI on this installation's own description."""
    return render_template("docs/index.html")
