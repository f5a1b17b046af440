"""Communities in words and figures: members with roles, money in, out and inside, shared identifiers, active hours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from algorithms._base import Found, Member
from algorithms._community_roles import account_members
from algorithms._omitted import not_listed
from algorithms._projection import Int32, Int64
from core.clock import DAY_MS, HOUR_MS
from core.message import say

if TYPE_CHECKING:
    from algorithms.community import Communities, CommunityParams, Picture

#: Shared identifiers named in one finding.
MOST_IDENTIFIERS = 20


def describe(
    picture: Picture, result: Communities, ranked: Int64, params: CommunityParams, omitted: list[str], *, closed: bool = False
) -> list[Found]:  # fmt: skip
    """One finding for each of the groups `ranked`, in that order; `closed` ones are cut off from the rest.

    `omitted` is said in each: what the limit on their number left out.
    """
    rank = np.full(len(result.size), -1, dtype=np.int32)
    rank[ranked] = np.arange(len(ranked), dtype=np.int32)
    of_account = rank[result.of_account]
    table = picture.table
    members = _grouped(of_account, len(ranked))
    came, left = _grouped(of_account[table.dst], len(ranked)), _grouped(of_account[table.src], len(ranked))
    tied = _grouped(of_account[picture.identity.account], len(ranked))
    return [
        _found(_Group(picture, of_account, place, members[place], came[place], left[place], tied[place]), result, int(c), params, omitted, closed)
        for place, c in enumerate(ranked)
    ]  # fmt: skip


def _grouped(group: Int32, count: int) -> list[Int64]:
    """Positions of each group 0..count-1, ascending; -1 belongs to none."""
    rows = np.flatnonzero(group >= 0)
    rows = rows[np.argsort(group[rows], kind="stable")]
    return np.split(rows, np.searchsorted(group[rows], np.arange(1, count))) if count else []


class _Group:
    """The rows of one community: accounts, transfers in and out, identity ties."""

    def __init__(
        self, picture: Picture, of_account: Int32, place: int, accounts: Int64, came: Int64, left: Int64, tied: Int64
    ) -> None:
        table = picture.table
        self.picture, self.accounts, self.tied = picture, accounts, tied
        own = of_account[table.src[came]] == place
        self.inside = came[own & (table.src[came] != table.dst[came])]
        self.came_in = came[~own]
        self.went_out = left[of_account[table.dst[left]] != place]

    def shared(self) -> list[tuple[int, int]]:
        """(identifier, accounts of the group) shared by two or more, most shared first."""
        numbers, count = np.unique(self.picture.identity.identifier[self.tied], return_counts=True)
        most = np.lexsort((numbers, -count))
        return [(int(numbers[i]), int(count[i])) for i in most if count[i] > 1]


def _found(
    group: _Group, result: Communities, number: int, params: CommunityParams, omitted: list[str], closed: bool
) -> Found:
    picture, table = group.picture, group.picture.table
    rows = np.sort(np.concatenate([group.inside, group.came_in, group.went_out]))
    every = group.shared()
    shared = every[:MOST_IDENTIFIERS]
    money = _money(group)
    single = next(iter(money)) if len(money) == 1 else None
    evidence, passed = _evidence(group, params)
    people = account_members(picture, group.accounts, group.inside, params)
    passing = int(result.passing[number])
    return Found(
        title=_title(len(group.accounts), passing, len(shared), closed),
        score=float(result.score[number]),
        members=(*people, *_identifier_members(group, shared, params)),
        reasons=_reasons(result, number, params),
        against=_against(group, result, number),
        evidence_ids=table.transfer_ids(evidence),
        amount_minor=money[single]["inside"] if single else None,
        currency=single or ("MIXED" if money else None),
        starts_ms=int(table.at_ms[rows[0]]) if len(rows) else None,
        ends_ms=int(table.at_ms[rows[-1]]) if len(rows) else None,
        details={
            "accounts": len(group.accounts), "money_by_currency": money, "passing_accounts": passing,
            "transfers": {"inside": len(group.inside), "in": len(group.came_in), "out": len(group.went_out)},
            "grounds": {name: round(float(values[number]), 3) for name, values in result.grounds.items()},
            "inner_passed_share": round(float(result.inner_passed[number]), 3),
            "roles": _role_counts(people), "active_hours": _hours(group, params), "timezone": params.timezone,
            "modularity": round(result.modularity, 4),
            "omitted": [
                *omitted, *not_listed("transfers", passed, params.max_evidence), *not_listed("shared things", len(every), MOST_IDENTIFIERS),
            ],
        },
    )  # fmt: skip


def _title(accounts: int, passing: int, shared: int, closed: bool) -> str:
    counts = {"n": accounts, "passing": passing, "shared": shared}
    if closed:
        return say("Closed group of {n} accounts: {passing} pass money on, {shared} shared identifiers", **counts)
    return say("Community of {n} accounts: {passing} pass money on, {shared} shared identifiers", **counts)


def _role_counts(people: list[Member]) -> dict[str, int]:
    roles = [person.role for person in people]
    return {role: roles.count(role) for role in sorted(set(roles))}


def _money(group: _Group) -> dict[str, dict[str, int]]:
    """Minor units in, out and inside by currency; currencies are never added."""
    table, money = group.picture.table, {}
    for code, currency in enumerate(table.currencies):
        parts = {
            "in": table.received_minor[group.came_in[table.received_currency[group.came_in] == code]],
            "out": table.amount_minor[group.went_out[table.currency[group.went_out] == code]],
            "inside": table.amount_minor[group.inside[table.currency[group.inside] == code]],
        }
        if any(len(amounts) for amounts in parts.values()):
            # Python integers: a sum of amounts up to 10^18 may pass 64 bits.
            money[currency] = {name: sum(amounts.tolist()) for name, amounts in parts.items()}
    return money


def _evidence(group: _Group, params: CommunityParams) -> tuple[Int64, int]:
    """Rows inside the group that passed money on, the largest up to the limit in order of time; and how many there are."""
    flow = group.picture.flow
    share = np.maximum(flow.relayed[group.inside], flow.sourced[group.inside])
    passed = group.inside[share >= params.passed_share]
    largest = passed[np.argsort(-group.picture.units[passed], kind="stable")][: params.max_evidence]
    return np.sort(largest), len(passed)


def _hours(group: _Group, params: CommunityParams) -> list[int]:
    """Transfers inside the group by hour of the day, 24 counts, in the zone's offset at the group's last transfer."""
    at_ms = group.picture.table.at_ms[group.inside]
    if not len(at_ms):
        return [0] * 24
    last = datetime.fromtimestamp(int(at_ms[-1]) / 1000, tz=UTC).astimezone(ZoneInfo(params.timezone))
    offset = last.utcoffset()
    offset_ms = int(offset.total_seconds() * 1000) if offset else 0
    counts: list[int] = np.bincount(((at_ms + offset_ms) % DAY_MS) // HOUR_MS, minlength=24).tolist()
    return counts


def _identifier_members(group: _Group, shared: list[tuple[int, int]], params: CommunityParams) -> list[Member]:
    identity = group.picture.identity
    return [
        Member(
            identity.kinds[identity.identifier_kind[number]], identity.identifier_ids[number].as_py(), "shared_identifier",
            reason=say("Used by {n} accounts of the group, {total} in all", n=count, total=int(identity.degree[number])),
        )
        for number, count in shared if identity.degree[number] <= params.identity_cap
    ]  # fmt: skip


def _reasons(result: Communities, number: int, params: CommunityParams) -> tuple[str, ...]:
    size, hours = int(result.size[number]), params.window_s / 3600
    texts: dict[str, str] = {
        "passing": say(
            "{n} of {total} accounts passed on at least {share:.0%} of what they received within {hours:g} h",
            n=int(result.passing[number]), total=size, share=params.passed_share, hours=hours,
        ),
        "inner_passed": say(
            "{share:.0%} of the group's income came from members and was passed on within {hours:g} h",
            share=float(result.inner_passed[number]), hours=hours,
        ),
        "sharing": say(
            "{share:.0%} of the accounts share a phone, device, address or owner with two or more others of the group",
            share=float(result.sharing[number]),
        ),
        "fresh": say(
            "{share:.0%} of the accounts were opened at most {days} days before first use",
            share=float(result.fresh[number]), days=params.fresh_days,
        ),
    }  # fmt: skip
    strong = sorted(texts, key=lambda name: (-result.grounds[name][number], name))
    return tuple(texts[name] for name in strong if result.grounds[name][number] >= 0.02)


def _against(group: _Group, result: Communities, number: int) -> tuple[str, ...]:
    texts = list[str]()
    if not result.fresh[number]:
        texts.append(say("No account of the group is known to be new"))
    if not result.sharing[number]:
        texts.append(say("No three accounts of the group share a phone, device, address or owner"))
    idle = 1 - result.passing[number] / max(1, result.size[number])
    if idle > 0.5:
        texts.append(say("{share:.0%} of the accounts keep what they receive or receive little", share=float(idle)))
    crossing = len(group.came_in) + len(group.went_out)
    if crossing > 3 * max(1, len(group.inside)):
        texts.append(say("Most transfers of the members go to or come from outside the group"))
    return tuple(texts)
