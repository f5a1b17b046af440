"""Deliveries on their way, endpoints and their changes by two persons, and what a person says about a doubtful one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.errors import BadInput, Conflict, NotFound
from outbox.endpoint_proposal import Wanted
from outbox.endpoints import CHANNELS
from outbox.states import DeliveryState
from security.roles import Permission
from usecases import deliveries, endpoint_changes
from usecases.endpoint_changes import Secret
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import choice
from webui.words import sentence

PAGE = Blueprint("deliveries", __name__, url_prefix="/deliveries")
NAV = Entry("administer", 40, _l("Deliveries"), "book", Permission.DELIVERIES_MANAGE)
STATES = ("", *(state.value for state in DeliveryState))


@PAGE.get("")
@needs(Permission.DELIVERIES_MANAGE)
def index() -> ResponseReturnValue:
    """The latest deliveries, those in doubt first, and the endpoints."""
    return _page()


@PAGE.post("/changes")
@needs(Permission.DELIVERIES_MANAGE)
def propose() -> ResponseReturnValue:
    """Propose a new endpoint, another address, new secrets or a removal; or edit one's own proposal that waits."""
    form = request.form
    wanted = Wanted(
        form.get("name", ""), form.get("action", ""), form.get("why", ""), form.get("title", ""),
        form.get("channel", ""), form.get("address", ""),
    )  # fmt: skip
    try:
        endpoint_changes.propose(services(), actor(), wanted)
    except (BadInput, Conflict, NotFound) as error:
        return _page(error=sentence(error.code, str(error))), error.status
    return redirect(url_for("deliveries.index"), 303)


@PAGE.post("/changes/<id>/decide")
@needs(Permission.DELIVERIES_MANAGE)
def decide(id: str) -> ResponseReturnValue:
    """Approve somebody else's proposal as it was shown, reject it, or withdraw one's own."""
    form = request.form
    try:
        if form.get("decision") == "approve":
            endpoint_changes.approve(services(), actor(), id, _version())
        else:
            endpoint_changes.reject(services(), actor(), id, form.get("note", "")[:500])
    except Conflict as error:
        return _page(error=sentence(error.code, str(error))), error.status
    return redirect(url_for("deliveries.index"), 303)


@PAGE.post("/changes/<id>/secret")
@needs(Permission.DELIVERIES_MANAGE)
def secret(id: str) -> ResponseReturnValue:
    """The one secret of an approved change that is this person's to pass on: shown this once."""
    return _page(secret=endpoint_changes.take_secret(services(), actor(), id))


@PAGE.post("/endpoints/<id>/enabled")
@needs(Permission.DELIVERIES_MANAGE)
def enable(id: str) -> ResponseReturnValue:
    """Let deliveries leave for the endpoint, or keep them waiting."""
    deliveries.enable_endpoint(services(), actor(), id, request.form.get("enabled") == "yes")
    return redirect(url_for("deliveries.index"), 303)


@PAGE.post("/<id>/settle")
@needs(Permission.DELIVERIES_MANAGE)
def settle(id: str) -> ResponseReturnValue:
    """Say what became of a doubtful delivery."""
    form = request.form
    deliveries.settle(services(), actor(), id, form.get("said", ""), form.get("why", "")[:500])
    return redirect(url_for("deliveries.index"), 303)


def _page(*, secret: Secret | None = None, error: str = "") -> str:
    state = choice("state", STATES, "") if request.method == "GET" else ""
    page = deliveries.listed(services(), actor(), state)
    return render_template(
        "deliveries/index.html", page=page, secret=secret, error=error, state=state, states=STATES[1:], channels=CHANNELS,
        by_person=tuple(deliveries.BY_PERSON),
    )  # fmt: skip


def _version() -> int:
    """The version that was shown; 0, which none has, for anything else."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
