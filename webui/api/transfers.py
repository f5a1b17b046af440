"""Transfers in flight: scoring for banks' machines, and what was answered."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from scoring.intake import MAX_BODY
from security.roles import Permission
from usecases import flight_http
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("transfers", __name__, tag="Transfers in flight")


@API.post("/transfers")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.doc(
    summary="Score one transfer or a batch; the same id again gets the same answer",
    description='One transfer, `{"transfers": [...]}` with up to 1,000, or an ISO 20022 pacs.008 message. See docs/api.md.',
    security="key",
)
def submit() -> Response:
    """`webui/fast_transfers.py` answers machines before Flask is asked; this is the same for everybody else."""
    body = request.get_data(cache=False)
    assert len(body) <= MAX_BODY
    return Response(flight_http.submit(services(), actor(), body), mimetype="application/json")


@API.get("/transfers/<id>")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.doc(summary="What was answered to a transfer of this key, and where its hold stands", security="key")
def answered(id: str) -> Response:
    return Response(flight_http.answered(services(), actor(), id), mimetype="application/json")
