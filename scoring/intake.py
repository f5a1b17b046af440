"""A request's body as transfers: our own form, one or a batch, or a pacs.008 message."""

from __future__ import annotations

from decimal import Decimal

from core.errors import BadInput
from core.strict_json import loads
from scoring.pacs008 import is_pacs008, transfers_of
from scoring.transfer import Transfer, transfer_of

MAX_BODY = 2 * 1024 * 1024


class NotJSON(BadInput):
    """The body is no JSON text as RFC 8259 has it, or leaves something open."""

    status = 400
    code = "bad_request"


def read(body: bytes) -> tuple[list[Transfer], bool]:
    """(the transfers, whether the answer is a list). Raises NotJSON, or BadInput naming the field and what was expected."""
    try:
        given = loads(body, parse_float=Decimal)  # amounts of pacs.008 stay exact; our own are whole numbers
    except ValueError as error:
        raise NotJSON(f"the body is not JSON: {str(error)[:120]}") from error
    if is_pacs008(given):
        return transfers_of(given), True
    if isinstance(given, dict) and "transfers" in given:
        listed = given["transfers"]
        extra = sorted(set(given) - {"transfers"})
        if extra or not isinstance(listed, list) or not listed:
            raise BadInput('expected {"transfers": [...]} with at least one transfer and nothing else', code="invalid")
        return [transfer_of(item, f"transfers[{place}].") for place, item in enumerate(listed)], True
    return [transfer_of(given)], False
