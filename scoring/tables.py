"""Tables of money in flight: scored transfers, holds, rule sets, overrides, lists, warnings; SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import SERIAL, Base


class ScoredTransferRow(Base):
    """One transfer and what was answered. `number` is its journal record; `final` is empty while a hold is open.

    `packed` keeps the sentences in `said` for other languages (`journaled.said_of`); None in rows older than it.
    """

    __tablename__ = "scored_transfer"
    __table_args__ = (
        Index("ix_scored_transfer_alert", "alert_state", "scored_at_ms"),
        Index("ix_scored_transfer_payer", "payer", "at_ms"),
        Index("ix_scored_transfer_payee", "payee", "at_ms"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, index=True)
    decision_id: Mapped[str] = mapped_column(String(40))
    key_id: Mapped[str] = mapped_column(String(40))
    payer: Mapped[str] = mapped_column(String(128))
    payee: Mapped[str] = mapped_column(String(128))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    scored_at_ms: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str] = mapped_column(String(12))
    score: Mapped[float] = mapped_column(Float)
    final: Mapped[str] = mapped_column(String(12))
    rule_set: Mapped[str] = mapped_column(String(32))
    transfer: Mapped[str] = mapped_column(Text)
    said: Mapped[str] = mapped_column(Text)
    packed: Mapped[str | None] = mapped_column(Text, default=None)
    alert_state: Mapped[str] = mapped_column(String(12))
    alert_by: Mapped[str] = mapped_column(String(64), default="")
    alert_note: Mapped[str] = mapped_column(String(500), default="")


class JournalMarkRow(Base):
    """Up to which journal record the tables are written; in the same transaction as what it covers."""

    __tablename__ = "journal_mark"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class HoldRow(Base):
    """One hold. `version` counts its steps: whoever saw an older one has lost. `packed` keeps `reason` for other languages."""

    __tablename__ = "transfer_hold"
    __table_args__ = (Index("ix_transfer_hold_open", "state", "until_ms"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    transfer_id: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    payer: Mapped[str] = mapped_column(String(128), index=True)
    payee: Mapped[str] = mapped_column(String(128))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(Text)
    packed: Mapped[str | None] = mapped_column(Text, default=None)
    state: Mapped[str] = mapped_column(String(12))
    started_ms: Mapped[int] = mapped_column(BigInteger)
    until_ms: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(64), default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)
    appeal: Mapped[str] = mapped_column(String(8), default="")
    key_id: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer, default=1)
    changed_at_ms: Mapped[int] = mapped_column(BigInteger)


class HoldStepRow(Base):
    """One step of a hold; never changed."""

    __tablename__ = "transfer_hold_step"

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    hold_id: Mapped[str] = mapped_column(String(40), index=True)
    verb: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(500))


class ChallengeRow(Base):
    """One verification in progress: which verifier, a salted hash of what is expected, how many tries."""

    __tablename__ = "hold_challenge"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    hold_id: Mapped[str] = mapped_column(String(40), index=True)
    verifier: Mapped[str] = mapped_column(String(32))
    expected: Mapped[str] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    until_ms: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12))


class RuleSetRow(Base):
    """One version of the rules. Proposed by one person, decided by another; the newest approved one is in force."""

    __tablename__ = "rule_set"

    version: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12), index=True)
    proposed_by_id: Mapped[str] = mapped_column(String(40))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at_ms: Mapped[int] = mapped_column(BigInteger)
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    backtest: Mapped[str] = mapped_column(Text, default="")


class OverrideRow(Base):
    """An approved exception for a payer and a payee until a day; it beats every block but a hard one."""

    __tablename__ = "score_override"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    payer: Mapped[str] = mapped_column(String(128))
    payee: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(String(500))
    proposed_by_id: Mapped[str] = mapped_column(String(40))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at_ms: Mapped[int] = mapped_column(BigInteger)
    approved_by: Mapped[str] = mapped_column(String(64), default="")
    approved_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    expires_at_ms: Mapped[int] = mapped_column(BigInteger)
    ended_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)


class ListEntryRow(Base):
    """One entry of a list: an account, phone, device or address that is not to be trusted. Ends by date or removal."""

    __tablename__ = "list_entry"
    __table_args__ = (UniqueConstraint("list", "kind", "value", name="uq_list_entry"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    list: Mapped[str] = mapped_column(String(16), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(128), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    added_by: Mapped[str] = mapped_column(String(64))
    added_at_ms: Mapped[int] = mapped_column(BigInteger)
    expires_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    removed_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    removed_by: Mapped[str] = mapped_column(String(64), default="")
    close_state: Mapped[str] = mapped_column(String(12), default="")
    close_institution: Mapped[str] = mapped_column(String(128), default="")
    close_asked_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    close_ended_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    close_note: Mapped[str] = mapped_column(String(500), default="")


class BankWebhookRow(Base):
    """Where a machine's holds are told: the outbox endpoint of its bank."""

    __tablename__ = "bank_webhook"

    key_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(64))


class WarningOptOutRow(Base):
    """An account whose holder wants no warnings."""

    __tablename__ = "warning_opt_out"

    account: Mapped[str] = mapped_column(String(128), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(64))


class WarningListRow(Base):
    """One targeted warning list as it was made: whom, why, by whom; `accounts` is a JSON array of ids."""

    __tablename__ = "warning_list"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500))
    region: Mapped[str] = mapped_column(String(64))
    finding_id: Mapped[str] = mapped_column(String(128))
    accounts: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    opted_out: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at_ms: Mapped[int] = mapped_column(BigInteger)
    sent_to: Mapped[str] = mapped_column(String(64), default="")
