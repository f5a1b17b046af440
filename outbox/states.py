"""The life of a delivery.

QUEUED waits; SENDING is claimed by the worker; UNKNOWN may or may not have arrived and is never sent again before the
receiver was asked (reconciled); DELIVERED, FAILED and CANCELLED are final.
"""

from __future__ import annotations

from enum import StrEnum

from core.machine import Machine


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeliveryVerb(StrEnum):
    """What happens to a delivery."""

    CLAIM = "claimed"
    CONFIRM = "confirmed"
    """The receiver said that it has it."""
    BOUNCE = "bounced"
    """Certainly not received: no connection, or the receiver said to come again."""
    REFUSE = "refused"
    """The receiver will never take it."""
    DOUBT = "doubted"
    """It may have arrived: the connection broke after sending, or the process died."""
    FIND = "found"
    """Asked later, the receiver has it."""
    MISS = "missed"
    """Asked later, the receiver does not have it: it may be sent."""
    EXPIRE = "expired"
    CANCEL = "cancelled"


_S, _V = DeliveryState, DeliveryVerb
DELIVERY: Machine[DeliveryState, DeliveryVerb] = Machine(
    "delivery",
    {
        (_S.QUEUED, _V.CLAIM): _S.SENDING,
        (_S.QUEUED, _V.CANCEL): _S.CANCELLED,
        (_S.QUEUED, _V.EXPIRE): _S.FAILED,
        (_S.SENDING, _V.CONFIRM): _S.DELIVERED,
        (_S.SENDING, _V.BOUNCE): _S.QUEUED,
        (_S.SENDING, _V.REFUSE): _S.FAILED,
        (_S.SENDING, _V.DOUBT): _S.UNKNOWN,
        (_S.UNKNOWN, _V.FIND): _S.DELIVERED,
        (_S.UNKNOWN, _V.MISS): _S.QUEUED,
        (_S.UNKNOWN, _V.REFUSE): _S.FAILED,
    },
)
