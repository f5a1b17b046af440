"""Ledger tables in the system database: one row a batch, never updated, never deleted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class BatchRow(Base):
    """One committed batch. `manifest` lists its Parquet parts; the counts are rows of the input."""

    __tablename__ = "ledger_batch"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(BigInteger, "postgresql"), primary_key=True, autoincrement=False
    )
    source: Mapped[str] = mapped_column(String(1024))
    format: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(128), unique=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(200))
    rows_read: Mapped[int] = mapped_column(BigInteger)
    rows_loaded: Mapped[int] = mapped_column(BigInteger)
    rows_duplicate: Mapped[int] = mapped_column(BigInteger)
    rows_rejected: Mapped[int] = mapped_column(BigInteger)
    manifest: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    warnings: Mapped[list[str]] = mapped_column(JSON)
