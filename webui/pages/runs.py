"""Runs of detection: start one, follow it, stop it; what earlier runs left."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from core.errors import BadInput, RingtraceError
from security.roles import Permission
from usecases import findings
from usecases.detect import chosen
from usecases.run_plan import at_hand_bytes, planned
from usecases.runs import RunBoard
from webui.context import RUNS, actor, services
from webui.guard import needs
from webui.nav import Entry
from webui.words import sentence

PAGE = Blueprint("runs", __name__, url_prefix="/runs")
NAV = Entry("analyse", 30, _l("Runs"), "play", Permission.DETECT_RUN)
MOST_PAST = 200


def board() -> RunBoard:
    """The runs of this process."""
    return cast(RunBoard, current_app.extensions[RUNS])


@PAGE.get("")
@needs(Permission.DETECT_RUN)
def index() -> ResponseReturnValue:
    """Runs of this process, the form to start one, and what earlier runs left in the graph."""
    return _page()


@PAGE.get("/live")
@needs(Permission.DETECT_RUN)
def live() -> ResponseReturnValue:
    """The runs of this process alone: asked for again while one goes on."""
    return render_template("runs/_live.html", runs=board().all(actor()))


@PAGE.post("")
@needs(Permission.DETECT_RUN)
def start() -> ResponseReturnValue:
    """Start a run of the chosen algorithms, or of all when the form says so."""
    names = request.form.getlist("algorithm")
    try:
        if request.form.get("all") == "yes":
            names = [item.name for item in chosen([])]
        if not names:
            raise BadInput("choose at least one algorithm, or run all", code="no_algorithm")
        board().start(actor(), names, request.form.get("engine", "auto"))
    except RingtraceError as error:
        return _page(sentence(error.code, str(error))), error.status
    return redirect(url_for("runs.index"), 303)


@PAGE.post("/<id>/stop")
@needs(Permission.DETECT_RUN)
def stop(id: str) -> ResponseReturnValue:
    """Stop a run; what it wrote before is whole."""
    board().stop(actor(), id)
    return redirect(url_for("runs.index"), 303)


def _page(error: str = "") -> str:
    # An administrator may run detection without reading what it finds.
    past = findings.runs(services(), actor()) if actor().may(Permission.FINDINGS_READ) else []
    return render_template(
        "runs/index.html", runs=board().all(actor()), past=past[:MOST_PAST], past_total=len(past), algorithms=chosen([]),
        plan={item.algorithm: item for item in planned(services(), chosen([]))}, at_hand_bytes=at_hand_bytes(), error=error, on_neo4j=services().store.name == "neo4j",

    )  # fmt: skip
