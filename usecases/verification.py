"""Verifying the customer of a hold: the bank asks for a task, does it, and brings the answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from core.clock import now_ms
from core.errors import BadInput, Conflict, NotFound
from core.ids import fresh
from scoring.holds import State, Verb
from scoring.tables import ChallengeRow, HoldRow
from scoring.verifiers._base import Verifier, catalog
from security.roles import Actor, Permission
from usecases import holds
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

#: For one hold: each sends a message to a customer, and their answers fail three times in all.
MAX_BEGUN = 20


@dataclass(frozen=True, slots=True)
class Begun:
    """A verification: what the bank must do, told once."""

    id: str
    verifier: str
    told: dict[str, str]
    until_ms: int


def begin(services: Services, actor: Actor, hold_id: str, verifier: str) -> Begun:
    """Start a verification of the customer. Raises NotFound, BadInput, NotAllowed.

    Raises Conflict when the hold does not wait, or MAX_BEGUN were begun for it.
    """
    with audited(
        services, actor, Permission.TRANSFERS_SCORE, "hold.verify_begin", hold_id[:64], verifier=verifier[:32]
    ) as said:
        hold = holds.of_key(services, actor, hold_id)
        chosen = _chosen(services, verifier)
        if hold.state != State.WAITING.value:
            raise Conflict(f"the hold is {hold.state}: it does not wait for a verification", code="hold_state")
        task, now = chosen.begin(), now_ms()
        row = ChallengeRow(
            id=fresh("verify"), hold_id=hold_id, verifier=chosen.name, expected=task.expected, tries=0,
            until_ms=now + chosen.good_for_s * 1000, state="open",
        )  # fmt: skip
        with recorded(services, said) as session:
            begun = session.scalar(
                select(func.count()).select_from(ChallengeRow).where(ChallengeRow.hold_id == hold.id)
            )
            if (begun or 0) >= MAX_BEGUN:
                raise Conflict(
                    f"{MAX_BEGUN} verifications were begun for this hold: a person decides",
                    code="too_many_verifications",
                )
            session.add(row)
        return Begun(row.id, chosen.name, task.told, row.until_ms)


def answer(services: Services, actor: Actor, hold_id: str, verification_id: str, given: str) -> HoldRow:
    """Judge the answer: right releases the hold, wrong counts, too many wrong ones make it a person's.

    Raises NotFound, Conflict (ended, or its time has run out), NotAllowed.
    """
    with audited(services, actor, Permission.TRANSFERS_SCORE, "hold.verify", hold_id[:64]) as said:
        holds.of_key(services, actor, hold_id)
        with recorded(services, said) as session:
            row = session.get(ChallengeRow, verification_id, with_for_update=True)
            if row is None or row.hold_id != hold_id:
                raise NotFound("there is no such verification")
            chosen = catalog()[row.verifier]
            if row.state != "open" or row.until_ms <= now_ms():
                raise Conflict("this verification has ended: begin another one", code="verification_ended")
            right = len(given) <= 200 and chosen.accepts(row.expected, given)
            row.tries += 1
            row.state = "passed" if right else "failed" if row.tries >= chosen.tries else "open"
            said["right"] = right
            verb = Verb.VERIFY_OK if right else Verb.VERIFY_FAILED
            hold, over = holds.step_within(session, hold_id, verb, by=actor.name, note=chosen.title)
        holds.tell_journal(services, over)
        return hold


def names(services: Services) -> list[str]:
    """Verifiers this installation allows."""
    return [item.name for item in catalog().values() if not item.for_tests or services.settings.scoring_test_verifier]


def _chosen(services: Services, name: str) -> Verifier:
    if name not in names(services):
        raise BadInput(f"verifier: expected one of {', '.join(names(services))}", code="invalid")
    return catalog()[name]
