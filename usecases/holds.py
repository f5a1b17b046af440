"""Holds of transfers: what people and verifiers do to them, what the bank is told, and how often a hold was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.db import changed, transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from core.message import say
from outbox import endpoints, queue
from outbox.model import Message
from scoring import holds as states
from scoring.holds import OPEN, Hold, State, Verb
from scoring.tables import BankWebhookRow, HoldRow, HoldStepRow, ScoredTransferRow
from scoring.transfer import Transfer, decoded
from security.roles import Actor, Permission
from usecases.auditing import Line, audited
from usecases.changing import recorded
from usecases.services import Services

KIND = "hold"
MAX_NOTE = 500
_FINAL = {State.RELEASED: "settled", State.REFUSED: "refused", State.EXPIRED: "refused"}


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold with its steps, as a page shows it."""

    row: HoldRow
    steps: Sequence[HoldStepRow]
    scored: ScoredTransferRow | None


@dataclass(frozen=True, slots=True)
class Over:
    """A transfer whose hold has ended, and how: `settled` or `refused`."""

    transfer: Transfer
    final: str


@dataclass(frozen=True, slots=True)
class Rates:
    """How holds ended. `wrong_rate` is the share of ended holds that were released: the customer was in the right."""

    open: int
    released: int
    refused: int
    expired: int
    appeals: int

    @property
    def wrong_rate(self) -> float | None:
        """Released of all ended; None before any ended."""
        ended = self.released + self.refused + self.expired
        return self.released / ended if ended else None


def listed(
    services: Services, actor: Actor, *, open_only: bool, limit: int = 50, offset: int = 0
) -> tuple[list[HoldRow], int]:
    """Holds, those whose clock ends first at the top when open, else the latest; and how many. Raises NotAllowed."""
    services.settle_tables()
    with audited(services, actor, Permission.ALERTS_READ, "hold.list"), transaction(services.engine) as session:
        query = select(HoldRow)
        if open_only:
            query = query.where(HoldRow.state.in_([state.value for state in OPEN]) | (HoldRow.appeal == "open"))
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        order = HoldRow.until_ms if open_only else HoldRow.started_ms.desc()
        return list(session.scalars(query.order_by(order, HoldRow.id).limit(limit).offset(offset))), int(total)


def view(services: Services, actor: Actor, hold_id: str) -> HoldView:
    """One hold. Raises NotFound, NotAllowed."""
    services.settle_tables()
    with (
        audited(services, actor, Permission.ALERTS_READ, "hold.read", hold_id[:64]),
        transaction(services.engine) as session,
    ):
        row = _row(session, hold_id)
        steps = session.scalars(
            select(HoldStepRow).where(HoldStepRow.hold_id == hold_id).order_by(HoldStepRow.seq)
        ).all()
        return HoldView(row, steps, session.get(ScoredTransferRow, row.transfer_id))


def rates(services: Services, actor: Actor) -> Rates:
    """Counts of all holds by how they stand. Raises NotAllowed."""
    actor.need(Permission.ALERTS_READ)
    with transaction(services.engine) as session:
        query = select(HoldRow.state, func.count()).group_by(HoldRow.state)
        counts = {state: int(number) for state, number in session.execute(query)}
        appeals = session.scalar(select(func.count()).select_from(HoldRow).where(HoldRow.appeal == "open")) or 0
    return Rates(
        sum(counts.get(state.value, 0) for state in OPEN), counts.get("released", 0), counts.get("refused", 0),
        counts.get("expired", 0), int(appeals),
    )  # fmt: skip


