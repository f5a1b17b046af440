"""Rule sets: what is in force, proposing a change, its back-test, and another person's decision."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.errors import BadInput, NotFound
from scoring import ruleset
from security.roles import Permission
from usecases import rule_sets
from webui.context import actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.words import sentence

PAGE = Blueprint("rules", __name__, url_prefix="/rules")
NAV = Entry("act", 12, _l("Scoring rules"), "sliders", Permission.ALERTS_READ)


@PAGE.get("")
@needs(Permission.ALERTS_READ)
def index() -> ResponseReturnValue:
    """The rules in force, all versions, and a form to propose another."""
    return _page("", "", "")


@PAGE.post("")
@needs(Permission.RULES_PROPOSE)
def propose() -> ResponseReturnValue:
    """Propose a rule set."""
    text, note = request.form.get("text", "").replace("\r\n", "\n"), request.form.get("note", "")
    try:
        made = rule_sets.propose(services(), actor(), text, note)
    except BadInput as error:
        return _page(text, note, sentence(error.code, str(error))), 422
    return redirect(url_for("rules.one", id=made.version), 303)


@PAGE.get("/<id>")
@needs(Permission.ALERTS_READ)
def one(id: str) -> ResponseReturnValue:
    """One version with its back-test."""
    found = rule_sets.version(services(), actor(), _number(id))
    against, changed = rule_sets.changes(services(), actor(), found.version)
    return render_template(
        "rules/one.html", found=found, mine=found.proposed_by_id == actor().id, against=against, changed=changed
    )


@PAGE.post("/<id>/back-test")
@needs(Permission.RULES_TEST)
def back_test(id: str) -> ResponseReturnValue:
    """Run it over the history."""
    rule_sets.back_test(services(), actor(), _number(id))
    return redirect(url_for("rules.one", id=id), 303)


@PAGE.post("/<id>/decide")
@needs(Permission.RULES_APPROVE)
def decide(id: str) -> ResponseReturnValue:
    """Approve or reject."""
    rule_sets.decide(services(), actor(), _number(id), request.form.get("approve") == "yes")
    flash(_("Decided, and on record."))
    return redirect(url_for("rules.one", id=id), 303)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise NotFound("there is no such rule set")
    return int(text)


def _page(text: str, note: str, error: str) -> str:
    held = rule_sets.in_force(services())
    rules = held[1] if held is not None else ruleset.parse(ruleset.default_text())
    return render_template(
        "rules/index.html", version=held[0] if held else 0, rules=rules, text=text or rules.text, note=note, error=error,
        versions=rule_sets.versions(services(), actor()),
    )  # fmt: skip
