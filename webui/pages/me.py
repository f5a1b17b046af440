"""One's own settings: password, language, theme."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.errors import BadInput
from security.passwords import MIN_LENGTH
from usecases import access
from webui.context import actor, services
from webui.guard import signed_in
from webui.words import sentence

PAGE = Blueprint("me", __name__, url_prefix="/me")


@PAGE.get("")
@signed_in()
def index() -> ResponseReturnValue:
    """The settings page."""
    return render_template("me/index.html", min_length=MIN_LENGTH)


@PAGE.post("/preferences")
@signed_in()
def preferences() -> ResponseReturnValue:
    """Keep language and theme."""
    found = access.set_preferences(services(), actor(), request.form.get("language", ""), request.form.get("theme", ""))
    session["language"] = found.language
    return redirect(url_for("me.index"), 303)


@PAGE.get("/password")
@signed_in(before_change=True)
def password() -> ResponseReturnValue:
    """The form for a new password; the only page until a one-time password is replaced."""
    return render_template("me/password.html", min_length=MIN_LENGTH)


@PAGE.post("/password")
@signed_in(before_change=True)
def change_password() -> ResponseReturnValue:
    """Set a new password; every other session of the person ends."""
    new = request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise BadInput(gettext("The two new passwords differ."))
        token = access.change_password(services(), actor(), request.form.get("old", ""), new)
    except BadInput as error:
        return render_template("me/password.html", min_length=MIN_LENGTH, error=sentence(error.code, str(error))), 422
    session.clear()
    session["sid"] = token
    flash(gettext("The new password is set."))
    return redirect(url_for("overview.index"), 303)
