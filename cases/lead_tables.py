"""Tables of leads and what was read out of them, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cases.columns import SERIAL
from core.db import Base


class LeadRow(Base):
    """What somebody reported. Who that was is sealed (`reporter_sealed`); `code_mac` finds the lead by the reporter's code."""

    __tablename__ = "lead"
    __table_args__ = (
        Index("ix_lead_queue", "state", "received_at_ms", "id"),
        Index("ix_lead_assignee", "assignee_id", "received_at_ms", "id"),
        Index("ix_lead_newest", "received_at_ms", "id"),
        Index("ix_lead_case", "case_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(8))
    """form or api"""
    outside_id: Mapped[str | None] = mapped_column(String(128), default=None, unique=True)
    """The sender's own number, with the sender's name before it: the same report twice is one lead."""
    outside_sha256: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    claimed_type: Mapped[str] = mapped_column(String(64), default="")
    typology: Mapped[str] = mapped_column(String(64), default="")
    """What was determined; before that, the guess, which `typology_why` explains."""
    typology_why: Mapped[str] = mapped_column(Text, default="")
    amount_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    currency: Mapped[str] = mapped_column(String(8), default="CNY")
    region: Mapped[str] = mapped_column(String(64), default="")
    occurred_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    received_at_ms: Mapped[int] = mapped_column(BigInteger)
    answer_due_ms: Mapped[int] = mapped_column(BigInteger)
    report_due_ms: Mapped[int] = mapped_column(BigInteger)
    answered_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    reported_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    case_id: Mapped[str | None] = mapped_column(String(40), default=None)
    assignee_id: Mapped[str | None] = mapped_column(String(40), default=None)
    assignee_name: Mapped[str] = mapped_column(String(64), default="")
    reporter_sealed: Mapped[str] = mapped_column(Text, default="")
    code_mac: Mapped[str | None] = mapped_column(String(64), default=None, unique=True)
    persons: Mapped[str] = mapped_column(Text, default="")
    grounds: Mapped[str] = mapped_column(Text, default="")
    is_fraud: Mapped[bool | None] = mapped_column(Boolean, default=None)
    determined_by: Mapped[str | None] = mapped_column(String(40), default=None)
    determined_by_name: Mapped[str] = mapped_column(String(64), default="")
    determined_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    confirmed_by_name: Mapped[str] = mapped_column(String(64), default="")
    confirmed_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    reject_reason: Mapped[str] = mapped_column(Text, default="")
    feedback: Mapped[str] = mapped_column(Text, default="")
    """What the reporter reads with the code."""
    reward_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    reward_grade: Mapped[str] = mapped_column(String(32), default="")
    trace_json: Mapped[str] = mapped_column(Text, default="")
    traced_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    trace_failed: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own name


class LeadItemRow(Base):
    """One thing read out of a lead's text, or added by a person; proposed until a person has checked it."""

    __tablename__ = "lead_item"
    __table_args__ = (Index("ix_lead_item_lead", "lead_id"), Index("ix_lead_item_value", "kind", "value"))

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    lead_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(200))
    raw: Mapped[str] = mapped_column(String(300))
    starts: Mapped[int] = mapped_column(Integer, default=-1)
    note: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(16))
    checked_by_name: Mapped[str] = mapped_column(String(64), default="")
