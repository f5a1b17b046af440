"""The key figures by API, each with definition, formula, owner and query."""

from __future__ import annotations

from typing import Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from cases.kpi import KPIS
from core.clock import LAST_MS
from security.roles import Permission
from usecases import kpis
from webui.api._fields import Given
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("kpis", __name__, tag="Casework")


class KpiQuery(Given):
    by: Literal["all", "week", "region", "typology"] = "all"
    from_ms: int = Field(0, ge=0, le=LAST_MS)
    to_ms: int = Field(LAST_MS, ge=1, le=LAST_MS)


class FigureOut(BaseModel):
    kpi: str
    group: str = Field(description="The ISO week, the region or the typology; empty where it is not known")
    value: float | None = Field(
        description="`part` / `whole`, or `part` alone; none where there is nothing to divide by"
    )
    part: int
    whole: int | None
    unit: str
    goal: float | None
    met: bool | None
    formula: str
    owner: str


class KpiOut(BaseModel):
    kpi: str
    definition: str
    formula: str
    owner: str
    unit: str
    goal: float | None
    query: str = Field(description="The query the figures were read by, in SQLite's words")


class FiguresOut(BaseModel):
    figures: list[FigureOut]
    kpis: list[KpiOut] = Field(description="What each figure is")


@API.get("/kpis")
@needs(Permission.CASES_READ)
@API.input(KpiQuery, location="query", arg_name="query")
@API.output(FiguresOut)
@API.doc(summary="Key figures, whole or by week, region or typology, with definition, formula, owner, goal and query")
def figures(query: KpiQuery) -> FiguresOut:
    asked = (query.by, query.from_ms, query.to_ms)
    found = kpis.figures(services(), actor(), *asked)
    return FiguresOut(
        figures=[
            FigureOut(
                kpi=item.kpi.name, group=item.group, value=item.value, part=item.part, whole=item.whole, unit=item.kpi.unit,
                goal=item.kpi.goal, met=item.met, formula=item.kpi.formula, owner=item.kpi.owner,
            )
            for item in found
        ],
        kpis=[
            KpiOut(
                kpi=kpi.name, definition=kpi.definition, formula=kpi.formula, owner=kpi.owner, unit=kpi.unit,
                goal=kpi.goal, query=kpi.sql(*asked),
            )
            for kpi in KPIS
        ],
    )  # fmt: skip
