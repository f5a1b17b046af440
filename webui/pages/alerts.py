"""The alerts queue and the page of one scored transfer."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from scoring.journaled import said_of
from scoring.transfer import decoded
from security.roles import Permission
from usecases import alerts
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import MAX_OFFSET, choice, number, pages

PAGE = Blueprint("alerts", __name__, url_prefix="/alerts")
NAV = Entry("act", 10, _l("Alerts"), "bell", Permission.ALERTS_READ)
PER_PAGE = 50
STATES = ("open", "fraud", "false_alarm")


@PAGE.get("")
@needs(Permission.ALERTS_READ)
def index() -> ResponseReturnValue:
    """Alerts of one state, a page at a time."""
    state, offset = choice("state", STATES, "open"), number("offset", 0, 0, MAX_OFFSET)
    rows, total = alerts.listed(services(), actor(), state, PER_PAGE, offset)
    listed = [(row, said_of(row.said, row.packed), decoded(row.transfer.encode())) for row in rows]
    flight = services().flight
    return render_template(
        "alerts/index.html", listed=listed, state=state, states=STATES, at=pages(offset, PER_PAGE, len(rows), total),
        flight=flight,
    )  # fmt: skip


@PAGE.get("/<id>")
@needs(Permission.ALERTS_READ)
def one(id: str) -> ResponseReturnValue:
    """One scored transfer: answer, every hit with its evidence."""
    row = alerts.read(services(), actor(), id)
    return render_template(
        "alerts/one.html", row=row, said=said_of(row.said, row.packed), transfer=decoded(row.transfer.encode()),
        outcomes=alerts.OUTCOMES,
    )  # fmt: skip


@PAGE.post("/<id>/close")
@needs(Permission.HOLDS_DECIDE)
def close(id: str) -> ResponseReturnValue:
    """Say what an alert was."""
    alerts.close(services(), actor(), id, request.form.get("outcome", ""), request.form.get("note", ""))
    flash(_("The alert is closed."))
    return redirect(url_for("alerts.one", id=id), 303)
