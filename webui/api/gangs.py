"""Gangs and risk by area."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from algorithms.typology.model import LABELS
from security.roles import Permission
from usecases import gangs as usecase
from webui.api._fields import Given
from webui.api._findings_models import MemberOut
from webui.context import actor, services
from webui.guard import needs

API = APIBlueprint("gangs", __name__, tag="Gangs")


class GuessOut(BaseModel):
    label: str = Field(description="Kind of fraud; empty when the guess is withheld")
    hint: str
    probability: float
    reasons: list[str]


class GangOut(BaseModel):
    id: str = Field(description="Stays the same across runs")
    finding_id: str
    run_id: str
    title: str
    score: float
    change: str = Field(description="Since the run before: born, same, grew, shrank, merged or split")
    parents: list[str]
    joined: list[str]
    left: list[str]
    accounts: int
    victims: int
    things: int
    callers: int
    currency: str
    taken_minor: int
    kept_minor: int
    starts_ms: int | None
    ends_ms: int | None
    found_ms: int
    typology: GuessOut | None
    status: str = Field(description="suggested until people adopt it")


class GangsOut(BaseModel):
    gangs: list[GangOut]


class GangDetailOut(BaseModel):
    gang: GangOut
    is_current: bool
    members: list[MemberOut]
    reasons: list[str]
    against: list[str]
    hours: list[list[int]] = Field(description="Events by weekday (from Monday) and hour")
    timezone: str
    member_regions: dict[str, int]
    victim_regions: dict[str, int]
    ages: dict[str, int]
    days: list[dict[str, Any]] = Field(description="Money by day: in_minor, out_minor, kept_minor")
    wordings: list[dict[str, Any]]
    timeline: list[dict[str, Any]] = Field(description="When each account first and last moved the gang's money")
    history: list[GangOut]
    omitted: list[str]


class AreaQuery(Given):
    typology: Literal["", *LABELS] = ""  # type: ignore[valid-type]
    adopted: bool = False


class AreaOut(BaseModel):
    region: str
    accounts: int
    members: int
    victims: int
    members_per_mille: float
    victims_per_mille: float
    by_gang: dict[str, int]


class AreasOut(BaseModel):
    areas: list[AreaOut]
    hours: list[list[int]]
    timezone: str
    gangs: list[str]


@API.get("/gangs")
@needs(Permission.FINDINGS_READ)
@API.output(GangsOut)
@API.doc(summary="Gangs of the last run, most suspicious first; each is a suggestion until people adopt it")
def list_gangs() -> GangsOut:
    return GangsOut(gangs=[_gang(gang) for gang in usecase.list_gangs(services(), actor())])


@API.get("/gangs/<id>")
@needs(Permission.FINDINGS_READ)
@API.output(GangDetailOut)
@API.doc(summary="One gang: roles, hours, regions, ages, wordings, money by day, growth")
def gang(id: str) -> GangDetailOut:
    found = usecase.profile(services(), actor(), id)
    members = [MemberOut.of(member) for member in found.members]
    return GangDetailOut(
        gang=_gang(found.gang), is_current=found.is_current, members=members, reasons=list(found.reasons), against=list(found.against),
        hours=[list(row) for row in found.hours], timezone=found.timezone, member_regions=dict(found.member_regions),
        victim_regions=dict(found.victim_regions), ages=dict(found.ages), days=[asdict(day) for day in found.days],
        wordings=[asdict(item) for item in found.wordings], timeline=[asdict(item) for item in found.timeline],
        history=[_gang(item) for item in found.history], omitted=list(found.omitted),
    )  # fmt: skip


@API.get("/areas")
@needs(Permission.FINDINGS_READ)
@API.input(AreaQuery, location="query", arg_name="query")
@API.output(AreasOut)
@API.doc(summary="Gangs' accounts and likely victims by region, and events by weekday and hour")
def areas(query: AreaQuery) -> AreasOut:
    risk = usecase.area_risk(services(), actor(), query.typology, query.adopted)
    return AreasOut(
        areas=[AreaOut(**asdict(area), members_per_mille=area.members_per_mille, victims_per_mille=area.victims_per_mille) for area in risk.areas],
        hours=[list(row) for row in risk.hours], timezone=risk.timezone, gangs=[gang.id for gang in risk.gangs],
    )  # fmt: skip


def _gang(found: usecase.Gang) -> GangOut:
    return GangOut.model_validate({**asdict(found), "status": found.status.value})
