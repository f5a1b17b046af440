"""Holds: the queue by clock, and the page of one with what may be done to it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.clock import now_ms
from core.errors import BadInput
from scoring.holds import OPEN, State, Verb
from scoring.journaled import said_of
from security.roles import Permission
from usecases import holds
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import MAX_OFFSET, choice, number, pages

PAGE = Blueprint("holds", __name__, url_prefix="/holds")
NAV = Entry("act", 11, _l("Holds"), "pause", Permission.ALERTS_READ)
PER_PAGE = 50
BY_PERSON = (Verb.TAKE, Verb.RELEASE, Verb.REFUSE, Verb.EXTEND, Verb.APPEAL_GRANTED, Verb.APPEAL_DENIED)


@PAGE.get("")
@needs(Permission.ALERTS_READ)
def index() -> ResponseReturnValue:
    """Open holds, the one that runs out first at the top, or all of them."""
    which, offset = choice("which", ("open", "all"), "open"), number("offset", 0, 0, MAX_OFFSET)
    rows, total = holds.listed(services(), actor(), open_only=which == "open", limit=PER_PAGE, offset=offset)
    return render_template(
        "holds/index.html", rows=rows, which=which, rates=holds.rates(services(), actor()), now_ms=now_ms(),
        at=pages(offset, PER_PAGE, len(rows), total),
    )  # fmt: skip


@PAGE.get("/<id>")
@needs(Permission.ALERTS_READ)
def one(id: str) -> ResponseReturnValue:
    """One hold: reason, clock, owner, steps."""
    view = holds.view(services(), actor(), id)
    said = said_of(view.scored.said, view.scored.packed) if view.scored is not None else None
    is_open = State(view.row.state) in OPEN
    return render_template("holds/one.html", view=view, row=view.row, said=said, is_open=is_open, now_ms=now_ms())


@PAGE.post("/<id>/step")
@needs(Permission.HOLDS_DECIDE)
def step(id: str) -> ResponseReturnValue:
    """A person's step."""
    form = request.form
    verb = next((item for item in BY_PERSON if item.value == form.get("verb")), None)
    if verb is None:
        raise BadInput("choose what to do with the hold")
    hours, version = form.get("hours", ""), form.get("version", "")
    holds.act(
        services(), actor(), id, verb, form.get("note", ""), extend_s=_whole(hours) * 3600, version=_whole(version),
    )  # fmt: skip
    flash(_("Done, and on record."))
    return redirect(url_for("holds.one", id=id), 303)


def _whole(text: str) -> int:
    """A number of the form, 0 for anything else: a text of thousands of digits is no error of ours."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
