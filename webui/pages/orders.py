"""Stop-payment orders with their clocks, one order, and the freeze ledger."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from cases.order_states import WAITING, OrderState
from cases.orders import Draft
from core.errors import BadInput, RingtraceError
from security.roles import Permission
from usecases import stop_orders
from webui import keyset
from webui.context import actor, services
from webui.forms import yuan_minor
from webui.guard import needs
from webui.nav import Entry
from webui.paging import choice
from webui.words import sentence

PAGE = Blueprint("orders", __name__, url_prefix="/orders")
NAV = Entry("act", 30, _l("Stop-payment orders"), "send", Permission.CASES_READ)
FILTERS = ("waiting", *(state.value for state in OrderState), "all")
HELD = ("frozen", "frozen_part")


@PAGE.get("")
@needs(Permission.CASES_READ)
def index() -> ResponseReturnValue:
    """Orders, newest first, with the time that is left."""
    show = choice("show", FILTERS, "all")
    states = {"all": [], "waiting": sorted(WAITING)}.get(show, [show])
    rows = stop_orders.listed(services(), actor(), states, keyset.after())
    later = keyset.later([(row.drafted_at_ms, row.id) for row in rows], stop_orders.MAX_PAGE)
    return render_template(
        "orders/index.html",
        rows=rows,
        show=show,
        names=FILTERS,
        next_page=later,
        now_ms=services().clock(),
        waiting=WAITING,
    )


@PAGE.get("/ledger")
@needs(Permission.CASES_READ)
def ledger() -> ResponseReturnValue:
    """The freeze ledger: every order with frozen money and where it stands."""
    rows = stop_orders.listed(services(), actor(), HELD, keyset.after())
    later = keyset.later([(row.drafted_at_ms, row.id) for row in rows], stop_orders.MAX_PAGE)
    return render_template("orders/ledger.html", rows=rows, next_page=later, now_ms=services().clock())


@PAGE.get("/<id>")
@needs(Permission.CASES_READ)
def one(id: str) -> ResponseReturnValue:
    """One order: what it says, the bank's answers, next hops, its ledger."""
    return _page(id)


@PAGE.post("/<id>/edit")
@needs(Permission.CASES_WORK)
def edit(id: str) -> ResponseReturnValue:
    """Change amount or holder of a draft."""
    try:
        old = stop_orders.one(services(), actor(), id).order
        wanted = Draft(
            old.bank, old.account, request.form.get("holder", ""), yuan_minor(request.form.get("amount", "")) or 0,
            old.currency, old.transfer_id, old.transfer_at_ms, request.form.get("grounds", "")[:2000], old.layer, old.parent_id,
        )  # fmt: skip
        stop_orders.edit(services(), actor(), id, _version(), wanted)
    except RingtraceError as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/approve")
@needs(Permission.ORDERS_APPROVE)
def approve(id: str) -> ResponseReturnValue:
    """Approve the version that was shown."""
    try:
        stop_orders.approve(services(), actor(), id, _version())
    except RingtraceError as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/withdraw")
@needs(Permission.CASES_WORK)
def withdraw(id: str) -> ResponseReturnValue:
    """Take back a draft."""
    try:
        stop_orders.withdraw(services(), actor(), id)
    except RingtraceError as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/next")
@needs(Permission.CASES_WORK)
def fan_out(id: str) -> ResponseReturnValue:
    """Draft orders for the next hops the bank named."""
    try:
        stop_orders.fan_out(services(), actor(), id)
    except RingtraceError as error:
        return _page(id, error), error.status
    return redirect(url_for("orders.index", show="draft"), 303)


@PAGE.post("/<id>/extend")
@needs(Permission.ORDERS_APPROVE)
def extend(id: str) -> ResponseReturnValue:
    """A second stop."""
    try:
        stop_orders.extend(services(), actor(), id, request.form.get("reference", ""))
    except RingtraceError as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/let-go")
@needs(Permission.ORDERS_APPROVE)
def let_go(id: str) -> ResponseReturnValue:
    """End the stop."""
    form = request.form
    try:
        stop_orders.let_go(services(), actor(), id, form.get("reason", ""), form.get("wrong_hold") == "yes")
    except RingtraceError as error:
        return _page(id, error), error.status
    return _back(id)


def _page(id: str, error: RingtraceError | None = None) -> str:
    view = stop_orders.one(services(), actor(), id)
    said = sentence(error.code, str(error)) if error else ""
    return render_template(
        "orders/one.html",
        view=view,
        order=view.order,
        error=said,
        now_ms=services().clock(),
        me_id=actor().id,
        waiting=WAITING,
    )


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput("version must be the one the page showed", code="stale")
    return int(text)


def _back(id: str) -> ResponseReturnValue:
    return redirect(url_for("orders.one", id=id), 303)
