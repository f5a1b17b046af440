"""Phone numbers checked in a batch: whose they are by numbering plan, signs of resale, and the lists they are on."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.errors import BadInput
from scoring.numbers import MAX_BATCH
from security.roles import Permission
from usecases import number_checks
from webui.context import actor, services
from webui.guard import needs
from webui.language import choose
from webui.nav import Entry
from webui.words import sentence

PAGE = Blueprint("numbers", __name__, url_prefix="/numbers")
NAV = Entry("act", 14, _l("Number checks"), "phone", Permission.ALERTS_READ)


@PAGE.get("")
@needs(Permission.ALERTS_READ)
def index() -> ResponseReturnValue:
    """The form."""
    return _page("")


@PAGE.post("")
@needs(Permission.ALERTS_READ)
def check() -> ResponseReturnValue:
    """Check the numbers of the form, one a line."""
    text = request.form.get("numbers", "")[: MAX_BATCH * 42]
    given = [line.strip()[:40] for line in text.replace(",", "\n").replace(";", "\n").splitlines() if line.strip()]
    try:
        found = number_checks.check(services(), actor(), given, Permission.ALERTS_READ, choose())
    except BadInput as error:
        return _page(text, error=sentence(error.code, str(error))), error.status
    return _page(text, found=found)


def _page(text: str, **more: object) -> str:
    return render_template("numbers/index.html", text=text, most=MAX_BATCH, **more)
