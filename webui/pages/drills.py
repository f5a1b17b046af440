"""Drills: a generated case on a clock of its own, played on one page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.errors import BadInput, NotFound, RingtraceError
from security.roles import Permission
from usecases import drills
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.words import sentence

PAGE = Blueprint("drills", __name__, url_prefix="/drills")
NAV = Entry("act", 60, _l("Drills"), "target", Permission.CASES_WORK)


@PAGE.get("")
@needs(Permission.CASES_WORK)
def index() -> ResponseReturnValue:
    """What a drill is, and the button that begins one."""
    return render_template("drills/index.html")


@PAGE.post("")
@needs(Permission.CASES_WORK)
def begin() -> ResponseReturnValue:
    """Begin a drill; the same seed is the same case."""
    text = request.form.get("seed", "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise BadInput("a seed is a whole number of at most nine digits")
    return redirect(url_for("drills.one", id=drills.begin(services(), actor(), int(text) if text else None)), 303)


@PAGE.get("/<id>")
@needs(Permission.CASES_WORK)
def one(id: str) -> ResponseReturnValue:
    """The drill as it stands."""
    return _page(id)


@PAGE.post("/<id>/<verb>")
@needs(Permission.CASES_WORK)
def act(id: str, verb: str) -> ResponseReturnValue:
    """Play."""
    form = request.form
    minutes = form.get("minutes", "5")
    try:
        drills.act(
            services(), actor(), id, verb, accounts=form.getlist("account"), order_id=form.get("order", ""),
            minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 4 else 0,
        )  # fmt: skip
    except NotFound:
        raise
    except RingtraceError as error:
        return _page(id, sentence(error.code, str(error))), error.status
    return redirect(url_for("drills.one", id=id), 303)


def _page(id: str, error: str = "") -> str:
    return render_template("drills/one.html", drill=drills.look(services(), actor(), id), error=error)
