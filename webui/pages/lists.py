"""Lists of what must not be paid or is watched, close requests, and overrides."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from scoring.watch import KINDS, LISTS
from security.roles import Permission
from usecases import closures, watch_lists
from usecases.watch_lists import Addition
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.paging import MAX_OFFSET, choice, number, pages

PAGE = Blueprint("lists", __name__, url_prefix="/lists")
NAV = Entry("act", 13, _l("Lists"), "list", Permission.ALERTS_READ)
PER_PAGE = 50


@PAGE.get("")
@needs(Permission.ALERTS_READ)
def index() -> ResponseReturnValue:
    """One list, and the overrides."""
    name, offset = choice("list", LISTS, "illegal"), number("offset", 0, 0, MAX_OFFSET)
    rows, total = watch_lists.listed(services(), actor(), name, PER_PAGE, offset)
    may_ask = actor().may(Permission.LISTS_MANAGE)
    return render_template(
        "lists/index.html", institutions=closures.institutions(services(), actor()) if may_ask else (), rows=rows, name=name, lists=LISTS, kinds=KINDS, outcomes=closures.OUTCOMES,
        overrides=watch_lists.overrides(services(), actor()), at=pages(offset, PER_PAGE, len(rows), total), me_id=actor().id,
    )  # fmt: skip


@PAGE.post("")
@needs(Permission.LISTS_MANAGE)
def add() -> ResponseReturnValue:
    """Put a value on a list."""
    form = request.form
    wanted = Addition(
        form.get("list", ""),
        form.get("kind", ""),
        form.get("value", ""),
        form.get("reason", ""),
        _days(form.get("days", "")),
    )
    watch_lists.add(services(), actor(), wanted)
    flash(_("On the list from the next transfer on."))
    return redirect(url_for("lists.index", list=wanted.list), 303)


@PAGE.post("/<id>/remove")
@needs(Permission.LISTS_MANAGE)
def remove(id: str) -> ResponseReturnValue:
    """Take an entry off."""
    watch_lists.remove(services(), actor(), id, request.form.get("why", ""))
    return redirect(url_for("lists.index"), 303)


@PAGE.post("/<id>/close")
@needs(Permission.LISTS_MANAGE)
def close(id: str) -> ResponseReturnValue:
    """Ask the institution to close an account, or record what it answered."""
    form = request.form
    if form.get("outcome"):
        closures.record(services(), actor(), id, form["outcome"], form.get("note", ""))
    else:
        closures.ask(services(), actor(), id, form.get("institution", ""), form.get("endpoint", "")[:64])
    return redirect(url_for("lists.index"), 303)


@PAGE.post("/overrides")
@needs(Permission.LISTS_MANAGE)
def propose_override() -> ResponseReturnValue:
    """Propose an override."""
    form = request.form
    watch_lists.propose_override(
        services(),
        actor(),
        form.get("payer", ""),
        form.get("payee", ""),
        form.get("reason", ""),
        _days(form.get("days", "")),
    )
    return redirect(url_for("lists.index"), 303)


@PAGE.post("/overrides/<id>")
@needs(Permission.RULES_APPROVE)
def decide_override(id: str) -> ResponseReturnValue:
    """Approve another person's override, or end one."""
    watch_lists.decide_override(services(), actor(), id, request.form.get("approve") == "yes")
    return redirect(url_for("lists.index"), 303)


def _days(text: str) -> int:
    """0, which is without an end, for an empty field alone; -1, which is refused, for what is no number of days."""
    text = text.strip()
    return int(text or "0") if not text or (text.isdecimal() and len(text) < 6) else -1
