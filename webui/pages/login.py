"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from usecases import access
from webui.context import actor, origin, person, services
from webui.guard import open_to_all, signed_in
from webui.language import LANGUAGES

PAGE = Blueprint("login", __name__)


@PAGE.get("/login")
@open_to_all
def form() -> ResponseReturnValue:
    """The sign-in form; whoever is signed in goes on."""
    if person() is not None:
        return redirect(_target(request.args.get("next", "")), 303)
    return render_template("login/form.html", next=request.args.get("next", ""))


@PAGE.post("/login")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Take name and password; one answer for everything that may be wrong with them."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    found = access.sign_in(services(), name[:128], password[:1024], origin(), session.get("sid", ""))
    wanted = request.form.get("next", "")
    if found is None:
        said = gettext("Name or password is not right, or sign-in is locked for some minutes after wrong tries.")
        return render_template("login/form.html", next=wanted, name=name[:128], error=said), 401
    session.clear()  # nothing planted before the sign-in lives on, the CSRF token neither
    session["sid"] = found.token
    return redirect(url_for("me.password") if found.person.must_change_password else _target(wanted), 303)


@PAGE.post("/logout")
@signed_in(before_change=True)
def sign_out() -> ResponseReturnValue:
    """End this session."""
    access.sign_out(services(), actor(), session.get("sid", ""))
    session.clear()
    return redirect(url_for("login.form"), 303)


@PAGE.post("/language")
@open_to_all
def language() -> ResponseReturnValue:
    """Switch the language: for this browser, and for the person when signed in."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted
        found = person()
        if found is not None:
            access.set_preferences(services(), actor(), wanted, found.theme)
    return redirect(_target(request.form.get("next", "")), 303)


def _target(wanted: str) -> str:
    """`wanted` when it is a path of this site, else the start page: no open redirect."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if is_local and wanted.isprintable() else url_for("overview.index")
