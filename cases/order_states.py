"""The life of an emergency stop-payment order (紧急止付), and of the money it stops.

An order never goes back: a late or repeated answer has no step here and changes nothing. Which answers count is in ANSWERS.
"""

from __future__ import annotations

from enum import StrEnum

from core.machine import Machine


class OrderState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    """Approved by a second person and in the outbox; the two-hour clock runs."""
    UNKNOWN = "unknown"
    """It may or may not have reached the bank."""
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    FROZEN_PART = "frozen_part"
    FROZEN = "frozen"
    REFUSED = "refused"
    GONE = "gone"
    """The money had left before the order came."""
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """Not approved in time: a chase has moved on by then."""
    FAILED = "failed"
    """It could not be delivered."""


class OrderVerb(StrEnum):
    """What moves an order: people here, the outbox, and the bank by its answers."""

    EDIT = "edited"
    APPROVE = "approved"
    WITHDRAW = "withdrawn"
    EXPIRE = "expired"
    SEND = "sent"
    DOUBT = "in doubt"
    REQUEUE = "queued again"
    FAIL = "failed"
    ACKNOWLEDGE = "acknowledged"
    FREEZE_PART = "frozen in part"
    FREEZE = "frozen in full"
    REFUSE = "refused"
    FIND_GONE = "found gone"


_S, _V = OrderState, OrderVerb
#: A bank may answer before its receipt was recorded here: what is approved or in doubt takes answers as well.
_OPEN = (_S.APPROVED, _S.UNKNOWN, _S.SENT, _S.ACKNOWLEDGED)
ANSWERS = {
    "acknowledged": _V.ACKNOWLEDGE, "frozen": _V.FREEZE, "frozen_part": _V.FREEZE_PART, "refused": _V.REFUSE,
    "gone": _V.FIND_GONE,
}  # fmt: skip
ORDER: Machine[OrderState, OrderVerb] = Machine(
    "stop-payment order",
    {
        (_S.DRAFT, _V.EDIT): _S.DRAFT,
        (_S.DRAFT, _V.APPROVE): _S.APPROVED,
        (_S.DRAFT, _V.WITHDRAW): _S.WITHDRAWN,
        (_S.DRAFT, _V.EXPIRE): _S.EXPIRED,
        (_S.APPROVED, _V.SEND): _S.SENT,
        (_S.APPROVED, _V.DOUBT): _S.UNKNOWN,
        (_S.APPROVED, _V.FAIL): _S.FAILED,
        (_S.UNKNOWN, _V.SEND): _S.SENT,
        (_S.UNKNOWN, _V.REQUEUE): _S.APPROVED,
        (_S.UNKNOWN, _V.FAIL): _S.FAILED,
        **{(state, _V.ACKNOWLEDGE): _S.ACKNOWLEDGED for state in (_S.APPROVED, _S.UNKNOWN, _S.SENT)},
        **{
            (state, verb): after
            for state in _OPEN
            for verb, after in (
                (_V.FREEZE, _S.FROZEN), (_V.FREEZE_PART, _S.FROZEN_PART), (_V.REFUSE, _S.REFUSED), (_V.FIND_GONE, _S.GONE),
            )
        },
        # The rest came after all: only ever more.
        (_S.FROZEN_PART, _V.FREEZE): _S.FROZEN,
    },
)  # fmt: skip
#: Nothing can be frozen any more, and nothing was: the order's ledger is closed.
CLOSED = frozenset({_S.REFUSED, _S.GONE, _S.FAILED})
#: The bank still owes its result.
WAITING = frozenset(_OPEN)


class FreezeState(StrEnum):
    """Where frozen money stands: ordered -> frozen -> extended -> released -> returned."""

    ORDERED = "ordered"
    FROZEN = "frozen"
    EXTENDED = "extended"
    RELEASED = "released"
    """Nothing is held any more: set free for return, let go to the holder, or lapsed."""
    RETURNED = "returned"
    """All that was set free for return has arrived at victims or the police account."""


class FreezeVerb(StrEnum):
    """What a line of the freeze ledger does with money."""

    ORDER = "ordered"
    FREEZE = "frozen"
    EXTEND = "extended"
    RELEASE = "released for return"
    LET_GO = "let go"
    LAPSE = "lapsed"
    RETURN = "returned"
    CLOSE = "closed without a freeze"
