"""Leads: the queue, filing one, and the page where a lead is read, traced, checked and determined."""

from __future__ import annotations

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from cases.files import MAX_BYTES
from cases.lead_states import OPEN, SOURCES, LeadState
from cases.leads import KINDS, Determination
from core.errors import BadInput, FileRefused, RingtraceError
from core.message import say
from security.roles import Permission
from usecases import casefiles, evidence, leads, typology
from usecases.leads import Report
from webui import keyset
from webui.context import actor, may, services
from webui.forms import allow_a_file, yuan_minor
from webui.guard import needs
from webui.nav import Entry
from webui.paging import choice
from webui.words import sentence

PAGE = Blueprint("leads", __name__, url_prefix="/leads")
NAV = Entry("act", 10, _l("Leads"), "inbox", Permission.CASES_READ)
_ITEM = re.compile(r"item-[0-9]{1,18}")
FILTERS = ("open", "mine", *(state.value for state in LeadState), "all")


MAX_FILES = 10  # with one report; more are added on the lead's page


@PAGE.url_value_preprocessor
def _room_for_files(endpoint: str | None, _values: object) -> None:
    if endpoint in ("leads.file", "leads.add_file"):
        allow_a_file()


@PAGE.get("")
@needs(Permission.CASES_READ)
def index() -> ResponseReturnValue:
    """The triage queue, newest first."""
    show = choice("show", FILTERS, "open")
    states = {"open": sorted(OPEN), "mine": [], "all": []}.get(show, [show])
    mine = actor().id if show == "mine" else ""
    rows = leads.listed(services(), actor(), states, mine, keyset.after())
    later = keyset.later([(row.received_at_ms, row.id) for row in rows], leads.MAX_PAGE)
    return render_template(
        "leads/index.html", rows=rows, show=show, names=FILTERS, next_page=later, now_ms=services().clock()
    )


@PAGE.get("/new")
@needs(Permission.LEADS_FILE)
def new() -> ResponseReturnValue:
    """The form of a report."""
    return render_template("leads/new.html", form={}, sources=SOURCES, kinds=typology.LABELS, error="", filed=None)


@PAGE.post("")
@needs(Permission.LEADS_FILE)
def file() -> ResponseReturnValue:
    """Take a report in; the reporter's code is shown once."""
    form = request.form
    try:
        report = Report(
            form.get("source", ""), form.get("text", ""), form.get("claimed_type", "")[:64], yuan_minor(form.get("amount", "")),
            "CNY", form.get("region", ""), None, _words("accounts"), _words("phones"), _words("persons"),
            form.get("reporter", ""),
        )  # fmt: skip
        given = _files()
        filed = leads.file(services(), actor(), report)
        for examined in given:
            evidence.add_examined_to_lead(services(), actor(), filed.lead_id, examined)
    except (BadInput, FileRefused) as error:
        said = sentence(error.code, str(error))
        return render_template(
            "leads/new.html", form=form, sources=SOURCES, kinds=typology.LABELS, error=said, filed=None
        ), 422
    return render_template("leads/new.html", form={}, sources=SOURCES, kinds=typology.LABELS, error="", filed=filed)


@PAGE.get("/<id>")
@needs(Permission.CASES_READ)
def one(id: str) -> ResponseReturnValue:
    """A lead: its text, what was read, where the money is, what to do."""
    return _page(id)


@PAGE.post("/<id>/files")
@needs(Permission.LEADS_FILE)
def add_file(id: str) -> ResponseReturnValue:
    """Take a file in with the lead."""
    try:
        given = _files()
        if not given:
            raise BadInput("choose a file")
        for examined in given:
            evidence.add_examined_to_lead(services(), actor(), id, examined)
    except RingtraceError as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/assign")
@needs(Permission.CASES_WORK)
def assign(id: str) -> ResponseReturnValue:
    """Take the lead, or give it to somebody."""
    leads.assign(services(), actor(), id, request.form.get("to", "").strip())
    return _back(id)


