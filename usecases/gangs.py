"""Gangs as pages: the list of the last run, one gang's profile with its history, and risk by area and hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.verdicts import Status
from core.errors import NotFound
from graph.model import Node
from graph.queries import findings as finding_queries
from graph.queries import gangs as queries
from graph.sentences import details_of
from security.roles import Actor, Permission
from usecases import privacy, verdicts
from usecases.auditing import audited
from usecases.services import Services
from usecases.verdicts import Standing

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess at the kind of fraud; `label` is empty when it was withheld, `hint` is then the likeliest."""

    label: str
    hint: str
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gang:
    """One gang as a run found it. Money in minor units of `currency`; `change` is what became of it since the run before."""

    id: str
    finding_id: str
    run_id: str
    title: str
    score: float
    change: str
    parents: tuple[str, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]
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
    typology: Guess | None
    status: Status


@dataclass(frozen=True, slots=True)
class Day:
    """Money of one day: from victims, out of the gang, and what it then holds of it."""

    day: str
    in_minor: int
    out_minor: int
    kept_minor: int


@dataclass(frozen=True, slots=True)
class Wording:
    """Messages of one wording. `text` is an example, empty without the right to read the network or when it is gone."""

    messages: int
    similarity: float
    words: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """When an account first and last moved the gang's money, and its role."""

    account: str
    role: str
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything the page of one gang shows. `hours` has a row a weekday from Monday, a column an hour in `timezone`.

    `history` are the same gang's findings of earlier runs, latest first; `is_current` is False when the last run no longer found it.
    """

    gang: Gang
    is_current: bool
    members: tuple[finding_queries.Member, ...]
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    hours: tuple[tuple[int, ...], ...]
    timezone: str
    member_regions: Mapping[str, int]
    victim_regions: Mapping[str, int]
    ages: Mapping[str, int]
    days: tuple[Day, ...]
    wordings: tuple[Wording, ...]
    timeline: tuple[Entry, ...]
    history: tuple[Gang, ...]
    standing: Standing
    omitted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """One region: accounts in all, gangs' accounts and likely victims there, and victims by gang."""

    region: str
    accounts: int
    members: int
    victims: int
    by_gang: Mapping[str, int]

    @property
    def members_per_mille(self) -> float:
        """Gangs' accounts per thousand accounts of the region."""
        return round(1000 * self.members / self.accounts, 2) if self.accounts else 0.0

    @property
    def victims_per_mille(self) -> float:
        """Likely victims per thousand accounts of the region."""
        return round(1000 * self.victims / self.accounts, 2) if self.accounts else 0.0


@dataclass(frozen=True, slots=True)
class AreaRisk:
    """Risk by area and by hour of the gangs of the last run, the riskiest area first."""

    areas: tuple[Area, ...]
    hours: tuple[tuple[int, ...], ...]
    timezone: str
    gangs: tuple[Gang, ...]


def list_gangs(services: Services, actor: Actor) -> list[Gang]:
    """Gangs of the last run that found any, most suspicious first. Raises NotAllowed."""
    with audited(services, actor, Permission.FINDINGS_READ, "gang.list"):
        return [gang for gang, _ in _current(services, actor)]


def profile(services: Services, actor: Actor, gang_id: str) -> Profile:
    """One gang as its latest run found it, with its history. Raises NotFound, NotAllowed."""
    with audited(services, actor, Permission.FINDINGS_READ, "gang.read", f"Gang:{gang_id}") as said:
        nodes = queries.of_runs(services.store)
        own = [node for node in nodes if details_of(node).get("gang_id") == gang_id]
        if not own:
            raise NotFound(f"there is no gang {gang_id!r}")
        latest = own[0]
        view = finding_queries.finding(services.store, latest.id)
        members = view.members if view else ()
        told = details_of(latest)
        callers = [node.id for node, role, *_ in members if node.label == "Phone" and role == "caller"]
        may_read = actor.may(Permission.GRAPH_READ)
        said.update(finding=latest.id, messages=bool(may_read and told.get("scripts")))
        status = verdicts.statuses(services, actor, [node.id for node in own])
        gangs = [_gang(node, status[node.id]) for node in own]
        return Profile(
            gangs[0], latest.properties["run_id"] == nodes[0].properties["run_id"], tuple(members),
            tuple(latest.properties.get("reasons") or ()), tuple(latest.properties.get("against") or ()), _hours(told), str(told.get("timezone", "UTC")),
            dict(told.get("regions", {}).get("members", {})), dict(told.get("regions", {}).get("victims", {})), dict(told.get("ages", {})),
            tuple(Day(**day) for day in told.get("days", [])), _wordings(services, told, callers if may_read else []),
            tuple(Entry(item["account"], item["role"], item["first_ms"], item["last_ms"]) for item in told.get("timeline", [])),
            tuple(gangs[1:]), verdicts.standing(services, actor, latest.id), (*told.get("omitted", ()), *(view.omitted if view else ())),
        )  # fmt: skip


