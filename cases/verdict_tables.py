"""The table of verdicts on findings: rows are added, never changed; triggers refuse UPDATE and DELETE."""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, Float, Index, Integer, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from core.db import SERIAL, Base

#: SQLite only counts up by itself on INTEGER PRIMARY KEY.


class VerdictRow(Base):
    """One act of one person on one finding. `step` counts the acts on a finding from 1: two at once cannot both be next.

    What was judged is kept beside the act (kind, version, score, data, content), so that the record stands without the graph.
    """

    __tablename__ = "finding_verdict"
    __table_args__ = (
        UniqueConstraint("finding_id", "step", name="uq_finding_verdict_step"),
        Index("ix_finding_verdict_kind", "kind", "algorithm_version"),
    )

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    finding_id: Mapped[str] = mapped_column(String(64), index=True)
    step: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(64))
    algorithm_version: Mapped[str] = mapped_column(String(32))
    run_id: Mapped[str] = mapped_column(String(64))
    data_seq: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[float] = mapped_column(Float)
    content: Mapped[str] = mapped_column(String(64), index=True)
    verb: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    grounds: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(String(40), index=True)
    by_name: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)


_REFUSE = "verdicts are append-only"


def _after_create(dialect: str, statement: str) -> None:
    ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
    event.listen(VerdictRow.__table__, "after_create", ddl)


for _verb in ("UPDATE", "DELETE"):
    _after_create(
        "sqlite",
        f"CREATE TRIGGER finding_verdict_no_{_verb.lower()} BEFORE {_verb} ON finding_verdict "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
    )
_after_create(
    "postgresql",
    "CREATE OR REPLACE FUNCTION finding_verdict_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$",
)
_after_create(
    "postgresql",
    "CREATE TRIGGER finding_verdict_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON finding_verdict "
    "FOR EACH STATEMENT EXECUTE FUNCTION finding_verdict_refuse()",
)
