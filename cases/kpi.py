"""Key figures: each with definition, formula, owner and its one query. Sums are minor units, shares are from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.dialects import sqlite

from cases.case_tables import CaseRow, VictimRow
from cases.lead_tables import LeadRow
from cases.order_tables import OrderRow

WEEK_MS = 7 * 86_400_000
#: Monday 1970-01-05 in Shanghai is where weeks are counted from.
FIRST_MONDAY_MS = 4 * 86_400_000 - 8 * 3_600_000
GROUPS = ("all", "week", "region", "typology")
Build = Callable[[], tuple[ColumnElement[Any], ColumnElement[Any] | None, Select[Any], Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure. `unit` is count, money, share, minutes or layers; `goal` is what is wanted of it, None for no goal.

    `definition` says what it tells and what counts, `formula` how it is reckoned.
    """

    name: str
    unit: str
    goal: float | None
    owner: str
    definition: str
    formula: str
    _parts: Build

    def query(self, group: str, from_ms: int, to_ms: int) -> Select[Any]:
        """Columns `grp`, `part`, `whole` (None for a sum alone) for [from_ms, to_ms)."""
        part, whole, base, at, region, typology = self._parts()
        by = {"week": (at - FIRST_MONDAY_MS) // WEEK_MS, "region": region, "typology": typology}.get(group, literal(""))
        key = by.label("grp")
        divisor = whole if whole is not None else literal(None)
        columns = base.with_only_columns(key, part.label("part"), divisor.label("whole"), maintain_column_froms=True)
        return columns.where(at >= from_ms, at < to_ms).group_by(key).order_by(key)

    def sql(self, group: str = "all", from_ms: int = 0, to_ms: int = 1) -> str:
        """The query as text, to be shown, in SQLite's words."""
        text = self.query(group, from_ms, to_ms).compile(
            dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
        )  # type: ignore[no-untyped-call]
        return str(text)


def _count(condition: Any) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _cases(part: ColumnElement[Any], whole: ColumnElement[Any] | None = None) -> Build:
    return lambda: (
        part,
        whole,
        select(CaseRow).where(CaseRow.state != "merged"),
        CaseRow.opened_at_ms,
        CaseRow.region,
        CaseRow.typology,
    )


def _victims(part: ColumnElement[Any], whole: ColumnElement[Any] | None = None) -> Build:
    base = select(VictimRow).join(CaseRow, CaseRow.id == VictimRow.case_id)
    return lambda: (part, whole, base, CaseRow.opened_at_ms, CaseRow.region, CaseRow.typology)


def _orders(part: ColumnElement[Any], whole: ColumnElement[Any] | None = None, where: Any = None) -> Build:
    base = select(OrderRow).join(CaseRow, CaseRow.id == OrderRow.case_id).where(OrderRow.approved_at_ms.is_not(None))
    base = base if where is None else base.where(where)
    return lambda: (part, whole, base, CaseRow.opened_at_ms, CaseRow.region, CaseRow.typology)


def _leads(part: ColumnElement[Any], whole: ColumnElement[Any] | None = None, where: Any = None) -> Build:
    base = select(LeadRow) if where is None else select(LeadRow).where(where)
    return lambda: (part, whole, base, LeadRow.received_at_ms, LeadRow.region, LeadRow.typology)


def _recovery() -> tuple[Any, ...]:
    held = OrderRow.held_minor + OrderRow.for_return_minor + OrderRow.returned_minor
    kept = (
        select(func.coalesce(func.sum(held), 0))
        .where(OrderRow.case_id == CaseRow.id)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    lost = (
        select(func.coalesce(func.sum(VictimRow.loss_minor), 0))
        .where(VictimRow.case_id == CaseRow.id)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    base = select(CaseRow).where(CaseRow.state != "merged")
    return func.sum(kept), func.sum(lost), base, CaseRow.opened_at_ms, CaseRow.region, CaseRow.typology


def _to_stop() -> tuple[Any, ...]:
    base = select(OrderRow).join(CaseRow, CaseRow.id == OrderRow.case_id).join(LeadRow, LeadRow.id == OrderRow.lead_id)
    base = base.where(OrderRow.frozen_at_ms.is_not(None))
    return (
        func.sum(OrderRow.frozen_at_ms - LeadRow.received_at_ms), func.count() * 60_000, base, CaseRow.opened_at_ms,
        CaseRow.region, CaseRow.typology,
    )  # fmt: skip


_ADOPTED = LeadRow.state == "adopted"
_TRACED = LeadRow.traced_at_ms.is_not(None) & (LeadRow.trace_failed == "")
KPIS: tuple[Kpi, ...] = (
    Kpi("cases", "count", None, "duty officer",
        "How much came in: every case opened in the window, by the day it was opened; a case merged into another is not counted twice",
        "cases opened, merged ones left out", _cases(func.count(CaseRow.id))),
    Kpi("loss", "money", None, "duty officer",
        "What victims say they lost, in the cases opened in the window, whether or not it is found again",
        "sum of victims' claimed losses", _victims(func.sum(VictimRow.loss_minor))),
    Kpi("frozen", "money", None, "stop-payment desk",
        "What banks reported stopped by orders of these cases, at its highest: later releases and returns do not lower it",
        "sum of money ever frozen by orders", _orders(func.sum(OrderRow.frozen_minor))),
    Kpi("returned", "money", None, "returns desk",
        "What banks reported paid back to the victims of these cases; money for the police account is not in it",
        "sum of money paid back to victims", _victims(func.sum(VictimRow.returned_minor))),
    Kpi("recovery_rate", "share", 0.25, "head of the centre",
        "How much of the victims' loss is safe: still held, set free for a return, or returned; money let go does not count",
        "(held + set free for return + returned) / loss", _recovery),
    Kpi("precision", "share", 0.95, "analysis",
        "How often the product was right where it followed money: of the traced leads two persons decided, those they adopted",
        "traced leads adopted / traced leads adopted or dismissed",
        _leads(_count(_ADOPTED), func.count(LeadRow.id), LeadRow.state.in_(("adopted", "dismissed")) & _TRACED)),
    Kpi("recall", "share", 0.95, "analysis",
        "How much of what is true the product finds: of the leads two persons adopted, those whose money it followed",
        "adopted leads whose money was traced / adopted leads",
        _leads(_count(_TRACED), func.count(LeadRow.id), _ADOPTED)),
    Kpi("minutes_to_stop", "minutes", 30, "stop-payment desk",
        "How fast money stops moving: from the lead's receipt to the moment the bank says its stop began, over the orders that froze any",
        "mean of (bank's moment of the stop - lead received)", _to_stop),
    Kpi("answers_within_2h", "share", 0.95, "stop-payment desk",
        "How many approved orders the banks answered with a result within the 2 hours they have; an acknowledgement is no result",
        "orders with the bank's result by the 2-hour clock / orders approved",
        _orders(_count(OrderRow.answered_at_ms <= OrderRow.due_at_ms), func.count(OrderRow.id))),
    Kpi("answers_within_1h", "share", 0.95, "duty officer",
        "How many leads a person took up or turned down within an hour of receipt; one not answered yet counts as late",
        "leads answered within 1 hour / leads",
        _leads(_count(LeadRow.answered_at_ms <= LeadRow.answer_due_ms), func.count(LeadRow.id))),
    Kpi("reports_within_2h", "share", 0.95, "duty officer",
        "How many leads a person had checked within 2 hours of receipt; one not checked yet counts as late",
        "leads verified within 2 hours / leads",
        _leads(_count(LeadRow.reported_at_ms <= LeadRow.report_due_ms), func.count(LeadRow.id))),
    Kpi("wrong_hold_rate", "share", 0.01, "legal",
        "How often innocent holders were stopped: of the orders that froze money, those let go as a mistake",
        "freezes let go as wrong / freezes",
        _orders(_count(OrderRow.wrong_hold.is_(True)), func.count(OrderRow.id), OrderRow.frozen_minor > 0)),
    Kpi("layers", "layers", None, "analysis",
        "How far down the chain orders reach: the hop at which their account got the money",
        "mean layer of approved orders, the first payee is 1",
        _orders(func.sum(OrderRow.layer), func.count(OrderRow.id))),
)  # fmt: skip
#: Of these less is better.
LOW_IS_GOOD = frozenset({"minutes_to_stop", "wrong_hold_rate"})
