"""What a case is tied to besides its leads: findings, alerts and other cases. A case can be opened from the first two."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from cases import case_rows, timeline
from cases.case_rows import open_case
from cases.case_tables import CaseLinkRow
from core.errors import BadInput, NotFound
from core.message import Translate, render
from core.money import EXPONENT
from graph.queries import findings
from scoring.tables import ScoredTransferRow
from security.roles import Actor, Permission
from usecases.changing import changing
from usecases.services import Services

LINKS = ("finding", "alert", "case")
#: What a case can be opened from, and who may read it.
SOURCES = {"finding": Permission.FINDINGS_READ, "alert": Permission.ALERTS_READ}
_P = Permission


@dataclass(frozen=True, slots=True)
class _Source:
    """What the new case is called, and in which currency its money is."""

    title: str
    currency: str


def link(services: Services, actor: Actor, case_id: str, kind: str, target: str, reason: str) -> None:
    """Tie a finding, an alert or another case to a case; the same tie again is refused. Raises NotFound for what is not there."""
    if kind not in LINKS or not 1 <= len(target) <= 64:
        raise BadInput(f"a link is to one of {', '.join(LINKS)}, by its id")
    with changing(services, actor, _P.CASES_WORK, "case.link", case_id, kind=kind, other=target) as session:
        open_case(session, case_id)
        if kind == "case":
            case_rows.get(session, target)
            if target == case_id:
                raise BadInput("a case is not linked with itself")
        else:
            _source(services, actor, session, kind, target)
        _tie(session, actor, case_id, kind, target, reason, services.clock())


def open_from(
    services: Services, actor: Actor, kind: str, target: str, title: str = "", translate: Translate = str
) -> str:
    """Open a case from a finding or an alert and tie it to it; returns the case.

    Without a title it gets the finding's, in the language of `translate`. Raises NotFound, NotAllowed."""
    if kind not in SOURCES:
        raise BadInput(f"a case is opened from one of {', '.join(SOURCES)}, or from a lead")
    with changing(services, actor, _P.CASES_WORK, "case.open", target, kind=kind) as session:
        source, now = _source(services, actor, session, kind, target), services.clock()
        case = case_rows.new(
            session, (actor.id, actor.name), title or render(source.title, translate), now, currency=source.currency
        )
        _tie(session, actor, case.id, kind, target, "", now)
        return case.id


def _tie(session: Session, actor: Actor, case_id: str, kind: str, target: str, reason: str, now: int) -> None:
    row = CaseLinkRow(case_id=case_id, kind=kind, target=target, reason=reason[:1000], by_name=actor.name, at_ms=now)
    session.add(row)
    timeline.add(session, case_id, "case.linked", actor.name, now, target, reason)
    session.flush()


def _source(services: Services, actor: Actor, session: Session, kind: str, target: str) -> _Source:
    actor.need(SOURCES[kind])
    if kind == "alert":
        row = session.get(ScoredTransferRow, target)
        if row is None or not row.alert_state:
            raise NotFound("there is no such alert")
        return _Source(f"{row.payer} → {row.payee}", _currency(json.loads(row.transfer).get("currency")))
    view = findings.finding(services.store, target, limit=1)
    if view is None:
        raise NotFound("there is no such finding")
    told = view.node.properties
    return _Source(told.get("title") or target, _currency(told.get("currency")))


def _currency(said: object) -> str:
    return said if isinstance(said, str) and said in EXPONENT else "CNY"