@PAGE.post("/<id>/verify")
@needs(Permission.CASES_WORK)
def verify(id: str) -> ResponseReturnValue:
    """Confirm or reject what was read, add what is missing."""
    form = request.form
    checks = {int(name[5:]): value for name, value in form.items() if _ITEM.fullmatch(name)}
    kind, value = form.get("kind", ""), form.get("value", "").strip()
    if value and kind == "amount":
        value = str(yuan_minor(value))
    try:
        leads.verify(services(), actor(), id, checks, [(kind, value)] if value else [])
    except BadInput as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/trace")
@needs(Permission.CASES_WORK)
def trace(id: str) -> ResponseReturnValue:
    """Trace again."""
    leads.trace_again(services(), actor(), id)
    return _back(id)


@PAGE.post("/<id>/case")
@needs(Permission.CASES_WORK)
def open_case(id: str) -> ResponseReturnValue:
    """Put the lead into a case."""
    case_id = casefiles.open_from_lead(services(), actor(), id, "", request.form.get("case_id", "").strip())
    return redirect(url_for("cases.one", id=case_id), 303)


@PAGE.post("/<id>/orders")
@needs(Permission.CASES_WORK)
def order(id: str) -> ResponseReturnValue:
    """Draft the proposed orders of the ticked accounts."""
    try:
        casefiles.order_proposed(services(), actor(), id, request.form.getlist("account"))
    except RingtraceError as error:
        return _page(id, error), error.status
    return redirect(url_for("orders.index", show="draft"), 303)


@PAGE.post("/<id>/determination")
@needs(Permission.CASES_WORK)
def propose(id: str) -> ResponseReturnValue:
    """Say what the lead is."""
    form = request.form
    try:
        said = Determination(
            form.get("is_fraud") == "yes", form.get("typology", ""), yuan_minor(form.get("amount", "")) or 0,
            form.get("persons", ""), form.get("grounds", ""),
        )  # fmt: skip
        leads.propose(services(), actor(), id, said)
    except BadInput as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/decision")
@needs(Permission.ORDERS_APPROVE)
def decide(id: str) -> ResponseReturnValue:
    """The second person's word."""
    form = request.form
    try:
        leads.decide(services(), actor(), id, form.get("agrees") == "yes", form.get("why", ""))
    except RingtraceError as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/reject")
@needs(Permission.CASES_WORK)
def reject(id: str) -> ResponseReturnValue:
    """Do not take the lead up."""
    try:
        leads.reject(services(), actor(), id, request.form.get("reason", ""))
    except BadInput as error:
        return _page(id, error), error.status
    return _back(id)


@PAGE.post("/<id>/reporter")
@needs(Permission.REPORTERS_READ)
def reporter(id: str) -> ResponseReturnValue:
    """Look at who reported, for a stated purpose."""
    try:
        who = leads.reporter(services(), actor(), id, request.form.get("why", ""))
    except RingtraceError as error:
        return _page(id, error), error.status
    return _page(id, who=who)


def _page(id: str, error: RingtraceError | None = None, who: str = "") -> str:
    view = leads.one(services(), actor(), id)
    said = sentence(error.code, str(error)) if error else ""
    return render_template(
        "leads/one.html", view=view, lead=view.lead, error=said, who=who, kinds=typology.LABELS, item_kinds=KINDS,
        proposed=casefiles.proposed(view.trace), may_look=may("reporters.read"), now_ms=services().clock(), me_id=actor().id,
    )  # fmt: skip


def _back(id: str) -> ResponseReturnValue:
    return redirect(url_for("leads.one", id=id), 303)


def _files() -> list[evidence.Examined]:
    """The files that came with the form, each checked: one that is refused keeps all from being taken. Raises FileRefused."""
    sent = [item for item in request.files.getlist("files") if item.filename]
    if len(sent) > MAX_FILES:
        raise FileRefused(say("at most {most} files at once", most=MAX_FILES), code="too_many_files")
    return [evidence.examine(services(), item.filename or "", item.stream.read(MAX_BYTES + 1)) for item in sent]


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in request.form.get(name, "").replace(";", "\n").splitlines() if word.strip())
