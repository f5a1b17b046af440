"""Stop-payment orders by API: listed, read with answers and freeze ledger, drafted, changed, approved, followed, extended, let go."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StrictBool, StrictInt, StrictStr, StringConstraints

from cases.order_states import WAITING
from cases.orders import Draft
from security.roles import Permission
from usecases import stop_orders
from webui import keyset
from webui.api._casework_models import FromRow
from webui.api._fields import Given, Id, TimeMs
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("orders", __name__, tag="Casework")
State = Literal[
    "draft", "approved", "unknown", "sent", "acknowledged", "frozen_part", "frozen", "refused", "gone", "withdrawn",
    "expired", "failed",
]  # fmt: skip
Word = Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]


class OrdersQuery(Given):
    state: State | Literal["waiting", "all"] = Field("all", description="`waiting`: the bank still owes its result")
    case_id: str = Field("", max_length=40)
    after: str = Field("", max_length=80, description="`next` of the page before")


class DraftBody(Given):
    bank: Annotated[StrictStr, StringConstraints(min_length=1, max_length=64)] = Field(
        description="Name of an endpoint"
    )
    account: Annotated[StrictStr, StringConstraints(min_length=1, max_length=128)]
    holder: Word
    amount_minor: Annotated[StrictInt, Field(ge=1, le=10**18)]
    currency: Annotated[StrictStr, StringConstraints(min_length=3, max_length=8)] = "CNY"
    transfer_id: Annotated[StrictStr, StringConstraints(max_length=128)] = ""
    transfer_at_ms: TimeMs = Field(description="When the money came in; the bank checks it")
    grounds: Annotated[StrictStr, StringConstraints(max_length=2000)] = ""


class DraftsBody(Given):
    case_id: Id
    orders: Annotated[list[DraftBody], Field(min_length=1, max_length=20)]


class ApprovalBody(Given):
    version: Annotated[StrictInt, Field(ge=1)] = Field(description="The version you have seen")


class ChangeBody(ApprovalBody):
    """What of a draft changes; what is not named stays."""

    holder: Word | None = None
    amount_minor: Annotated[StrictInt, Field(ge=1, le=10**18)] | None = None
    transfer_id: Annotated[StrictStr, StringConstraints(max_length=128)] | None = None
    transfer_at_ms: TimeMs | None = None
    grounds: Annotated[StrictStr, StringConstraints(max_length=2000)] | None = None


class ExtensionBody(Given):
    reference: Annotated[StrictStr, StringConstraints(max_length=200)] = Field(
        "", description="The paper that asks for the second stop"
    )


class ReleaseBody(Given):
    reason: Annotated[StrictStr, StringConstraints(min_length=1, max_length=2000)]
    wrong_hold: StrictBool = Field(False, description="The holder had nothing to do with it")


class OrderOut(FromRow):
    id: str
    case_id: str
    lead_id: str | None
    parent_id: str | None
    layer: int
    bank: str
    account: str
    holder: str
    amount_minor: int
    currency: str
    transfer_id: str
    transfer_at_ms: int
    grounds: str
    state: str
    version: int
    drafted_by_name: str
    drafted_at_ms: int
    draft_until_ms: int
    approved_by_name: str
    approved_at_ms: int | None
    due_at_ms: int | None
    answered_at_ms: int | None
    stop_number: int | None
    reason: str
    freeze_state: str
    frozen_minor: int
    held_minor: int
    for_return_minor: int
    returned_minor: int
    let_go_minor: int
    frozen_until_ms: int | None


class OrdersOut(BaseModel):
    orders: list[OrderOut]
    next: str = Field(description="Send as `after` for the next page; empty on the last")


class AnswerOut(FromRow):
    answer: str
    amount_minor: int
    at_ms: int
    received_at_ms: int
    reason: str
    effect: str = Field(description="`applied`, `late`, or why it was set aside")


class HopOut(FromRow):
    transfer_id: str
    bank: str
    account: str
    holder: str
    amount_minor: int
    at_ms: int
    next_order_id: str | None


class EntryOut(FromRow):
    step: int
    verb: str
    amount_minor: int
    at_ms: int
    until_ms: int | None
    by_name: str


class OrderDetailOut(OrderOut):
    answers: list[AnswerOut]
    next_hops: list[HopOut]
    ledger: list[EntryOut]


class DraftedOut(BaseModel):
    order_ids: list[str]


@API.get("/orders")
@needs(Permission.CASES_READ)
@API.input(OrdersQuery, location="query", arg_name="query")
@API.output(OrdersOut)
@API.doc(summary="Stop-payment orders, newest first, 50 a page")
def listed(query: OrdersQuery) -> OrdersOut:
    named: dict[str, list[str]] = {"all": [], "waiting": [state.value for state in sorted(WAITING)]}
    states = named.get(query.state, [query.state])
    rows = stop_orders.listed(services(), actor(), states, keyset.after(), query.case_id)
    full = len(rows) == stop_orders.MAX_PAGE
    return OrdersOut(
        orders=[OrderOut.model_validate(row) for row in rows],
        next=keyset.mark(rows[-1].drafted_at_ms, rows[-1].id) if full else "",
    )


@API.get("/orders/<id>")
@needs(Permission.CASES_READ)
@API.output(OrderDetailOut)
@API.doc(summary="One order: where it stands, the bank's answers, the next hops it named, its freeze ledger")
def one(id: str) -> OrderDetailOut:
    return _detail(id)


@API.post("/orders")
@needs(Permission.CASES_WORK)
@API.input(DraftsBody, arg_name="body")
@API.output(DraftedOut)
@API.doc(summary="Draft orders of a case, all or none; another person approves each within the hour")
def draft(body: DraftsBody) -> DraftedOut:
    wanted = [Draft(**item.model_dump()) for item in body.orders]
    return DraftedOut(order_ids=stop_orders.draft(services(), actor(), body.case_id, wanted))


@API.post("/orders/<id>/approval")
@needs(Permission.ORDERS_APPROVE)
@API.input(ApprovalBody, arg_name="body")
@API.output(OrderDetailOut)
@API.doc(summary="Approve the version you have seen; the order is sent. Nobody approves their own")
def approve(id: str, body: ApprovalBody) -> OrderDetailOut:
    stop_orders.approve(services(), actor(), id, body.version)
    return _detail(id)


@API.post("/orders/<id>/withdrawal")
@needs(Permission.CASES_WORK)
@API.output(OrderDetailOut)
@API.doc(summary="Take back a draft")
def withdraw(id: str) -> OrderDetailOut:
    stop_orders.withdraw(services(), actor(), id)
    return _detail(id)


@API.post("/orders/<id>/changes")
@needs(Permission.CASES_WORK)
@API.input(ChangeBody, arg_name="body")
@API.output(OrderDetailOut)
@API.doc(summary="Change a draft of the version you have seen; bank and account stay: draft another for those")
def change(id: str, body: ChangeBody) -> OrderDetailOut:
    old = stop_orders.one(services(), actor(), id).order
    given = body.model_dump(exclude={"version"}, exclude_none=True)
    kept = {field.name: getattr(old, field.name) for field in fields(Draft)}
    stop_orders.edit(services(), actor(), id, body.version, Draft(**{**kept, **given}))
    return _detail(id)


@API.post("/orders/<id>/next-orders")
@needs(Permission.CASES_WORK)
@API.output(DraftedOut)
@API.doc(summary="Draft an order for every next hop the bank named that has none yet")
def next_orders(id: str) -> DraftedOut:
    return DraftedOut(order_ids=stop_orders.fan_out(services(), actor(), id))


@API.post("/orders/<id>/extension")
@needs(Permission.ORDERS_APPROVE)
@API.input(ExtensionBody, arg_name="body")
@API.output(OrderDetailOut)
@API.doc(summary="A second stop of 48 hours; the ledger has it when the bank has the message")
def extend(id: str, body: ExtensionBody) -> OrderDetailOut:
    stop_orders.extend(services(), actor(), id, body.reference)
    return _detail(id)


@API.post("/orders/<id>/release")
@needs(Permission.ORDERS_APPROVE)
@API.input(ReleaseBody, arg_name="body")
@API.output(OrderDetailOut)
@API.doc(summary="Let go of all that is held, with a reason")
def release(id: str, body: ReleaseBody) -> OrderDetailOut:
    stop_orders.let_go(services(), actor(), id, body.reason, body.wrong_hold)
    return _detail(id)


def _detail(id: str) -> OrderDetailOut:
    view = stop_orders.one(services(), actor(), id)
    return OrderDetailOut(
        **OrderOut.model_validate(view.order).model_dump(),
        answers=[AnswerOut.model_validate(row) for row in view.answers],
        next_hops=[HopOut.model_validate(row) for row in view.hops],
        ledger=[EntryOut.model_validate(row) for row in view.ledger],
    )
