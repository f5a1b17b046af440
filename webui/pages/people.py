"""Administration of people. A one-time password is shown once, in the answer to the request that made it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.clock import now_ms
from core.errors import BadInput, Conflict, NotAllowed
from security.roles import ROLES, Permission
from usecases import people
from usecases.people import NewPassword
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.words import sentence

PAGE = Blueprint("people", __name__, url_prefix="/people")
NAV = Entry("administer", 10, _l("People"), "people", Permission.USERS_MANAGE)


@PAGE.get("")
@needs(Permission.USERS_MANAGE)
def index() -> ResponseReturnValue:
    """Everyone, and a form to add a person."""
    return _page()


@PAGE.post("")
@needs(Permission.USERS_MANAGE)
def create() -> ResponseReturnValue:
    """Add a person."""
    form = request.form
    try:
        made = people.create(
            services(), actor(), form.get("name", ""), form.getlist("roles"), form.get("full_name", "")
        )
    except (BadInput, Conflict) as error:
        return _page(error=sentence(error.code, str(error))), error.status
    return _page(made=made)


@PAGE.post("/<id>/roles")
@needs(Permission.USERS_MANAGE)
def set_roles(id: str) -> ResponseReturnValue:
    """Give a person exactly the ticked roles."""
    try:
        people.set_roles(services(), actor(), id, request.form.getlist("roles"))
    except (BadInput, Conflict, NotAllowed) as error:
        return _page(error=sentence(error.code, str(error))), error.status
    return redirect(url_for("people.index"), 303)


@PAGE.post("/<id>/enabled")
@needs(Permission.USERS_MANAGE)
def set_enabled(id: str) -> ResponseReturnValue:
    """Let a person sign in, or not."""
    try:
        people.set_enabled(services(), actor(), id, request.form.get("enabled") == "yes")
    except (Conflict, NotAllowed) as error:
        return _page(error=sentence(error.code, str(error))), error.status
    return redirect(url_for("people.index"), 303)


@PAGE.post("/<id>/password")
@needs(Permission.USERS_MANAGE)
def reset_password(id: str) -> ResponseReturnValue:
    """Give a person a new one-time password."""
    return _page(made=people.reset_password(services(), actor(), id))


def _page(*, made: NewPassword | None = None, error: str = "") -> str:
    listed = people.list_people(services(), actor())
    return render_template("people/index.html", people=listed, made=made, error=error, roles=ROLES, now_ms=now_ms())
