"""Who hears of a delivery's new state, and who takes a signed message, by kind: the one list of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from core.errors import BadInput
from core.strict_json import loads
from outbox.worker import Settled
from usecases import closures, order_answers, returns

Taker = Callable[[Session, str, Mapping[str, Any], int], str]
"""Called with (session, endpoint, message, time) in the transaction that remembers the message; returns what it did."""

#: Each kind of delivery and the function that hears of its new state.
SETTLED: dict[str, Settled] = {
    "stop_order": order_answers.order_delivered,
    "stop_extension": order_answers.extension_delivered,
}
#: Each kind of message an endpoint may send and the function that takes it.
TAKEN: dict[str, Taker] = {
    "stop_answer": order_answers.take_answer,
    "return_done": returns.take_done,
    closures.ANSWER: closures.take_answer,
}


def take(session: Session, endpoint: str, body: bytes, now_ms: int) -> str:
    """Hand a verified message to the taker its `kind` names. Raises BadInput naming what is wrong with it."""
    try:
        message = loads(body)
    except ValueError as error:
        raise BadInput(f"the message is not JSON: {str(error)[:120]}", code="bad_message") from None
    kind = message.get("kind") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in TAKEN:
        raise BadInput(f"kind must be one of {', '.join(sorted(TAKEN)) or 'nothing yet'}", code="bad_message")
    return TAKEN[kind](session, endpoint, message, now_ms)
