"""Tables of cases and what gathers in them, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cases.columns import SERIAL
from core.db import Base


class CaseRow(Base):
    """A case: what belongs together and is worked on together."""

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_queue", "state", "opened_at_ms", "id"),
        Index("ix_case_file_owner", "owner_id", "opened_at_ms", "id"),
        Index("ix_case_file_newest", "opened_at_ms", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(16))
    typology: Mapped[str] = mapped_column(String(64), default="")
    region: Mapped[str] = mapped_column(String(64), default="")
    currency: Mapped[str] = mapped_column(String(8), default="CNY")
    owner_id: Mapped[str | None] = mapped_column(String(40), default=None)
    owner_name: Mapped[str] = mapped_column(String(64), default="")
    merged_into: Mapped[str | None] = mapped_column(String(40), default=None)
    opened_at_ms: Mapped[int] = mapped_column(BigInteger)
    closed_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    outcome: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own name


class CaseLinkRow(Base):
    """A finding, an alert or another case that belongs to a case. Leads carry their case themselves."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "target", name="uq_case_link"),
        Index("ix_case_link_target", "kind", "target"),
    )

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    by_name: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class CaseEventRow(Base):
    """One line of a case's timeline; lines are added, never changed. `facts` is JSON for the words of the page."""

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event_case", "case_id", "seq"),)

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(String(40))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(String(48))
    target: Mapped[str] = mapped_column(String(64), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    by_name: Mapped[str] = mapped_column(String(64))


class CaseViewRow(Base):
    """Who has looked at a case, and when first and last."""

    __tablename__ = "case_view"

    case_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_name: Mapped[str] = mapped_column(String(64))
    first_at_ms: Mapped[int] = mapped_column(BigInteger)
    last_at_ms: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int] = mapped_column(Integer, default=1)


class VictimRow(Base):
    """A victim of a case and the loss claimed; what came back is kept here for the next sharing."""

    __tablename__ = "case_victim"
    __table_args__ = (Index("ix_case_victim_case", "case_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40))
    lead_id: Mapped[str | None] = mapped_column(String(40), default=None, unique=True)
    name: Mapped[str] = mapped_column(String(200))
    account: Mapped[str] = mapped_column(String(128), default="")
    bank: Mapped[str] = mapped_column(String(64), default="")
    loss_minor: Mapped[int] = mapped_column(BigInteger)
    returned_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own name


class TaskRow(Base):
    """Something to do in a case, by somebody, until a time."""

    __tablename__ = "case_task"
    __table_args__ = (Index("ix_case_task_case", "case_id"), Index("ix_case_task_owner", "owner_id", "state"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[str | None] = mapped_column(String(40), default=None)
    owner_name: Mapped[str] = mapped_column(String(64), default="")
    due_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    made_at_ms: Mapped[int] = mapped_column(BigInteger)
    done_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own name


class EvidenceRow(Base):
    """A file as it was taken in: its SHA-256 is its proof, its type is what the bytes say."""

    __tablename__ = "case_evidence"
    __table_args__ = (
        Index("ix_case_evidence_case", "case_id"),
        Index("ix_case_evidence_lead", "lead_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str | None] = mapped_column(String(40), default=None)
    lead_id: Mapped[str | None] = mapped_column(String(40), default=None)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    scan: Mapped[str] = mapped_column(String(200))
    by_name: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger)
