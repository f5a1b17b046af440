"""Holds from the bank's side: how they stand, verifying the customer, appealing."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StrictStr, StringConstraints

from scoring.tables import HoldRow
from security.roles import Permission
from usecases import holds, verification
from webui.api._fields import Given
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("holds", __name__, tag="Transfers in flight")
Short = Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]


class HoldOut(BaseModel):
    id: str
    transfer_id: str
    state: str
    needs: str = Field(description="`verification`, `person`, or empty when it has ended")
    until_ms: int
    appeal: str


class VerifierBody(Given):
    verifier: Short


class AnswerBody(Given):
    answer: Short


class AppealBody(Given):
    reason: Annotated[StrictStr, StringConstraints(min_length=5, max_length=500)]


class BegunOut(BaseModel):
    id: str
    verifier: str
    told: dict[str, Any]
    until_ms: int


def _out(row: HoldRow) -> HoldOut:
    wanted = {"waiting": "verification", "person": "person"}.get(row.state, "")
    return HoldOut(
        id=row.id, transfer_id=row.transfer_id, state=row.state, needs=wanted, until_ms=row.until_ms, appeal=row.appeal
    )


@API.get("/holds/<id>")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.output(HoldOut)
@API.doc(summary="How a hold of this key's transfers stands", security="key")
def hold(id: str) -> HoldOut:
    return _out(holds.of_key(services(), actor(), id))


@API.post("/holds/<id>/verifications")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.input(VerifierBody, arg_name="body")
@API.output(BegunOut)
@API.doc(summary="Begin to verify the customer; `told` is what the bank must do", security="key")
def begin(id: str, body: VerifierBody) -> BegunOut:
    made = verification.begin(services(), actor(), id, body.verifier)
    return BegunOut(id=made.id, verifier=made.verifier, told=made.told, until_ms=made.until_ms)


@API.post("/holds/<id>/verifications/<verification_id>")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.input(AnswerBody, arg_name="body")
@API.output(HoldOut)
@API.doc(summary="Bring the customer's answer; a right one releases the hold", security="key")
def answer(id: str, verification_id: str, body: AnswerBody) -> HoldOut:
    return _out(verification.answer(services(), actor(), id, verification_id, body.answer))


@API.post("/holds/<id>/appeal")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.input(AppealBody, arg_name="body")
@API.output(HoldOut)
@API.doc(summary="Appeal for the customer; a person decides", security="key")
def appeal(id: str, body: AppealBody) -> HoldOut:
    return _out(holds.appeal(services(), actor(), id, body.reason))
