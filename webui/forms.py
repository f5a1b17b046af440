"""What people type into forms and the files they send, read alike on every page."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask import request

from cases.files import MAX_BYTES
from core.errors import BadInput


def yuan_minor(text: str) -> int | None:
    """Yuan as typed, in fen; None for nothing. Raises BadInput."""
    if not text.strip():
        return None
    try:
        minor = Decimal(text.replace(",", "").strip()) * 100
    except InvalidOperation:
        minor = Decimal("-1")
    if not minor.is_finite() or minor < 0 or minor != minor.to_integral_value() or minor > 10**15:
        raise BadInput("an amount is yuan with at most two decimals, like 50000.00", code="lead_amount")
    return int(minor)


def allow_a_file() -> None:
    """This request may carry a file of evidence beside the form's other fields."""
    request.max_content_length = MAX_BYTES + 100_000