def act(
    services: Services, actor: Actor, hold_id: str, verb: Verb, note: str, *, extend_s: int = 0, version: int = 0
) -> HoldRow:
    """A person's step. `version` is the one the person saw, 0 for any. Raises NotFound, Conflict, BadInput, NotAllowed."""
    with audited(services, actor, Permission.HOLDS_DECIDE, f"hold.{verb.value}", hold_id[:64], note=note[:200]) as said:
        if (
            verb in (Verb.RELEASE, Verb.REFUSE, Verb.EXTEND, Verb.APPEAL_GRANTED, Verb.APPEAL_DENIED)
            and len(note.strip()) < 5
        ):
            raise BadInput("say why in at least 5 characters")
        return step(
            services, hold_id, verb, by=actor.name, note=note, person=actor.name, extend_s=extend_s, version=version,
            line=said,
        )  # fmt: skip


def appeal(services: Services, actor: Actor, hold_id: str, reason: str) -> HoldRow:
    """The customer appeals, by the bank's machine; only on a hold of its own. Raises NotFound, Conflict, BadInput."""
    with audited(services, actor, Permission.TRANSFERS_SCORE, "hold.appeal", hold_id[:64]) as said:
        of_key(services, actor, hold_id)
        if not 5 <= len(reason.strip()) <= MAX_NOTE:
            raise BadInput(say("say why in 5 to {most} characters", most=MAX_NOTE))
        return step(services, hold_id, Verb.APPEAL, by=actor.name, note=reason, line=said)


def of_key(services: Services, actor: Actor, hold_id: str) -> HoldRow:
    """A hold of a transfer this machine submitted. Raises NotFound, also for another key's."""
    actor.need(Permission.TRANSFERS_SCORE)
    row = _find(services, hold_id)
    if row is None:
        services.settle_tables()
        row = _find(services, hold_id)
    if row is None or row.key_id != actor.id:
        raise NotFound("this key has no such hold")
    return row


def _find(services: Services, hold_id: str) -> HoldRow | None:
    with transaction(services.engine) as session:
        return session.get(HoldRow, hold_id)


def step(
    services: Services, hold_id: str, verb: Verb, *, by: str, note: str = "", person: str = "", extend_s: int = 0,
    version: int = 0, line: Line | None = None,
) -> HoldRow:  # fmt: skip
    """One step, recorded; at an end the bank's message is enqueued in the same transaction, then the journal is told.

    `line` is of the use case of whoever steps, and goes with it; none for the clock.
    Raises NotFound, Conflict (the state does not allow it, or somebody else was first), BadInput.
    """
    with recorded(services, line) if line is not None else transaction(services.engine) as session:
        row, over = step_within(
            session, hold_id, verb, by=by, note=note, person=person, extend_s=extend_s, version=version
        )
    tell_journal(services, over)
    return row


def step_within(
    session: Session, hold_id: str, verb: Verb, *, by: str, note: str = "", person: str = "", extend_s: int = 0,
    version: int = 0,
) -> tuple[HoldRow, Over | None]:  # fmt: skip
    """A step in the caller's transaction; what it returns is for `tell_journal` once that is committed. Raises as `step`."""
    now = now_ms()
    row = _row(session, hold_id)
    if version and row.version != version:
        raise Conflict("somebody else has changed this hold: look at it again", code="hold_state")
    if verb is Verb.APPEAL_DENIED:
        _need_other(session, hold_id, person)
    before = _hold(row)
    after = states.step(before, verb, now, person=person, extend_s=extend_s)
    _store(session, row, after, now)
    session.add(HoldStepRow(hold_id=hold_id, verb=verb.value, by=by[:64], at_ms=now, note=note.strip()[:MAX_NOTE]))
    ended = after.state not in OPEN and after.state is not before.state
    transfer = _transfer(session, row) if ended else None
    if ended:
        _tell(session, row, after, now)
    session.flush()
    session.refresh(row)
    session.expunge(row)
    return row, Over(transfer, _FINAL[after.state]) if transfer is not None else None


def tell_journal(services: Services, over: Over | None) -> None:
    """What a step ended is durable: scoring goes on from it. Nothing where scoring does not run; it is told later."""
    if over is not None and services.flight is not None and services.flight.ready:
        services.flight.resolve(over.transfer, over.final)


