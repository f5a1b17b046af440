"""Gangs: accounts that likely work together, their victims, things and callers, as one profile that keeps its id across runs.

Accounts that the role scorecard says take part are tied by money that passes and things they share (Leiden); victims, shared
things and callers are added; the gang is matched to the last run's, so that it is born, grows, merges or splits. See docs/detection/gang.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from algorithms._base import Algorithm, Found, Member, Params, Task
from algorithms._gang_groups import Ground, Group, ground, groups
from algorithms._gang_identity import Relation, relate
from algorithms._gang_profile import hours, money_by_day, people, talk
from algorithms._omitted import not_listed
from algorithms._pattern import MAX_EVIDENCE, MAX_MEMBERS
from algorithms._projection import transfers
from algorithms._words import joined
from core.message import Amount, Said, say
from graph.port import GraphStore

Ints = NDArray[np.int64]
NAME = "gang"
_ORDER = (
    "controller",
    "mule",
    "collector",
    "cash_out",
    "exchanger",
    "unclear",
    "bystander",
    "victim",
    "caller",
    "shared_identifier",
)


class GangParams(Params):
    """Parameters of gangs."""

    min_probability: float = Field(0.5, ge=0, le=1, description="Least probability that an account takes part")
    min_members: int = Field(3, ge=2, description="Accounts of the smallest gang")
    resolution: float = Field(1.0, gt=0, description="Higher: more and smaller gangs")
    seed: int = Field(7, ge=0, description="Seed of the grouping; the same seed gives the same gangs")
    timezone: str = Field("Asia/Shanghai", description="Zone in which hours and days are told")
    limit: int = Field(500, ge=1, description="Most gangs reported, by money taken")


def find(task: Task, params: GangParams) -> list[Found]:
    """One finding per gang, most suspicious first; ties by money taken, then id."""
    task.progress(0.0, "roles of every account")
    if not transfers(task.store).n_accounts:
        return []
    on = ground(task)
    task.progress(0.5, "tying accounts to gangs")
    found = groups(on, params.min_probability, params.min_members, params.resolution, params.seed)
    table = on.here.money.table
    now = [frozenset(table.accounts(group.accounts)) for group in found]
    before = last_gangs(task.store)
    relations = relate(now, before)
    gone = sorted(set(before) - {parent for relation in relations for parent in (relation.gang_id, *relation.parents)})
    task.progress(0.7, "profiles")
    made = [
        _found(task.store, on, group, relation, gone, params) for group, relation in zip(found, relations, strict=True)
    ]
    made.sort(key=lambda item: (-item.score, -(item.amount_minor or 0), item.details["gang_id"]))
    if len(made) > params.limit:
        for item in made[: params.limit]:
            item.details["omitted"].append(say("{n} gangs were left out by the limit", n=len(made) - params.limit))
    return made[: params.limit]


def last_gangs(store: GraphStore) -> Mapping[str, frozenset[str]]:
    """Account ids (victims left out) of each gang of the last run that found any, by gang id."""
    rows = store.scan_nodes("Finding", ["id", "kind", "run_id", "created_at_ms", "details"])
    rows = rows.filter(pc.equal(rows["kind"], NAME))
    if not len(rows):
        return {}
    latest = max(zip(rows["created_at_ms"].to_pylist(), rows["run_id"].to_pylist(), strict=True))[1]
    rows = rows.filter(pc.equal(rows["run_id"], latest))
    ids = {
        name: json.loads(told or "{}").get("gang_id", name)
        for name, told in zip(rows["id"].to_pylist(), rows["details"].to_pylist(), strict=True)
    }
    ties = store.scan_rels("INVOLVES", ["role"], ("Finding", "Account"))
    ties = ties.filter(pc.is_in(ties["from_id"], value_set=rows["id"].combine_chunks()))
    members: dict[str, set[str]] = {}
    columns = (ties[name].to_pylist() for name in ("from_id", "to_id", "role"))
    for finding, account, role in zip(*columns, strict=True):
        if role != "victim":
            members.setdefault(ids[finding], set()).add(account)
    return {gang_id: frozenset(names) for gang_id, names in sorted(members.items())}


def _found(
    store: GraphStore, on: Ground, group: Group, relation: Relation, gone: list[str], params: GangParams
) -> Found:
    table = on.here.money.table
    currency = int(np.bincount(table.currency[group.taken]).argmax()) if len(group.taken) else int(table.currency[0])
    code = table.currencies[currency]
    taken = int(table.amount_minor[group.taken[table.currency[group.taken] == currency]].sum())
    inside = _inside(on, group)
    wordings, typology = talk(store, on, group)
    part = on.roles.taking_part[group.accounts]
    days = money_by_day(on, group, currency, params.timezone)
    members = _members(on, group)
    evidence = np.union1d(group.taken, inside)
    omitted = [
        *not_listed("members", len(members), MAX_MEMBERS),
        *not_listed("transfers", len(evidence), MAX_EVIDENCE),
    ]
    details: dict[str, Any] = {
        "gang_id": relation.gang_id, "status": relation.status, "parents": list(relation.parents), "joined": list(relation.joined),
        "left": list(relation.left), "gone": gone, "accounts": len(group.accounts), "victims": len(group.victims), "things": len(group.things),
        "callers": len(group.callers), "currency": code, "taken_minor": taken, "kept_minor": days[-1]["kept_minor"] if days else 0,
        "days": days, "hours": hours(table.at_ms[evidence], params.timezone), "timezone": params.timezone,
        **people(store, on, group), "scripts": wordings, "typology": typology, "timeline": _timeline(on, group, inside), "omitted": omitted,
    }  # fmt: skip
    others = sorted(set(table.currency[group.taken].tolist()) - {currency})
    if others:
        omitted.append(
            say("money in {currencies} is not in the sums", currencies=[table.currencies[other] for other in others])
        )
    title = say(
        "{accounts} accounts, {victims} likely victims, {money} taken",
        accounts=len(group.accounts),
        victims=len(group.victims),
        money=Amount(taken, code),
    )
    return Found(
        title, round(float(part.mean()), 4), tuple(members[:MAX_MEMBERS]), tuple(_reasons(on, group, relation, typology)), tuple(_against(on, group, part)),
        table.transfer_ids(evidence[:MAX_EVIDENCE]), taken, code,
        int(table.at_ms[evidence[0]]) if len(evidence) else None, int(table.at_ms[evidence[-1]]) if len(evidence) else None, details,
    )  # fmt: skip


def _inside(on: Ground, group: Group) -> Ints:
    """Rows of transfers between the gang's accounts."""
    table = on.here.money.table
    mine = np.zeros(table.n_accounts, np.bool_)
    mine[group.accounts] = True
    return np.flatnonzero(mine[table.src] & mine[table.dst] & (table.src != table.dst))


