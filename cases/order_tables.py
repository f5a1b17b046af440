"""Tables of stop-payment orders, their answers, the freeze ledger and returns, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cases.columns import SERIAL
from core.db import Base


class OrderRow(Base):
    """One order to one bank about one account. `version` counts changes: an approval names the one it saw."""

    __tablename__ = "stop_order"
    __table_args__ = (
        Index("ix_stop_order_queue", "state", "drafted_at_ms", "id"),
        Index("ix_stop_order_case", "case_id"),
        Index("ix_stop_order_account", "bank", "account"),
        Index("ix_stop_order_newest", "drafted_at_ms", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40))
    lead_id: Mapped[str | None] = mapped_column(String(40), default=None)
    parent_id: Mapped[str | None] = mapped_column(String(40), default=None)
    """The order whose bank named this account as the next hop."""
    layer: Mapped[int] = mapped_column(Integer, default=1)
    bank: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(128))
    holder: Mapped[str] = mapped_column(String(200))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(8))
    transfer_id: Mapped[str] = mapped_column(String(128), default="")
    transfer_at_ms: Mapped[int] = mapped_column(BigInteger)
    """When the money came in: the bank checks it."""
    grounds: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    drafted_by: Mapped[str] = mapped_column(String(40))
    drafted_by_name: Mapped[str] = mapped_column(String(64))
    drafted_at_ms: Mapped[int] = mapped_column(BigInteger)
    draft_until_ms: Mapped[int] = mapped_column(BigInteger)
    approved_by: Mapped[str | None] = mapped_column(String(40), default=None)
    approved_by_name: Mapped[str] = mapped_column(String(64), default="")
    approved_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    stop_number: Mapped[int | None] = mapped_column(Integer, default=None)
    due_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    reminded_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    escalated_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    answered_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    """When the bank's result came in; an acknowledgement alone is no result."""
    reason: Mapped[str] = mapped_column(Text, default="")
    delivery_id: Mapped[str | None] = mapped_column(String(40), default=None)
    freeze_state: Mapped[str] = mapped_column(String(16), default="")
    frozen_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    held_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    for_return_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    returned_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    let_go_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    frozen_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    frozen_until_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    wrong_hold: Mapped[bool] = mapped_column(Boolean, default=False)
    """A person found later that the account's holder had nothing to do with it."""
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own name


class StopSlotRow(Base):
    """A stop an account has, 1 or 2: the key keeps a third from ever being written (银发〔2016〕86号)."""

    __tablename__ = "stop_slot"

    bank: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(128), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[str] = mapped_column(String(48), unique=True)


class AnswerRow(Base):
    """A bank's answer as it came, also one that changed nothing; `effect` says why."""

    __tablename__ = "stop_answer"
    __table_args__ = (Index("ix_stop_answer_order", "order_id", "seq"),)

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    order_id: Mapped[str] = mapped_column(String(40))
    endpoint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    received_at_ms: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")
    effect: Mapped[str] = mapped_column(String(32))


class NextHopRow(Base):
    """Where a bank says that the money went: the stuff of the next orders."""

    __tablename__ = "stop_next_hop"
    __table_args__ = (UniqueConstraint("order_id", "transfer_id", name="uq_stop_next_hop"),)

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    order_id: Mapped[str] = mapped_column(String(40))
    transfer_id: Mapped[str] = mapped_column(String(128))
    bank: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(128))
    holder: Mapped[str] = mapped_column(String(200))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    next_order_id: Mapped[str | None] = mapped_column(String(40), default=None)


class FreezeEntryRow(Base):
    """One line of the freeze ledger; lines are added, never changed. `step` counts an order's lines from 1."""

    __tablename__ = "freeze_entry"
    __table_args__ = (UniqueConstraint("order_id", "step", name="uq_freeze_entry_step"),)

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    order_id: Mapped[str] = mapped_column(String(40))
    step: Mapped[int] = mapped_column(Integer)
    verb: Mapped[str] = mapped_column(String(24))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    until_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    by_name: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(200), default="")


class ReturnRow(Base):
    """A plan to give frozen money back, drafted by one and approved by another. `arithmetic` is JSON, shown as it was."""

    __tablename__ = "money_return"
    __table_args__ = (Index("ix_money_return_case", "case_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(8))
    money_minor: Mapped[int] = mapped_column(BigInteger)
    police_minor: Mapped[int] = mapped_column(BigInteger)
    arithmetic: Mapped[str] = mapped_column(Text)
    drafted_by: Mapped[str] = mapped_column(String(40))
    drafted_by_name: Mapped[str] = mapped_column(String(64))
    drafted_at_ms: Mapped[int] = mapped_column(BigInteger)
    approved_by_name: Mapped[str] = mapped_column(String(64), default="")
    approved_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own name


class ReturnLineRow(Base):
    """So much of one order's frozen money to one victim, or to the police account."""

    __tablename__ = "money_return_line"
    __table_args__ = (Index("ix_money_return_line_plan", "return_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    return_id: Mapped[str] = mapped_column(String(40))
    order_id: Mapped[str] = mapped_column(String(40))
    victim_id: Mapped[str] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    delivery_id: Mapped[str | None] = mapped_column(String(40), default=None)
    returned_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
