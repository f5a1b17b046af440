"""Targeted warnings: make a list, export it, send it to a bank, opt an account out."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from security.roles import Permission
from usecases import warning_lists, warning_suggestions
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry

PAGE = Blueprint("warnings", __name__, url_prefix="/warnings")
NAV = Entry("act", 14, _l("Warnings"), "megaphone", Permission.WARNINGS_MAKE)


@PAGE.get("")
@needs(Permission.WARNINGS_MAKE)
def index() -> ResponseReturnValue:
    """Lists made so far, what the risk of areas and groups suggests, and a form to make one."""
    return render_template(
        "warnings/index.html", rows=warning_lists.listed(services(), actor()),
        suggested=warning_suggestions.suggested(services(), actor()),
    )  # fmt: skip


@PAGE.post("")
@needs(Permission.WARNINGS_MAKE)
def make() -> ResponseReturnValue:
    """Make a warning list."""
    form = request.form
    made = warning_lists.make(
        services(), actor(), form.get("title", ""), form.get("reason", ""), region=form.get("region", "")[:64],
        finding_id=form.get("finding_id", "")[:128],
    )  # fmt: skip
    flash(_("The warning reaches %(size)s accounts.", size=made.size))
    return redirect(url_for("warnings.index"), 303)


@PAGE.get("/<id>.csv")
@needs(Permission.WARNINGS_MAKE)
def export(id: str) -> ResponseReturnValue:
    """The list as a file."""
    body = warning_lists.export_csv(services(), actor(), id)
    headers = {"Content-Disposition": 'attachment; filename="warning.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)


@PAGE.post("/<id>/push")
@needs(Permission.WARNINGS_MAKE)
def push(id: str) -> ResponseReturnValue:
    """Send it to a bank's webhook."""
    warning_lists.push(services(), actor(), id, request.form.get("endpoint", "")[:64])
    flash(_("On its way."))
    return redirect(url_for("warnings.index"), 303)


@PAGE.post("/opt-out")
@needs(Permission.WARNINGS_MAKE)
def opt_out() -> ResponseReturnValue:
    """Opt an account out of warnings, or in again."""
    warning_lists.set_opt_out(services(), actor(), request.form.get("account", ""), request.form.get("out") == "yes")
    flash(_("Done, and on record."))
    return redirect(url_for("warnings.index"), 303)