def _timeline(on: Ground, group: Group, inside: Ints) -> list[dict[str, Any]]:
    """When each account first and last moved the gang's money, in order of joining: who joined when."""
    table, rows = on.here.money.table, np.union1d(group.taken, inside)
    made = []
    for number, name in zip(group.accounts.tolist(), table.accounts(group.accounts), strict=True):
        own = rows[(table.src[rows] == number) | (table.dst[rows] == number)]
        if len(own):
            made.append(
                {
                    "account": name,
                    "first_ms": int(table.at_ms[own[0]]),
                    "last_ms": int(table.at_ms[own[-1]]),
                    "role": on.roles.role(number, 0.5)[0],
                }
            )
    return sorted(made, key=lambda item: (item["first_ms"], item["account"]))[:MAX_MEMBERS]


def _members(on: Ground, group: Group) -> list[Member]:
    called = say("called or texted several of the victims and was never called back")
    made = [
        *_accounts(on, group),
        *_victims(on, group),
        *(Member("Phone", phone, "caller", None, 0.7, called) for phone in on.talk.phones(group.callers)),
        *_things(on, group),
    ]
    return sorted(
        made, key=lambda member: (_ORDER.index(member.role), member.layer or 0, -(member.score or 0), member.id)
    )


def _accounts(on: Ground, group: Group) -> Iterator[Member]:
    table = on.here.money.table
    for number, name in zip(group.accounts.tolist(), table.accounts(group.accounts), strict=True):
        role, chance = on.roles.role(number, 0.5)
        pro, _ = on.roles.reasons(number, role if role != "unclear" else "mule", 2)
        # Without any reason the figure stands alone, with the colon it has always had.
        reason = say("{chance:.0%}: {why}", chance=chance, why=joined(pro) if pro else "")
        layer = round(float(on.roles.figures.layer[number])) or None
        yield Member("Account", name, role, layer, round(float(on.roles.taking_part[number]), 4), reason)


def _victims(on: Ground, group: Group) -> Iterator[Member]:
    table = on.here.money.table
    for number, name in zip(group.victims.tolist(), table.accounts(group.victims), strict=True):
        rows = int((table.src[group.taken] == number).sum())
        said = say("{n} first payments to the gang that went on within two days", n=rows)
        yield Member("Account", name, "victim", 0, 0.0, said)


def _things(on: Ground, group: Group) -> Iterator[Member]:
    for thing in group.things.tolist():
        kind = on.identity.kinds[int(on.identity.identifier_kind[thing])]
        id, score = on.identity.identifier_ids[thing].as_py(), round(float(on.tie[thing]) * 0.7, 4)
        yield Member(kind, id, "shared_identifier", None, score, say("several of its accounts use it"))


def _reasons(on: Ground, group: Group, relation: Relation, typology: dict[str, Any] | None) -> list[Said]:
    counts: dict[str, int] = {}
    for number in group.accounts.tolist():
        role = on.roles.role(number, 0.5)[0]
        counts[role] = counts.get(role, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    roles = [say("{n} {kind}", n=count, kind=say(role.replace("_", "-"))) for role, count in ranked]
    told = [say("roles by the scorecard: {roles}", roles=roles)]
    if n := len(group.things):
        told.append(say("{n} devices, phones or addresses are used by several of its accounts", n=n))
    if n := len(group.callers):
        told.append(say("{n} phones reached several of the victims and were never called back", n=n))
    if relation.status not in ("born", "same"):
        came, left = len(relation.joined), len(relation.left)
        told.append(
            say(
                "since the last run: {change}, {joined} joined, {left} left",
                change=say(relation.status),
                joined=came,
                left=left,
            )
        )
    if typology and typology["label"]:
        kind = say(typology["label"].replace("_", " "))
        told.append(
            say(
                "wording and payments look like {kind} ({probability:.0%})",
                kind=kind,
                probability=typology["probability"],
            )
        )
    return told


def _against(on: Ground, group: Group, part: NDArray[np.float64]) -> list[Said]:
    told = []
    if not len(group.things):
        told.append(say("its accounts share no device, phone or address: only money ties them"))
    if not len(group.victims):
        told.append(say("no victim is seen: the money may be the members' own"))
    if weak := int((part < 0.7).sum()):
        told.append(say("{n} of {all} accounts take part with less than 70% probability", n=weak, all=len(part)))
    unclear = sum(on.roles.role(number, 0.5)[0] == "unclear" for number in group.accounts.tolist())
    if unclear:
        told.append(say("the role of {n} accounts is unclear", n=unclear))
    return told


ALGORITHM = Algorithm(NAME, "1.0", "Gangs with roles and a lasting id", GangParams, find)
