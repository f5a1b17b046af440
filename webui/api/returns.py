"""Giving frozen money back by API: planned by one, approved by another, with the arithmetic as it was reckoned."""

from __future__ import annotations

from apiflask import APIBlueprint

from security.roles import Permission
from usecases import returns
from webui.api._case_models import PayToBody, ReturnDetailOut, ReturnLineOut, ReturnOut, ShareOut
from webui.api._casework_models import MadeOut
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("returns", __name__, tag="Casework")


@API.get("/returns/<id>")
@needs(Permission.CASES_READ)
@API.output(ReturnDetailOut)
@API.doc(summary="A plan of return: who gets how much and why, and what the banks have paid")
def one(id: str) -> ReturnDetailOut:
    return _detail(id)


@API.post("/cases/<id>/returns")
@needs(Permission.CASES_WORK)
@API.output(ReturnDetailOut)
@API.doc(
    summary="Plan the return of all that is held in a case: victims first, pro rata, the rest to the police account"
)
def draft(id: str) -> ReturnDetailOut:
    return _detail(returns.draft(services(), actor(), id))


@API.post("/returns/<id>/approval")
@needs(Permission.ORDERS_APPROVE)
@API.output(ReturnDetailOut)
@API.doc(summary="Approve a plan; the banks are told to pay. Nobody approves their own")
def approve(id: str) -> ReturnDetailOut:
    returns.approve(services(), actor(), id)
    return _detail(id)


@API.post("/returns/<id>/drop")
@needs(Permission.CASES_WORK)
@API.output(ReturnDetailOut)
@API.doc(summary="Drop a plan that was not approved")
def drop(id: str) -> ReturnDetailOut:
    returns.drop(services(), actor(), id)
    return _detail(id)


@API.post("/cases/<id>/pay-to")
@needs(Permission.CASES_WORK)
@API.input(PayToBody, arg_name="body")
@API.output(MadeOut)
@API.doc(summary="Say where a victim's money goes; refused while a plan waits for approval")
def pay_to(id: str, body: PayToBody) -> MadeOut:
    returns.pay_to(services(), actor(), id, body.victim_id, body.account, body.bank)
    return MadeOut(id=body.victim_id)


def _detail(id: str) -> ReturnDetailOut:
    plan, lines, arithmetic = returns.one(services(), actor(), id)
    return ReturnDetailOut(
        **ReturnOut.model_validate(plan).model_dump(),
        arithmetic=[ShareOut.model_validate(item) for item in arithmetic],
        lines=[ReturnLineOut.model_validate(row) for row in lines],
    )
