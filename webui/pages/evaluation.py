"""Saved evaluation reports: the list, one report with its curves and tables, two side by side."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.errors import BadInput
from evaluation.replays import replayed
from security.roles import Permission
from usecases import evaluate, verdicts
from webui.context import actor, may, services
from webui.curves import chart_of, replay_chart
from webui.guard import needs
from webui.nav import Entry
from webui.side_by_side import side_by_side

PAGE = Blueprint("evaluation", __name__, url_prefix="/evaluation")
NAV = Entry("analyse", 60, _l("Evaluation"), "check", Permission.EVALUATION_READ)


@PAGE.get("")
@needs(Permission.EVALUATION_READ)
def index() -> ResponseReturnValue:
    """Saved reports, newest first, and what people's verdicts say of each algorithm."""
    judged = verdicts.determinations(services(), actor()) if may("findings.read") else []
    return render_template("evaluation/index.html", reports=evaluate.reports(services(), actor()), judged=judged)


@PAGE.get("/<id>")
@needs(Permission.EVALUATION_READ)
def one(id: str) -> ResponseReturnValue:
    """One report: data, curves, tables by algorithm, role and typology, fairness, back-test."""
    saved, report = evaluate.report(services(), actor(), id)
    return render_template(
        "evaluation/one.html", saved=saved, report=report, charts=[chart_of(setting) for setting in report.settings],
        replays=[replay_chart(item) for item in report.backtests], together=replayed(report.backtests),
    )  # fmt: skip


@PAGE.get("/compare")
@needs(Permission.EVALUATION_READ)
def compare() -> ResponseReturnValue:
    """Two reports side by side: figures of the same algorithm on the same data, and what changed."""
    left, right = request.args.get("left", ""), request.args.get("right", "")
    if not left or not right:
        raise BadInput("name two reports to compare")
    (old, before), (new, after) = (evaluate.report(services(), actor(), id[:40]) for id in (left, right))
    return render_template("evaluation/compare.html", old=old, new=new, rows=side_by_side(before, after))
