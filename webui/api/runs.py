"""Runs of detection: start, follow, stop."""

from __future__ import annotations

from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from security.roles import Permission
from usecases.runs import RunView
from webui.api._fields import Given, Id
from webui.context import actor
from webui.guard import needs
from webui.pages.runs import board

API = APIBlueprint("runs", __name__, tag="Findings")


class RunBody(Given):
    algorithms: Annotated[list[Id], Field(min_length=1, max_length=100)] = Field(description="Names of algorithms")
    engine: Literal["auto", "local", "gds"] = "auto"


class RunOut(BaseModel):
    id: str
    by: str
    state: str
    engine: str
    algorithms: list[str]
    algorithm: str
    share: float
    left_s: float | None
    started_at_ms: int
    ended_at_ms: int | None
    findings: int
    error: str


class RunsOut(BaseModel):
    runs: list[RunOut]


@API.get("/runs")
@needs(Permission.DETECT_RUN)
@API.output(RunsOut)
@API.doc(summary="Runs since the service started, latest first")
def list_runs() -> RunsOut:
    return RunsOut(runs=[_out(run) for run in board().all(actor())])


@API.post("/runs")
@needs(Permission.DETECT_RUN)
@API.input(RunBody, arg_name="body")
@API.output(RunOut, status_code=202)
@API.doc(summary="Start a run in the background; one at a time, refused when it does not fit in memory")
def start(body: RunBody) -> RunOut:
    return _out(board().start(actor(), body.algorithms, body.engine))


@API.get("/runs/<id>")
@needs(Permission.DETECT_RUN)
@API.output(RunOut)
@API.doc(summary="How far a run is and how long it will still take")
def one(id: str) -> RunOut:
    return _out(board().view(actor(), id))


@API.post("/runs/<id>/stop")
@needs(Permission.DETECT_RUN)
@API.output(RunOut, status_code=202)
@API.doc(summary="Stop a run at its next step; what it wrote before is whole")
def stop(id: str) -> RunOut:
    return _out(board().stop(actor(), id))


def _out(run: RunView) -> RunOut:
    return RunOut(
        id=run.id, by=run.by, state=run.state, engine=run.engine, algorithms=list(run.algorithms),
        algorithm=run.algorithm, share=run.share, left_s=run.left_s, started_at_ms=run.started_at_ms,
        ended_at_ms=run.ended_at_ms, findings=run.findings, error=run.error,
    )  # fmt: skip
