"""Holds: which step leads from which state to which. Pure; times are passed in, nothing is read or written.

A hold up to the automatic limit waits for the customer to be verified; a larger or longer one needs a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from core.errors import BadInput, Conflict
from core.message import say

MAX_TOTAL_S = 7 * 86_400
"""However often it is extended, no hold lasts longer: stop-payment orders are another procedure."""


class State(StrEnum):
    """Where a hold stands. RELEASED, REFUSED and EXPIRED are ends; an end can be appealed once."""

    WAITING = "waiting"
    """For the customer's verification; the clock runs."""
    PERSON = "person"
    """For a person's decision; the clock runs."""
    RELEASED = "released"
    REFUSED = "refused"
    EXPIRED = "expired"


class Verb(StrEnum):
    """What may happen to a hold."""

    VERIFY_OK = "verify_ok"
    VERIFY_FAILED = "verify_failed"
    ESCALATE = "escalate"
    TAKE = "take"
    EXTEND = "extend"
    RELEASE = "release"
    REFUSE = "refuse"
    EXPIRE = "expire"
    APPEAL = "appeal"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_DENIED = "appeal_denied"


OPEN = frozenset({State.WAITING, State.PERSON})
PEOPLE_ONLY = frozenset({Verb.TAKE, Verb.EXTEND, Verb.RELEASE, Verb.REFUSE, Verb.APPEAL_GRANTED, Verb.APPEAL_DENIED})
MAX_FAILURES = 3
_NEXT: dict[tuple[State, Verb], State] = {
    (State.WAITING, Verb.VERIFY_OK): State.RELEASED,
    (State.WAITING, Verb.VERIFY_FAILED): State.WAITING,
    (State.WAITING, Verb.ESCALATE): State.PERSON,
    (State.WAITING, Verb.TAKE): State.PERSON,
    (State.WAITING, Verb.RELEASE): State.RELEASED,
    (State.WAITING, Verb.REFUSE): State.REFUSED,
    (State.WAITING, Verb.EXPIRE): State.EXPIRED,
    (State.PERSON, Verb.TAKE): State.PERSON,
    (State.PERSON, Verb.EXTEND): State.PERSON,
    (State.PERSON, Verb.RELEASE): State.RELEASED,
    (State.PERSON, Verb.REFUSE): State.REFUSED,
    (State.PERSON, Verb.EXPIRE): State.EXPIRED,
    (State.REFUSED, Verb.APPEAL): State.REFUSED,
    (State.REFUSED, Verb.APPEAL_GRANTED): State.RELEASED,
    (State.REFUSED, Verb.APPEAL_DENIED): State.REFUSED,
    (State.EXPIRED, Verb.APPEAL): State.EXPIRED,
    (State.EXPIRED, Verb.APPEAL_GRANTED): State.RELEASED,
    (State.EXPIRED, Verb.APPEAL_DENIED): State.EXPIRED,
    (State.WAITING, Verb.APPEAL): State.PERSON,
    (State.PERSON, Verb.APPEAL): State.PERSON,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. `appeal` is empty, `open`, `granted` or `denied`; `failures` counts failed verifications."""

    state: State
    started_ms: int
    until_ms: int
    owner: str = ""
    failures: int = 0
    appeal: str = ""


def start(amount_minor: int, now_ms: int, *, auto_limit_minor: int, auto_s: int, person_s: int) -> Hold:
    """A new hold: up to the limit (fen of the reporting currency) until verified, above it for a person."""
    if amount_minor <= auto_limit_minor:
        return Hold(State.WAITING, now_ms, now_ms + auto_s * 1000)
    return Hold(State.PERSON, now_ms, now_ms + person_s * 1000)


def step(hold: Hold, verb: Verb, now_ms: int, *, person: str = "", extend_s: int = 0) -> Hold:
    """The hold after a step. `person` is who does it, empty for the machine.

    Raises Conflict for a step the state does not allow (also after the clock has run out), BadInput for a wrong
    extension or a person's step without a person.
    """
    if verb in PEOPLE_ONLY and not person:
        raise BadInput(f"{verb.value} needs a person")
    if (hold.state, verb) not in _NEXT:
        raise Conflict(f"a hold that is {hold.state.value} cannot {verb.value.replace('_', ' ')}", code="hold_state")
    if hold.state in OPEN and verb is not Verb.EXPIRE and now_ms >= hold.until_ms:
        raise Conflict("the hold's time has run out", code="hold_expired")
    if verb is Verb.EXPIRE and now_ms < hold.until_ms:
        raise Conflict("the hold's time has not run out", code="hold_state")
    return _after(hold, verb, person, extend_s)


def due(hold: Hold, now_ms: int) -> bool:
    """Whether an open hold's clock has run out."""
    return hold.state in OPEN and now_ms >= hold.until_ms


def _after(hold: Hold, verb: Verb, person: str, extend_s: int) -> Hold:
    found = replace(hold, state=_NEXT[(hold.state, verb)])
    if verb is Verb.TAKE:
        return replace(found, owner=person)
    if verb is Verb.VERIFY_FAILED:
        failures = hold.failures + 1
        return replace(found, failures=failures, state=State.PERSON if failures >= MAX_FAILURES else State.WAITING)
    if verb is Verb.EXTEND:
        return _extended(found, extend_s)
    if verb is Verb.APPEAL:
        if hold.appeal:
            raise Conflict("an appeal was made already", code="hold_state")
        return replace(found, appeal="open")
    if verb in (Verb.APPEAL_GRANTED, Verb.APPEAL_DENIED):
        if hold.appeal != "open":
            raise Conflict("there is no open appeal", code="hold_state")
        return replace(found, appeal="granted" if verb is Verb.APPEAL_GRANTED else "denied", owner=hold.owner or person)
    if hold.appeal == "open" and found.state not in OPEN:
        return replace(found, appeal="granted" if found.state is State.RELEASED else "denied")
    return found


def _extended(hold: Hold, extend_s: int) -> Hold:
    until_ms = hold.until_ms + extend_s * 1000
    if extend_s < 60 or until_ms - hold.started_ms > MAX_TOTAL_S * 1000:
        raise BadInput(say("extend by at least a minute, to at most {days} days in all", days=MAX_TOTAL_S // 86_400))
    return replace(hold, until_ms=until_ms)
