"""Tables of saved evaluation reports and of the error rates that findings are shown with."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class ReportRow(Base):
    """One saved report; `content` is its JSON, `sha256` the hash of that text."""

    __tablename__ = "evaluation_report"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    created_by: Mapped[str] = mapped_column(String(64))
    form: Mapped[int] = mapped_column(Integer)
    summary: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)


class RateRow(Base):
    """Right of judged findings of one algorithm and version in one score band on one setting: the latest report that has it."""

    __tablename__ = "evaluation_rate"

    algorithm: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    setting: Mapped[str] = mapped_column(String(200), primary_key=True)
    low: Mapped[float] = mapped_column(Float, primary_key=True)
    high: Mapped[float] = mapped_column(Float)
    n_right: Mapped[int] = mapped_column(Integer)
    n_judged: Mapped[int] = mapped_column(Integer)
    measured_at_ms: Mapped[int] = mapped_column(BigInteger)
    report_id: Mapped[str] = mapped_column(ForeignKey("evaluation_report.id"), index=True)
