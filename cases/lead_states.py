"""The life of a lead: lead -> verify -> determination, the final word by two persons."""

from __future__ import annotations

from enum import StrEnum

from core.machine import Machine


class LeadState(StrEnum):
    NEW = "new"
    ASSIGNED = "assigned"
    VERIFIED = "verified"
    """What was read out of it has been checked by a person."""
    PROPOSED = "proposed"
    """One person has determined it, with grounds."""
    ADOPTED = "adopted"
    """A second person agreed: it is fraud."""
    DISMISSED = "dismissed"
    """A second person agreed: it is not."""
    REJECTED = "rejected"
    """Not taken up, with a reason."""


class LeadVerb(StrEnum):
    """What moves a lead, as its timeline says it."""

    ASSIGN = "assigned"
    VERIFY = "verified"
    PROPOSE = "proposed"
    SEND_BACK = "sent back"
    ADOPT = "adopted"
    DISMISS = "dismissed"
    REJECT = "rejected"


_S, _V = LeadState, LeadVerb
LEAD: Machine[LeadState, LeadVerb] = Machine(
    "lead",
    {
        (_S.NEW, _V.ASSIGN): _S.ASSIGNED,
        (_S.NEW, _V.REJECT): _S.REJECTED,
        (_S.ASSIGNED, _V.ASSIGN): _S.ASSIGNED,
        (_S.ASSIGNED, _V.VERIFY): _S.VERIFIED,
        (_S.ASSIGNED, _V.REJECT): _S.REJECTED,
        (_S.VERIFIED, _V.ASSIGN): _S.VERIFIED,
        (_S.VERIFIED, _V.VERIFY): _S.VERIFIED,
        (_S.VERIFIED, _V.PROPOSE): _S.PROPOSED,
        (_S.VERIFIED, _V.REJECT): _S.REJECTED,
        (_S.PROPOSED, _V.SEND_BACK): _S.VERIFIED,
        (_S.PROPOSED, _V.ADOPT): _S.ADOPTED,
        (_S.PROPOSED, _V.DISMISS): _S.DISMISSED,
    },
)
OPEN = frozenset({_S.NEW, _S.ASSIGNED, _S.VERIFIED, _S.PROPOSED})
SOURCES = ("staff", "customer", "hotline", "police", "agency")
