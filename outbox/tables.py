"""Tables of endpoints, deliveries that go out and signed messages that came in, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class EndpointRow(Base):
    """Where deliveries go: a bank, a score consumer. Its signing secret is derived, not stored (outbox/signing.py)."""

    __tablename__ = "outbox_endpoint"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(500))
    key_version: Mapped[int] = mapped_column(Integer, default=1)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)


class DeliveryRow(Base):
    """One message to one endpoint. `idempotency_key` is what the receiver tells repeats by."""

    __tablename__ = "outbox_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint", "idempotency_key", name="uq_outbox_delivery_key"),
        Index("ix_outbox_delivery_due", "state", "due_at_ms"),
        Index("ix_outbox_delivery_subject", "kind", "subject"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(128))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    due_at_ms: Mapped[int] = mapped_column(BigInteger)
    """When the worker looks at it next; of one being sent, when its claim runs out."""
    give_up_at_ms: Mapped[int] = mapped_column(BigInteger)
    changed_at_ms: Mapped[int] = mapped_column(BigInteger)
    said: Mapped[str] = mapped_column(Text, default="")
    """What the receiver, or the failure, said last."""


class ReceivedRow(Base):
    """A signed message that came in; the key makes a replay visible."""

    __tablename__ = "outbox_received"

    endpoint: Mapped[str] = mapped_column(String(64), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    body_sha256: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(64), default="")


class EndpointChangeRow(Base):
    """A change of an endpoint, proposed by one person and decided by another; of an endpoint one waits at a time."""

    __tablename__ = "outbox_endpoint_change"
    __table_args__ = (
        Index(
            "uq_outbox_change_waiting", "endpoint", unique=True, sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200), default="")
    channel: Mapped[str] = mapped_column(String(16), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    why: Mapped[str] = mapped_column(Text)
    was_title: Mapped[str] = mapped_column(String(200), default="")
    was_channel: Mapped[str] = mapped_column(String(16), default="")
    was_address: Mapped[str] = mapped_column(String(500), default="")
    was_key_version: Mapped[int] = mapped_column(Integer, default=0)
    """Of the endpoint as the proposer saw it; 0 when there was none."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Raised by every edit, so that nobody approves what they have not seen."""
    state: Mapped[str] = mapped_column(String(16))
    proposed_by_id: Mapped[str] = mapped_column(String(40))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at_ms: Mapped[int] = mapped_column(BigInteger)
    expires_at_ms: Mapped[int] = mapped_column(BigInteger)
    decided_by_id: Mapped[str] = mapped_column(String(40), default="")
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    decision_note: Mapped[str] = mapped_column(Text, default="")
    key_version: Mapped[int] = mapped_column(Integer, default=0)
    """The secrets' version from the approval on."""
    shown_out_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    shown_in_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
