"""Scored transfers, their holds and alerts in the system database. Functions work inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.db import upsert
from core.message import pack
from scoring.journaled import Record, Resolved, Said, Scored, because, encode, said_of, told
from scoring.tables import HoldRow, JournalMarkRow, ScoredTransferRow
from scoring.transfer import Transfer, decoded, encoded

MARK = "flight"
_AT_ONCE = 500


def mark(session: Session) -> int:
    """Number of the last journal record the tables hold."""
    return int(session.scalar(select(JournalMarkRow.number).where(JournalMarkRow.name == MARK)) or 0)


def write(session: Session, records: Sequence[tuple[int, Record]]) -> int:
    """Write journal records the tables do not have yet, in order, and move the mark; returns how many were new."""
    done = mark(session)
    fresh = [(number, record) for number, record in records if number > done]
    if not fresh:
        return 0
    scored = [(number, record) for number, record in fresh if isinstance(record, Scored)]
    for start in range(0, len(scored), _AT_ONCE):
        part = scored[start : start + _AT_ONCE]
        _insert(session, ScoredTransferRow, [_row(number, record) for number, record in part])
        held = [_hold(record) for _, record in part if record.said.hold is not None]
        if held:
            _insert(session, HoldRow, held)
    for _, record in fresh:
        if isinstance(record, Resolved):
            session.execute(
                update(ScoredTransferRow).where(ScoredTransferRow.id == record.transfer.id).values(final=record.final)
            )
    _move_mark(session, fresh[-1][0], done)
    return len(fresh)


def find(session: Session, transfer_id: str) -> tuple[bytes, Said] | None:
    """A scored transfer's content and its answer, None when it was never scored."""
    row = session.get(ScoredTransferRow, transfer_id)
    return (encoded(decoded(row.transfer.encode())), said_of(row.said)) if row is not None else None


def ids(session: Session) -> Iterable[str]:
    """Ids of all scored transfers."""
    return session.scalars(select(ScoredTransferRow.id).execution_options(yield_per=10_000))


def pending(session: Session) -> list[Transfer]:
    """Transfers that wait for a decision, oldest first."""
    query = select(ScoredTransferRow.transfer).where(ScoredTransferRow.final == "").order_by(ScoredTransferRow.number)
    return [decoded(text.encode()) for text in session.scalars(query)]


def with_calls(session: Session, since_ms: int) -> list[Transfer]:
    """Transfers scored since then that came with a call of the payer, oldest first."""
    query = select(ScoredTransferRow.transfer).where(
        ScoredTransferRow.scored_at_ms >= since_ms, ScoredTransferRow.transfer.contains('"call":{', autoescape=True)
    )  # fmt: skip
    return [decoded(text.encode()) for text in session.scalars(query.order_by(ScoredTransferRow.number))]


def count(session: Session) -> int:
    """How many transfers were scored."""
    return int(session.scalar(select(func.count()).select_from(ScoredTransferRow)) or 0)


def _insert(session: Session, table: type[ScoredTransferRow] | type[HoldRow], rows: list[dict[str, object]]) -> None:
    """Rows whose id is there already are left as they are."""
    session.connection().execute(upsert(session, table).on_conflict_do_nothing(), rows)


def _move_mark(session: Session, number: int, before: int) -> None:
    if before:
        session.execute(update(JournalMarkRow).where(JournalMarkRow.name == MARK).values(number=number))
    else:
        session.add(JournalMarkRow(name=MARK, number=number))
    session.flush()


def _row(number: int, record: Scored) -> dict[str, object]:
    transfer, said = record.transfer, record.said
    return {
        "id": transfer.id, "number": number, "decision_id": said.decision_id, "key_id": record.key_id,
        "payer": transfer.payer, "payee": transfer.payee, "at_ms": transfer.at_ms, "scored_at_ms": said.scored_at_ms,
        "answer": said.answer, "score": said.score, "final": record.final, "rule_set": said.rule_set,
        "transfer": encoded(transfer).decode(), "said": encode(said).decode(), "packed": record.packed or None,
        "alert_state": "open" if said.alert else "", "alert_by": "", "alert_note": "",
    }  # fmt: skip


def _hold(record: Scored) -> dict[str, object]:
    transfer, said = record.transfer, record.said
    assert said.hold is not None
    reason = because(told(said, record.packed))
    return {
        "id": said.hold.id, "transfer_id": transfer.id, "kind": said.answer, "payer": transfer.payer,
        "payee": transfer.payee, "amount_minor": transfer.amount_minor, "currency": transfer.currency,
        "reason": str(reason), "packed": pack([reason]) if record.packed else None, "started_ms": said.scored_at_ms,
        "state": "waiting" if said.hold.needs == "verification" else "person", "until_ms": said.hold.until_ms,
        "owner": "", "failures": 0, "appeal": "", "key_id": record.key_id, "version": 1,
        "changed_at_ms": said.scored_at_ms,
    }  # fmt: skip