def area_risk(services: Services, actor: Actor, typology: str = "", adopted_only: bool = False) -> AreaRisk:
    """Gangs' accounts and likely victims by region and hour; of one kind of fraud, or of adopted gangs only. Raises NotAllowed."""
    with audited(
        services, actor, Permission.FINDINGS_READ, "area.read", typology=typology, adopted_only=adopted_only or None
    ):
        chosen = [
            (gang, told) for gang, told in _current(services, actor)
            if (not typology or (gang.typology is not None and gang.typology.label == typology)) and (not adopted_only or gang.status is Status.ADOPTED)
        ]  # fmt: skip
        every = queries.accounts_by_region(services.store)
        members, victims, by_gang = dict[str, int](), dict[str, int](), dict[str, dict[str, int]]()
        for gang, told in chosen:
            regions = told.get("regions", {})
            for region, count in regions.get("members", {}).items():
                members[region] = members.get(region, 0) + count
            for region, count in regions.get("victims", {}).items():
                victims[region] = victims.get(region, 0) + count
                by_gang.setdefault(region, {})[gang.id] = count
        names = {region or UNKNOWN for region in every} | set(members) | set(victims)
        areas = [
            Area(name, every.get("" if name == UNKNOWN else name, 0), members.get(name, 0), victims.get(name, 0), by_gang.get(name, {}))
            for name in names
        ]  # fmt: skip
        areas.sort(key=lambda area: (-(area.members_per_mille + area.victims_per_mille), area.region))
        tables = [_hours(told) for _, told in chosen]
        hours = tuple(tuple(sum(table[day][hour] for table in tables) for hour in range(24)) for day in range(7))
        zone = str(chosen[0][1].get("timezone", "UTC")) if chosen else services.settings.timezone
        return AreaRisk(tuple(areas), hours, zone, tuple(gang for gang, _ in chosen))


def _current(services: Services, actor: Actor) -> list[tuple[Gang, dict[str, Any]]]:
    nodes = queries.of_runs(services.store, most_runs=1)
    status = verdicts.statuses(services, actor, [node.id for node in nodes])
    return [(_gang(node, status[node.id]), details_of(node)) for node in nodes]


def _gang(node: Node, status: Status) -> Gang:
    told, own = details_of(node), node.properties
    guess = told.get("typology")
    names = {name: tuple(str(item) for item in told.get(name, ())) for name in ("parents", "joined", "left")}
    counts = {
        name: int(told.get(name, 0))
        for name in ("accounts", "victims", "things", "callers", "taken_minor", "kept_minor")
    }
    return Gang(
        id=str(told.get("gang_id", node.id)), finding_id=node.id, run_id=own["run_id"], title=own["title"], score=float(own["score"]),
        change=str(told.get("status", "")), currency=str(told.get("currency") or own.get("currency") or ""),
        starts_ms=own.get("starts_ms"), ends_ms=own.get("ends_ms"), found_ms=int(own["created_at_ms"]), status=status,
        typology=Guess(guess["label"], guess["hint"], float(guess["probability"]), tuple(guess["reasons"])) if guess else None,
        **names, **counts,  # type: ignore[arg-type]
    )  # fmt: skip


def _hours(told: Mapping[str, Any]) -> tuple[tuple[int, ...], ...]:
    table = told.get("hours") or [[0] * 24] * 7
    return tuple(tuple(int(count) for count in row) for row in table)


def _wordings(services: Services, told: Mapping[str, Any], callers: Sequence[str]) -> tuple[Wording, ...]:
    scripts = told.get("scripts", [])
    examples = queries.messages(services.store, (item["example_id"] for item in scripts), callers)
    texts = {rel.id: str(rel.properties.get("text") or "") for rel in privacy.rels(examples)}
    return tuple(
        Wording(
            int(item["messages"]), float(item["similarity"]), tuple(item["words"]), texts.get(item["example_id"], "")
        )
        for item in scripts
    )
