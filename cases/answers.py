"""A bank's answers to an order. Late, repeated, reordered or wrong ones are kept on record and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import orders, stop_ledger, timeline
from cases.freeze import STOP_MS, Entry
from cases.order_states import ANSWERS, ORDER, FreezeState, FreezeVerb, OrderState, OrderVerb
from cases.order_tables import AnswerRow, NextHopRow, OrderRow
from core.clock import LAST_MS
from core.errors import BadInput
from core.money import MAX_MINOR

MAX_HOPS = 500
APPLIED, LATE = "applied", "late"


@dataclass(frozen=True, slots=True)
class Hop:
    """One payment out of the account, as the bank tells it."""

    transfer_id: str
    bank: str
    account: str
    holder: str
    amount_minor: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bank says. `frozen_minor` is what stands frozen in all for this order, `stop_at_ms` the stop's moment."""

    order_id: str
    answer: str
    account: str
    holder: str
    at_ms: int
    frozen_minor: int = 0
    stop_at_ms: int | None = None
    reason: str = ""
    next_hops: tuple[Hop, ...] = ()


def parse(said: Mapping[str, Any]) -> Answer:
    """The answer in a bank's message. Raises BadInput naming the field."""
    answer = Answer(
        _text(said, "order_id", 40), _text(said, "answer", 16), _text(said, "account", 128), _text(said, "holder", 200),
        _time(said, "at_ms"), _number(said, "frozen_minor", 0),
        _time(said, "stop_at_ms") if said.get("stop_at_ms") is not None else None, _text(said, "reason", 2_000, ""),
        _hops(said.get("next_hops", [])),
    )  # fmt: skip
    if answer.answer not in ANSWERS:
        raise BadInput(f"answer must be one of {', '.join(ANSWERS)}", code="bad_message")
    if answer.answer == "refused" and not answer.reason:
        raise BadInput("a refusal gives its reason", code="bad_message")
    return answer


def take(session: Session, endpoint: str, answer: Answer, now_ms: int) -> str:
    """Apply the answer, or set it aside; returns the effect: applied, late, or why it was set aside."""
    row = session.get(OrderRow, answer.order_id)
    if row is None or row.bank != endpoint:
        # the same word for both: a bank does not learn of other banks' orders
        raise BadInput("there is no such order for this endpoint", code="unknown_order")
    effect = _objection(row, answer) or _apply(session, row, answer, now_ms)
    session.add(
        AnswerRow(
            order_id=row.id, endpoint=endpoint, answer=answer.answer, amount_minor=answer.frozen_minor,
            at_ms=answer.at_ms, received_at_ms=now_ms, reason=answer.reason, effect=effect,
        )
    )  # fmt: skip
    timeline.add(
        session, row.case_id, f"answer.{answer.answer}" if effect == APPLIED else "answer.set_aside", endpoint, now_ms,
        row.id, answer.reason if effect == APPLIED else f"{answer.answer}: {effect}",
    )  # fmt: skip
    session.flush()
    return effect


def _objection(row: OrderRow, answer: Answer) -> str:
    """Why an answer does not belong to this order; empty when it does."""
    if row.approved_at_ms is None:
        return "never_sent"
    if (answer.account, answer.holder) != (row.account, row.holder):
        return "wrong_account"
    if answer.frozen_minor > row.amount_minor:
        return "more_than_ordered"
    if answer.answer == "frozen" and answer.frozen_minor != row.amount_minor:
        return "not_in_full"
    if answer.answer == "frozen_part" and not 0 < answer.frozen_minor < row.amount_minor:
        return "not_a_part"
    if answer.answer in ("frozen", "frozen_part") and answer.stop_at_ms is None:
        return "no_stop_time"
    return ""


def _apply(session: Session, row: OrderRow, answer: Answer, now_ms: int) -> str:
    verb = ANSWERS[answer.answer]
    if not ORDER.allows(OrderState(row.state), verb):
        return LATE
    if verb in (OrderVerb.FREEZE, OrderVerb.FREEZE_PART):
        is_open = row.freeze_state in (FreezeState.ORDERED, FreezeState.FROZEN)
        if answer.frozen_minor <= row.frozen_minor or not is_open:
            return LATE
        _freeze(session, row, answer, now_ms)
    row.state = ORDER.after(OrderState(row.state), verb)
    row.reason = answer.reason or row.reason
    if verb is not OrderVerb.ACKNOWLEDGE:
        row.answered_at_ms = row.answered_at_ms or now_ms
    if verb in (OrderVerb.REFUSE, OrderVerb.FIND_GONE):
        stop_ledger.write(session, row, Entry(FreezeVerb.CLOSE, 0, now_ms), row.bank, answer.answer)
        orders.free_slot(session, row.id)
    _keep_hops(session, row, answer)
    session.flush()
    return APPLIED


def _freeze(session: Session, row: OrderRow, answer: Answer, now_ms: int) -> None:
    # The 48 hours run from the bank's own moment of the stop; one it claims for the future counts from now.
    stopped = min(answer.stop_at_ms or now_ms, now_ms)
    more = answer.frozen_minor - row.frozen_minor
    stop_ledger.write(session, row, Entry(FreezeVerb.FREEZE, more, now_ms, stopped + STOP_MS), row.bank)
    row.frozen_at_ms = row.frozen_at_ms or stopped


def _keep_hops(session: Session, row: OrderRow, answer: Answer) -> None:
    known = set(session.scalars(select(NextHopRow.transfer_id).where(NextHopRow.order_id == row.id)))
    for hop in answer.next_hops:
        if hop.transfer_id not in known:
            known.add(hop.transfer_id)
            session.add(NextHopRow(order_id=row.id, transfer_id=hop.transfer_id, bank=hop.bank, account=hop.account,
                                   holder=hop.holder, amount_minor=hop.amount_minor, at_ms=hop.at_ms))  # fmt: skip


def _hops(said: Any) -> tuple[Hop, ...]:
    if not isinstance(said, list) or len(said) > MAX_HOPS or not all(isinstance(item, dict) for item in said):
        raise BadInput(f"next_hops must be a list of at most {MAX_HOPS} objects", code="bad_message")
    return tuple(
        Hop(
            _text(item, "transfer_id", 128), _text(item, "bank", 64), _text(item, "account", 128),
            _text(item, "holder", 200), _number(item, "amount_minor"), _time(item, "at_ms"),
        )
        for item in said
    )  # fmt: skip


def _text(said: Mapping[str, Any], name: str, most: int, default: str | None = None) -> str:
    value = said.get(name, default)
    if not isinstance(value, str) or len(value) > most or "\x00" in value or (default is None and not value):
        raise BadInput(f"{name} must be a text of at most {most} characters", code="bad_message")
    return value


def _time(said: Mapping[str, Any], name: str) -> int:
    value = _number(said, name)
    if value > LAST_MS:
        raise BadInput(f"{name} must be a time in milliseconds since 1970", code="bad_message")
    return value


def _number(said: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = said.get(name, default)
    if type(value) is not int or not 0 <= value <= MAX_MINOR:
        raise BadInput(f"{name} must be a whole number from 0", code="bad_message")
    return value
