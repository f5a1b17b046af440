"""Saved reports: put by, listed, read again. Functions work inside the caller's transaction and never commit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import NotFound, StoreDamaged
from core.ids import fresh
from evaluation import error_rates
from evaluation.report import FORM, Report, from_json, to_json
from evaluation.tables import RateRow, ReportRow


@dataclass(frozen=True, slots=True)
class Saved:
    """One line of the list of reports."""

    id: str
    title: str
    created_at_ms: int
    created_by: str
    summary: str
    readable: bool


def keep(session: Session, report: Report, by: str) -> Saved:
    """Save a report and make its error rates those that findings are shown with."""
    text = to_json(report)
    row = ReportRow(
        id=fresh("eval"), title=report.title[:200], created_at_ms=report.created_at_ms, created_by=by[:64],
        form=report.form, summary=summary(report), sha256=_hash(text), content=text,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for rate in error_rates.of_report(report):
        session.execute(
            delete(RateRow).where(
                RateRow.algorithm == rate.algorithm, RateRow.version == rate.version,
                RateRow.setting == rate.setting[:200], RateRow.low == rate.low,
            )
        )  # fmt: skip
        session.add(
            RateRow(
                algorithm=rate.algorithm, version=rate.version, setting=rate.setting[:200], low=rate.low, high=rate.high,
                n_right=rate.right, n_judged=rate.of, measured_at_ms=report.created_at_ms, report_id=row.id,
            )
        )  # fmt: skip
    session.flush()
    return _saved(row)


def listed(session: Session, limit: int = 200) -> list[Saved]:
    """Saved reports, newest first."""
    query = select(ReportRow).order_by(ReportRow.created_at_ms.desc(), ReportRow.id.desc()).limit(limit)
    return [_saved(row) for row in session.scalars(query)]


def one(session: Session, id: str) -> tuple[Saved, Report]:
    """One report. Raises NotFound; StoreDamaged when its text is not what was saved or of a form no longer read."""
    row = session.get(ReportRow, id)
    if row is None:
        raise NotFound(f"there is no evaluation report {id!r}")
    if _hash(row.content) != row.sha256:
        raise StoreDamaged(f"evaluation report {id} is not what was saved: restore the system database from a backup")
    if row.form != FORM:
        raise StoreDamaged(f"evaluation report {id} was saved by another version of Ringtrace: evaluate again")
    return _saved(row), from_json(row.content)


def rates(session: Session, algorithms: set[str]) -> list[error_rates.Rate]:
    """Error rates of these algorithms as last measured here."""
    rows = session.scalars(
        select(RateRow).where(RateRow.algorithm.in_(sorted(algorithms))).order_by(RateRow.setting, RateRow.low)
    )
    return [
        error_rates.Rate(
            row.algorithm, row.version, row.setting, row.low, row.high, row.n_right, row.n_judged, row.measured_at_ms, row.report_id
        )
        for row in rows
    ]  # fmt: skip


def summary(report: Report) -> str:
    """Data and back-tests in one line."""
    parts = [f"{setting.name} ({len(setting.data)} data sets)" for setting in report.settings]
    return "; ".join([*parts, *(f"back-test on {item.data}" for item in report.backtests)])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _saved(row: ReportRow) -> Saved:
    return Saved(row.id, row.title, row.created_at_ms, row.created_by, row.summary, row.form == FORM)
