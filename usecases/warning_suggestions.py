"""Which areas and groups a warning is due for: suggested from the gangs of the last run, made and sent by a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from cases.verdicts import Status
from core.clock import now_ms
from core.db import transaction
from core.errors import StoreUnavailable
from scoring.tables import WarningListRow
from security.roles import Actor, Permission
from usecases import gangs
from usecases.auditing import audited
from usecases.gangs import UNKNOWN, Area
from usecases.services import Services

#: An area with at least so many likely victims, and at least so many times as many per thousand accounts as all areas together.
LEAST_VICTIMS, TIMES_USUAL = 5, 2.0
#: Gangs that are new or grow, with at least so many likely victims.
LEAST_OF_A_GANG = 3
#: People who were warned are left in peace for so long.
QUIET_MS = 30 * 86_400_000
MOST = 10


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A region, or a gang's finding, with its likely victims; `times` how far above the usual an area is, 0 for a gang."""

    region: str
    finding_id: str
    name: str
    victims: int
    times: float


def suggested(services: Services, actor: Actor, at_ms: int | None = None) -> list[Suggestion]:
    """Areas first, the riskiest at the top, then gangs; none that was warned about within QUIET_MS. Raises NotAllowed.

    Empty while the graph store does not answer: lists can be made by hand all the same.
    """
    with audited(services, actor, Permission.WARNINGS_MAKE, "warning.suggest"):
        try:
            risk = gangs.area_risk(services, actor)
        except StoreUnavailable:
            return []
        since = (now_ms() if at_ms is None else at_ms) - QUIET_MS
        with transaction(services.engine) as session:
            recent = session.execute(
                select(WarningListRow.region, WarningListRow.finding_id).where(WarningListRow.made_at_ms >= since)
            ).all()
        warned = {name for pair in recent for name in pair if name}
        areas = [item for item in of_areas(risk.areas) if item.region not in warned]
        groups = [
            Suggestion("", gang.finding_id, gang.title, gang.victims, 0.0) for gang in risk.gangs
            if gang.change in ("born", "grew") and gang.victims >= LEAST_OF_A_GANG
            and gang.status is not Status.REJECTED and gang.finding_id not in warned
        ]  # fmt: skip
        return [*areas, *sorted(groups, key=lambda item: (-item.victims, item.finding_id))][:MOST]


def of_areas(areas: tuple[Area, ...]) -> list[Suggestion]:
    """Areas whose share of victims stands out, the most outstanding first. Pure."""
    victims, accounts = sum(area.victims for area in areas), sum(area.accounts for area in areas)
    usual = 1000 * victims / accounts if accounts else 0.0
    found = [
        Suggestion(area.region, "", area.region, area.victims, round(area.victims_per_mille / usual, 1))
        for area in areas
        if area.region != UNKNOWN and area.victims >= LEAST_VICTIMS and area.victims_per_mille >= TIMES_USUAL * usual
    ]
    return sorted(found, key=lambda item: (-item.times, item.region))