def settle_ended(services: Services) -> int:
    """Holds that ended while the journal could not be told (a crash, a full disk): tell it now; returns how many."""
    flight = services.scoring
    with transaction(services.engine) as session:
        rows = session.scalars(
            select(HoldRow)
            .join(ScoredTransferRow, ScoredTransferRow.id == HoldRow.transfer_id)
            .where(HoldRow.state.notin_([state.value for state in OPEN]), ScoredTransferRow.final == "")
            .where(HoldRow.changed_at_ms < now_ms() - 5_000)
            .limit(200)
        ).all()
        waiting = [(_transfer(session, row), _FINAL[State(row.state)]) for row in rows]
    for transfer, final in waiting:
        if transfer is not None:
            flight.resolve(transfer, final)
    return len(waiting)


def set_webhook(services: Services, actor: Actor, key_id: str, endpoint: str) -> None:
    """Where this machine's hold outcomes go; an empty name ends it. Raises NotAllowed."""
    with (
        audited(services, actor, Permission.KEYS_MANAGE, "key.webhook", key_id[:64], endpoint=endpoint[:64]) as said,
        recorded(services, said) as session,
    ):
        row = session.get(BankWebhookRow, key_id)
        if not endpoint:
            if row is not None:
                session.delete(row)
            return
        endpoints.get(session, endpoint)
        if row is None:
            session.add(BankWebhookRow(key_id=key_id, endpoint=endpoint))
        else:
            row.endpoint = endpoint


def _tell(session: Session, row: HoldRow, after: Hold, now: int) -> None:
    """The outcome as a signed, retried, idempotent delivery to the bank, where one is configured."""
    target = session.get(BankWebhookRow, row.key_id)
    if target is None:
        return
    body = {
        "event": "hold_outcome", "hold_id": row.id, "transfer_id": row.transfer_id, "outcome": after.state.value,
        "appeal": after.appeal, "at_ms": now, "execute": after.state is State.RELEASED,
    }  # fmt: skip
    key = f"{row.id}-{after.state.value}-{row.version}"
    queue.enqueue(session, Message(target.endpoint, KIND, row.id, key, msgspec.json.encode(body).decode()), now)


def _need_other(session: Session, hold_id: str, person: str) -> None:
    """An appeal against a person's refusal is turned down by another; who refused may still grant it. Raises NotAllowed."""
    refused = select(HoldStepRow.by).where(HoldStepRow.hold_id == hold_id, HoldStepRow.verb == Verb.REFUSE.value)
    if person[:64] in set(session.scalars(refused)):
        raise NotAllowed("you refused this transfer: somebody else decides on the appeal", code="own_decision")


def _store(session: Session, row: HoldRow, after: Hold, now: int) -> None:
    """Compare and swap on the version: of two who step at once, one wins."""
    stepped = (
        update(HoldRow)
        .where(HoldRow.id == row.id, HoldRow.version == row.version)
        .values(
            state=after.state.value, until_ms=after.until_ms, owner=after.owner, failures=after.failures,
            appeal=after.appeal, version=row.version + 1, changed_at_ms=now,
        )
    )  # fmt: skip
    if changed(session, stepped) != 1:
        raise Conflict("somebody else has changed this hold: look at it again", code="hold_state")


def _transfer(session: Session, row: HoldRow) -> Transfer | None:
    scored = session.get(ScoredTransferRow, row.transfer_id)
    return decoded(scored.transfer.encode()) if scored is not None else None


def _hold(row: HoldRow) -> Hold:
    return Hold(State(row.state), row.started_ms, row.until_ms, row.owner, row.failures, row.appeal)


def _row(session: Session, hold_id: str) -> HoldRow:
    row = session.get(HoldRow, hold_id)
    if row is None:
        raise NotFound("there is no such hold")
    return row
