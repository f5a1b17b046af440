"""Tables of kept views, shares, query cards and detectors, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class ViewRow(Base):
    """A view of the explorer: keys, places, filters, notes as one JSON text. `is_draft`: the autosave, one a person."""

    __tablename__ = "saved_view"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner_id: Mapped[str] = mapped_column(String(40), index=True)
    owner_name: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)
    nodes: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
    is_draft: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    updated_at_ms: Mapped[int] = mapped_column(BigInteger)


class ShareRow(Base):
    """One thing shown to one person (by id) or one role, read-only."""

    __tablename__ = "share"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    object_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    to_kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    to_id: Mapped[str] = mapped_column(String(40), primary_key=True)


class QueryCardRow(Base):
    """What is known of a saved query beside its text: tags, and the label whose right-click menu offers it."""

    __tablename__ = "saved_query_card"

    query_id: Mapped[str] = mapped_column(ForeignKey("saved_query.id", ondelete="CASCADE"), primary_key=True)
    tags: Mapped[str] = mapped_column(String(400), default="")
    menu_label: Mapped[str] = mapped_column(String(32), default="")
    menu_parameter: Mapped[str] = mapped_column(String(64), default="")


class DetectorRow(Base):
    """One version of a query proposed as a detector, and what became of the proposal."""

    __tablename__ = "detector_version"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    cypher: Mapped[str] = mapped_column(Text)
    score: Mapped[float] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[str] = mapped_column(String(40))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at_ms: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), default="proposed")
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    decision_note: Mapped[str] = mapped_column(Text, default="")
