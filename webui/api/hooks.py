"""Signed messages from endpoints: a bank's answer to an order. The signature is the sign-in."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel

from usecases import deliveries
from webui.context import services
from webui.guard import open_to_all

API = APIBlueprint("hooks", __name__, tag="Messages")
MAX_MESSAGE = 64 * 1024


class TakenOut(BaseModel):
    taken: str


@API.post("/hooks/<id>")
@open_to_all
@API.output(TakenOut)
@API.doc(
    summary="A signed message (Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature)",
    description="The same webhook-id again answers 200 `repeat` and changes nothing.",
)
def receive(id: str) -> TakenOut:
    request.max_content_length = MAX_MESSAGE
    return TakenOut(taken=deliveries.receive(services(), id, dict(request.headers), request.get_data()))
