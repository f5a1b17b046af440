"""Queries as detectors: proposals, who decided, what runs on each load."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import BadInput
from security.roles import Permission
from security.workspace.detectors import Proposal
from usecases import detectors, query_library
from webui.context import actor, services
from webui.guard import needs

PAGE = Blueprint("detectors", __name__, url_prefix="/console/detectors")


@PAGE.get("")
@needs(Permission.CYPHER_RUN)
def index() -> ResponseReturnValue:
    """All proposals, and a form that starts from a saved query."""
    kept = query_library.cards(services(), actor())
    chosen = next((card for card in kept if card.id == request.args.get("saved")), None)
    return render_template("detectors/index.html", items=detectors.listed(services(), actor()), chosen=chosen)


@PAGE.post("")
@needs(Permission.DETECTOR_PROPOSE)
def propose() -> ResponseReturnValue:
    """A new proposal; the same name again is its next version."""
    form = request.form
    try:
        score = float(form.get("score", ""))
    except ValueError:
        raise BadInput("field score: expected a number from 0 to 1", code="bad_detector") from None
    given = Proposal(form.get("name", ""), form.get("title", ""), form.get("cypher", ""), score, form.get("reason", ""))
    detectors.propose(services(), actor(), given)
    return redirect(url_for("detectors.index"), 303)


@PAGE.post("/<id>/decide")
@needs(Permission.DETECTOR_APPROVE)
def decide(id: str) -> ResponseReturnValue:
    """Approve or reject somebody else's proposal."""
    approve = request.form.get("decision") == "approve"
    detectors.decide(services(), actor(), id, approve=approve, note=request.form.get("note", ""))
    return redirect(url_for("detectors.index"), 303)


@PAGE.post("/<id>/retire")
@needs(Permission.DETECTOR_APPROVE)
def retire(id: str) -> ResponseReturnValue:
    """Stop a running detector."""
    detectors.retire(services(), actor(), id, request.form.get("note", ""))
    return redirect(url_for("detectors.index"), 303)
