"""Whether the process lives and can answer; open, and says nothing else."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from core.errors import RingtraceError
from usecases import overview
from webui.context import services
from webui.guard import open_to_all

PAGE = Blueprint("health", __name__)


@PAGE.get("/healthz")
@open_to_all
def alive() -> ResponseReturnValue:
    """200 while the process answers."""
    return {"status": "ok"}


@PAGE.get("/readyz")
@open_to_all
def ready() -> ResponseReturnValue:
    """200 when the system database and the graph store answer, else 503."""
    try:
        overview.ready(services())
    except RingtraceError:
        return {"status": "unavailable"}, 503
    flight = services().flight
    if flight is None:
        return {"status": "ok"}
    return {"status": "ok", "scoring": "ready" if flight.ready else "starting"}
