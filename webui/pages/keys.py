"""Administration of machines' API keys. A key's text is shown once, in the answer to the request that made it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.clock import now_ms
from core.errors import BadInput
from security.api_keys import MAX_DAYS
from security.roles import MACHINE_ROLES, Permission
from usecases import api_keys
from usecases.api_keys import NewKey
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.words import sentence

PAGE = Blueprint("keys", __name__, url_prefix="/keys")
NAV = Entry("administer", 20, _l("API keys"), "key", Permission.KEYS_MANAGE)


@PAGE.get("")
@needs(Permission.KEYS_MANAGE)
def index() -> ResponseReturnValue:
    """All keys, and a form to make one."""
    return _page()


@PAGE.post("")
@needs(Permission.KEYS_MANAGE)
def create() -> ResponseReturnValue:
    """Make a key."""
    form = request.form
    days = form.get("days", "")
    try:
        made = api_keys.create(
            services(), actor(), form.get("name", ""), form.get("role", ""), int(days) if days.isdecimal() else 0
        )
    except BadInput as error:
        return _page(error=sentence(error.code, str(error))), error.status
    return _page(made=made)


@PAGE.post("/<id>/revoke")
@needs(Permission.KEYS_MANAGE)
def revoke(id: str) -> ResponseReturnValue:
    """End a key."""
    api_keys.revoke(services(), actor(), id)
    return redirect(url_for("keys.index"), 303)


def _page(*, made: NewKey | None = None, error: str = "") -> str:
    listed = api_keys.list_keys(services(), actor())
    return render_template(
        "keys/index.html", keys=listed, made=made, error=error, roles=MACHINE_ROLES, now_ms=now_ms(), max_days=MAX_DAYS
    )
