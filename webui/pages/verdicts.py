"""Judging a finding: one form to adopt, reject or ask for more, one to confirm an adoption as the second person."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from cases.verdicts import Verb
from core.errors import BadInput
from security.roles import Permission
from usecases import verdicts
from webui.context import actor, services
from webui.guard import needs

PAGE = Blueprint("verdicts", __name__, url_prefix="/findings")
JUDGING = (Verb.ADOPT, Verb.REJECT, Verb.NEED_MORE)


@PAGE.post("/<id>/verdicts")
@needs(Permission.FINDINGS_JUDGE)
def give(id: str) -> ResponseReturnValue:
    """Adopt, reject, or ask for more."""
    verb = request.form.get("verb", "")
    if verb not in JUDGING:
        raise BadInput(f"verb must be one of {', '.join(JUDGING)}")
    return _given(id, Verb(verb))


@PAGE.post("/<id>/confirmation")
@needs(Permission.FINDINGS_CONFIRM)
def confirm(id: str) -> ResponseReturnValue:
    """Confirm an adoption that somebody else proposed."""
    return _given(id, Verb.CONFIRM)


def _given(id: str, verb: Verb) -> ResponseReturnValue:
    step = request.form.get("seen_step", "")
    if not (step.isascii() and step.isdigit() and len(step) <= 9):
        raise BadInput("seen_step must be the number the page carries")
    verdicts.give(services(), actor(), id, verb, request.form.get("grounds", ""), int(step))
    return redirect(url_for("findings.one", id=id, _anchor="verdict"), 303)
