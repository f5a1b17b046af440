"""What the reporter reads with the code, without an account: what became of the report, and the reward. Nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from cases import rewards
from cases.case_tables import VictimRow
from cases.lead_tables import LeadRow
from cases.order_tables import OrderRow
from core.db import transaction
from security import audit, sealing
from security.roles import Actor
from usecases.leads import sealing_key
from usecases.services import Services


@dataclass(frozen=True, slots=True)
class Outcome:
    """`step` is received, working or the outcome; money is of this report's case in minor units."""

    step: str
    received_at_ms: int
    frozen_minor: int
    returned_minor: int
    currency: str
    reward_grade: str
    reward_minor: int


def by_code(services: Services, typed: str, origin: str) -> Outcome | None:
    """The outcome of the report with this code, None for an unknown one; both take the same way and are on record.

    The code itself is kept nowhere: its keyed hash is looked up, so that time tells nothing of how much of it was right.
    """
    key = sealing_key(services)
    mac = sealing.mac(key, "code", sealing.normal_code(typed))
    with transaction(services.engine) as session:
        row = session.scalar(select(LeadRow).where(LeadRow.code_mac == mac))
        case_id = row.case_id if row is not None else None
        frozen = session.scalar(select(func.sum(OrderRow.frozen_minor)).where(OrderRow.case_id == (case_id or "")))
        returned = session.scalar(select(VictimRow.returned_minor).where(VictimRow.lead_id == (row.id if row else "")))
        nobody = Actor("", "reporter", frozenset(), origin)
        audit.append(session, nobody, "outcome.read", row.id if row else "", "ok" if row else "refused")
        if row is None:
            return None
        grades = rewards.parse(services.settings.reward_grades)
        grade, reward = rewards.reward(grades, int(frozen or 0)) if row.feedback == "adopted" else ("", 0)
        step = row.feedback or ("working" if row.assignee_id else "received")
        # before two persons have adopted it: who reports an accomplice's account must not learn that it is stopped
        shown = int(frozen or 0) if row.feedback == "adopted" else 0
        return Outcome(step, row.received_at_ms, shown, int(returned or 0), row.currency, grade, reward)
