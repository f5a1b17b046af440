"""Deliveries on their way, endpoints, and what a person says about a doubtful one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.errors import BadInput
from outbox.endpoints import CHANNELS
from outbox.states import DeliveryState
from security.roles import Permission
from usecases import deliveries
from usecases.deliveries import Secrets
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import choice
from webui.words import sentence

PAGE = Blueprint("deliveries", __name__, url_prefix="/deliveries")
NAV = Entry("administer", 40, _l("Deliveries"), "send", Permission.DELIVERIES_MANAGE)
STATES = ("", *(state.value for state in DeliveryState))


@PAGE.get("")
@needs(Permission.DELIVERIES_MANAGE)
def index() -> ResponseReturnValue:
    """The latest deliveries, those in doubt first, and the endpoints."""
    return _page()


@PAGE.post("/endpoints")
@needs(Permission.DELIVERIES_MANAGE)
def put_endpoint() -> ResponseReturnValue:
    """Add an endpoint or change its address."""
    form = request.form
    try:
        made = deliveries.put_endpoint(
            services(), actor(), form.get("name", ""), form.get("title", ""), form.get("channel", ""),
            form.get("address", ""),
        )  # fmt: skip
    except BadInput as error:
        return _page(error=sentence(error.code, str(error))), error.status
    return _page(made=made)


@PAGE.post("/endpoints/<id>/key")
@needs(Permission.DELIVERIES_MANAGE)
def raise_key(id: str) -> ResponseReturnValue:
    """New secrets for an endpoint."""
    return _page(made=deliveries.raise_key(services(), actor(), id))


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


def _page(*, made: Secrets | None = None, error: str = "") -> str:
    state = choice("state", STATES, "") if request.method == "GET" else ""
    page = deliveries.listed(services(), actor(), state)
    return render_template(
        "deliveries/index.html", page=page, made=made, error=error, state=state, states=STATES[1:], channels=CHANNELS,
        by_person=tuple(deliveries.BY_PERSON),
    )  # fmt: skip
