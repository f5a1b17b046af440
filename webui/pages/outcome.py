"""What became of a report, for whoever has its code; no account needed."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from usecases import outcomes
from webui.context import origin, services
from webui.guard import open_to_all

PAGE = Blueprint("outcome", __name__, url_prefix="/outcome")


@PAGE.get("")
@open_to_all
def index() -> ResponseReturnValue:
    """The form for the code."""
    return render_template("outcome/index.html", found=None, asked=False)


@PAGE.post("")
@open_to_all
def ask() -> ResponseReturnValue:
    """The outcome; the code comes in the body, so that no log keeps it."""
    found = outcomes.by_code(services(), request.form.get("code", "")[:64], origin())
    return render_template("outcome/index.html", found=found, asked=True), 200 if found else 404
