"""Phone numbers against numbering plans, resale signals and lists; opting out of warnings."""

from __future__ import annotations

from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, StrictBool, StrictStr, StringConstraints

from security.roles import Permission
from usecases import flight_http, number_checks, warning_lists
from webui.api._fields import Given
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("numbers", __name__, tag="Transfers in flight")
Number = Annotated[StrictStr, StringConstraints(min_length=1, max_length=40)]


class NumbersBody(Given):
    numbers: Annotated[list[Number], Field(min_length=1, max_length=1000)]


class NumberOut(BaseModel):
    given: str
    e164: str
    country: str
    carrier: str
    region: str
    kind: str
    lists: list[str]
    signals: list[str]


class NumbersOut(BaseModel):
    numbers: list[NumberOut]


class OptOutBody(Given):
    account: Annotated[StrictStr, StringConstraints(min_length=1, max_length=128)]
    opted_out: StrictBool


@API.post("/numbers/check")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.input(NumbersBody, arg_name="body")
@API.output(NumbersOut)
@API.doc(summary="Attribution, resale signals and lists of up to 1,000 phone numbers", security="key")
def check(body: NumbersBody) -> NumbersOut:
    if services().flight is not None:
        # each number is looked for in the whole ledger: it counts as ten transfers, in a bucket of its own
        flight_http.admission(services()).take(f"numbers {actor().id}", 10 * len(body.numbers))
    found = number_checks.check(services(), actor(), body.numbers)
    return NumbersOut(numbers=[
        NumberOut(
            given=item.number.given, e164=item.number.e164, country=item.number.country, carrier=item.number.carrier,
            region=item.number.region, kind=item.number.kind, lists=list(item.lists), signals=list(item.signals),
        )
        for item in found
    ])  # fmt: skip


@API.post("/warnings/opt-out")
@needs(Permission.TRANSFERS_SCORE, machines=True)
@API.input(OptOutBody, arg_name="body")
@API.output(OptOutBody)
@API.doc(summary="Whether an account's holder wants no warnings", security="key")
def opt_out(body: OptOutBody) -> OptOutBody:
    warning_lists.set_opt_out(services(), actor(), body.account, body.opted_out)
    return body
