"""Cases: the list, and the page where everything of a case comes together."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cases.case_tables import VictimRow
from cases.files import MAX_BYTES
from core.errors import BadInput, RingtraceError
from security.roles import Permission
from usecases import case_links, casefiles, evidence, returns
from webui import evidence_file, keyset
from webui.context import actor, services
from webui.forms import allow_a_file, yuan_minor
from webui.guard import needs
from webui.nav import Entry
from webui.paging import choice, local_ms
from webui.sentences import translate
from webui.words import sentence

PAGE = Blueprint("cases", __name__, url_prefix="/cases")
NAV = Entry("act", 20, _l("Cases"), "folder", Permission.CASES_READ)
FILTERS = ("open", "mine", "closed", "merged", "all")


@PAGE.url_value_preprocessor
def _room_for_files(endpoint: str | None, _values: object) -> None:
    if endpoint == "cases.add_evidence":
        allow_a_file()


@PAGE.get("")
@needs(Permission.CASES_READ)
def index() -> ResponseReturnValue:
    """Cases, newest first."""
    show = choice("show", FILTERS, "open")
    state = show if show in ("open", "closed", "merged") else ""
    rows = casefiles.listed(services(), actor(), state, actor().id if show == "mine" else "", keyset.after())
    later = keyset.later([(row.opened_at_ms, row.id) for row in rows], casefiles.MAX_PAGE)
    return render_template("cases/index.html", rows=rows, show=show, names=FILTERS, next_page=later)


@PAGE.get("/<id>")
@needs(Permission.CASES_READ)
def one(id: str) -> ResponseReturnValue:
    """A case."""
    return _page(id)


@PAGE.post("/from/<kind>")
@needs(Permission.CASES_WORK)
def open_from(kind: str) -> ResponseReturnValue:
    """Put a finding or an alert into a case: a new one, or the one that is named."""
    target, case_id = request.form.get("target", ""), request.form.get("case_id", "").strip()
    if case_id:
        case_links.link(services(), actor(), case_id, kind, target, "")
    else:
        case_id = case_links.open_from(services(), actor(), kind, target, translate=translate)
    return redirect(url_for("cases.one", id=case_id), 303)


@PAGE.post("/<id>/<verb>")
@needs(Permission.CASES_WORK)
def act(id: str, verb: str) -> ResponseReturnValue:
    """Note, task, done, victim, pay-to, link, merge, return, drop: what people do in a case."""
    form = request.form
    try:
        if verb == "note":
            casefiles.note(services(), actor(), id, form.get("text", ""))
        elif verb == "task":
            due = local_ms("due", services().settings.timezone, form)
            casefiles.add_task(services(), actor(), id, form.get("title", ""), due)
        elif verb == "done":
            casefiles.finish_task(services(), actor(), form.get("task", ""))
        elif verb == "victim":
            loss = yuan_minor(form.get("loss", "")) or 0
            casefiles.add_victim(
                services(), actor(), id, form.get("name", ""), loss, form.get("account", ""), form.get("bank", "")
            )
        elif verb == "pay-to":
            returns.pay_to(
                services(), actor(), id, form.get("victim", ""), form.get("account", ""), form.get("bank", "")
            )
        elif verb == "link":
            case_links.link(
                services(), actor(), id, form.get("kind", ""), form.get("target", "").strip(), form.get("reason", "")
            )
        elif verb == "merge":
            casefiles.merge(services(), actor(), id, form.get("into", "").strip(), form.get("reason", ""))
        elif verb == "return":
            returns.draft(services(), actor(), id)
        elif verb == "drop":
            returns.drop(services(), actor(), form.get("plan", ""))
        else:
            raise BadInput("nothing of that name is done in a case")
    except RingtraceError as error:
        return _page(id, error), error.status
    return redirect(url_for("cases.one", id=id), 303)


@PAGE.post("/<id>/evidence")
@needs(Permission.CASES_WORK)
def add_evidence(id: str) -> ResponseReturnValue:
    """Take a file in."""
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise BadInput("choose a file")
        evidence.add(services(), actor(), id, given.filename, given.stream.read(MAX_BYTES + 1))
    except RingtraceError as error:
        return _page(id, error), error.status
    return redirect(url_for("cases.one", id=id), 303)


@PAGE.get("/evidence/<id>")
@needs(Permission.CASES_READ)
def download(id: str) -> ResponseReturnValue:
    """A file as a download: never shown inside a page, whatever it claims to be."""
    return evidence_file.download(id)


@PAGE.post("/<id>/approve-return")
@needs(Permission.ORDERS_APPROVE)
def approve_return(id: str) -> ResponseReturnValue:
    """Approve a plan of return."""
    try:
        returns.approve(services(), actor(), request.form.get("plan", ""))
    except RingtraceError as error:
        return _page(id, error), error.status
    return redirect(url_for("cases.one", id=id), 303)


@PAGE.post("/<id>/close")
@needs(Permission.ORDERS_APPROVE)
def close(id: str) -> ResponseReturnValue:
    """Close the case."""
    try:
        casefiles.close(services(), actor(), id, request.form.get("outcome", ""))
    except RingtraceError as error:
        return _page(id, error), error.status
    return redirect(url_for("cases.one", id=id), 303)


def _name(victim: VictimRow) -> str:
    """A victim known by a report alone is called so in the reader's language."""
    by_report = victim.lead_id is not None and victim.name == casefiles.reporter_of(victim.lead_id)
    return _("reporter of %(lead)s", lead=victim.lead_id) if by_report else victim.name


def _page(id: str, error: RingtraceError | None = None) -> str:
    view = casefiles.one(services(), actor(), id)
    plans = [returns.one(services(), actor(), plan.id) for plan in view.returns]
    names = {victim.id: _name(victim) for victim in view.victims}
    said = sentence(error.code, str(error)) if error else ""
    return render_template(
        "cases/one.html",
        view=view,
        case=view.case,
        error=said,
        plans=plans,
        names=names,
        links=case_links.LINKS,
        me_id=actor().id,
    )
